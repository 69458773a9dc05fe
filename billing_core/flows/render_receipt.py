"""The receipt as PDF: drawn from the frozen invoice and the revenue row, the same each time."""

from __future__ import annotations

from billing_core.documents import pdf
from billing_core.errors import NotFound
from billing_core.records import books, charges, db, evidence, rows

_MONEY_IN = ("capture", "payment")
_PAID = ("charge.captured", "payment.recorded")


def render_receipt(charge_id: str) -> bytes:
    """The receipt of a paid charge; NotFound while it is not paid."""
    with db.read_only() as connection:
        canonical = charges.get_canonical(connection, charge_id)
        paid = [r for r in books.revenue_of(connection, charge_id) if r.kind in _MONEY_IN]
        seals = [e.hash for e in evidence.of_stream(connection, charge_id) if e.kind in _PAID]
    if not paid:
        raise NotFound("There is no receipt: this invoice is not paid.")
    facts = pdf.ReceiptFacts(
        paid_at=paid[0].booked_at,
        method=paid[0].method,
        reference=paid[0].reference,
        amount_minor=paid[0].gross_minor,
        seal=seals[0] if seals else "",
    )
    return pdf.receipt_pdf(rows.load(canonical), payment=facts)
