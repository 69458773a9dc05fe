"""Invoices, receipts and mails made from templates. Never a decision about money."""
