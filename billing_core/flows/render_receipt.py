"""The receipt as PDF: drawn from the frozen invoice and the revenue row, the same each time."""

from __future__ import annotations

from billing_core.documents import pdf
from billing_core.errors import NotFound
from billing_core.flows.write_mail import receipt_facts
from billing_core.records import charges, db, rows


def render_receipt(charge_id: str) -> bytes:
    """The receipt of a paid charge; NotFound while it is not paid."""
    with db.read_only() as connection:
        canonical = charges.get_canonical(connection, charge_id)
        facts = receipt_facts(connection, charges.get(connection, charge_id))
    if facts is None:
        raise NotFound("There is no receipt: this invoice is not paid.")
    return pdf.receipt_pdf(rows.load(canonical), payment=facts)
