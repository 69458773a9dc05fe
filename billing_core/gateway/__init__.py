"""The outside in our words: payment gateways, mail, webhooks. Never a table."""
