"""The invoice as PDF: rendered once, by whoever needs it first, then only ever read.

Its digest goes into the chain with the bytes, and an approval holds it.
"""

from __future__ import annotations

from billing_core import clock
from billing_core.documents import pdf
from billing_core.records import blobs, charges, customers, db, evidence, rows
from billing_core.records.evidence import Fact
from billing_core.records.patience import repeatably
from billing_core.rules.evidence import Opening
from billing_core.rules.nouns import SYSTEM

PDF = "application/pdf"


@repeatably
def render_invoice(charge_id: str) -> bytes:
    """The one PDF of this charge's frozen invoice, made now if nobody needed it before."""
    with db.read_only() as connection:
        charge = charges.get(connection, charge_id)
        stored = blobs.find(connection, charge.pdf_sha256) if charge.pdf_sha256 else None
        canonical = charges.get_canonical(connection, charge_id)
    if stored is not None:
        return stored
    made = pdf.invoice_pdf(rows.load(canonical), document_sha256=charge.document_sha256)
    with db.begin() as connection:
        charge = charges.lock(connection, charge_id)
        if charge.pdf_sha256 is not None:
            kept = blobs.find(connection, charge.pdf_sha256)
            assert kept is not None
            return kept
        sha256 = blobs.put(connection, made, PDF)
        charges.change(connection, charge_id, pdf_sha256=sha256)
        payload = {
            "document_sha256": charge.document_sha256,
            "pdf_sha256": sha256,
            "bytes": len(made),
        }
        evidence.append(connection, charge_id, Fact("invoice.rendered", SYSTEM, payload))
    return made


def read_pdf(charge_id: str) -> bytes | None:
    """The stored PDF, or None when it was not needed yet."""
    with db.read_only() as connection:
        charge = charges.get(connection, charge_id)
        return blobs.find(connection, charge.pdf_sha256) if charge.pdf_sha256 else None


def render_void(charge_id: str) -> bytes:
    """The paper that takes a voided invoice back; the invoice's own bytes stay as they were."""
    with db.read_only() as connection:
        charge = charges.get(connection, charge_id)
        document = rows.load(charges.get_canonical(connection, charge_id))
        zone = customers.get(connection, charge.customer_id).time_zone
        successor = charges.get(connection, charge.revised_by) if charge.revised_by else None
        why = _last_reason(evidence.openings_of(connection, charge_id))
    ended = (charge.ended_at or clock.now()).astimezone(clock.zone(zone)).date()
    return pdf.cancellation_pdf(
        document,
        document_sha256=charge.document_sha256,
        cancelled_on=ended,
        reason=why,
        replaced_by=successor.invoice_number if successor else "",
    )


def _last_reason(openings: list[Opening]) -> str:
    reasons = [o.value for o in openings if o.path == "/payload/reason"]
    return reasons[-1] if reasons else ""
