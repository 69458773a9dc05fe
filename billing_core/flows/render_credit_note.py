"""The credit note as PDF: drawn from its frozen canonical form, the same bytes each time."""

from __future__ import annotations

from billing_core.documents.credit_note import credit_note_pdf
from billing_core.errors import NotFound
from billing_core.records import charges, db, refunds, rows


def render_credit_note(refund_id: str) -> bytes:
    """The credit note of a refund that arrived; NotFound before that."""
    with db.read_only() as connection:
        refund = refunds.get(connection, refund_id)
        invoice = rows.load(charges.get_canonical(connection, refund.charge_id))
    if refund.canonical is None or refund.settled_at is None:
        raise NotFound("There is no credit note: this refund has not arrived.")
    return credit_note_pdf(
        rows.load(refund.canonical),
        invoice,
        document_sha256=refund.document_sha256 or "",
        made_at=refund.settled_at,
    )
