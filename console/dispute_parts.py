"""Disputes as rows: the same words for one on its charge and for all of them."""

from __future__ import annotations

from collections.abc import Sequence

from billing_core.documents import wording as spoken
from billing_core.reports.contested import Contested
from billing_core.rules.nouns import Dispute
from console import places, widgets, wording


def draw(found: Sequence[Contested], *, name: str) -> None:
    """One row each; it leads to its charge, where the evidence is."""
    with widgets.rows(name):
        for row in found:
            dispute = row.dispute
            with widgets.row(dispute.id) as cells:
                cells.badge(wording.DISPUTE[dispute.status])
                cells.name(row.customer_name)
                cells.side(row.invoice_number, 124)
                cells.text(f"{words(dispute)}. {deadline(dispute)}")
                cells.amount(spoken.money(dispute.amount_minor, dispute.currency))
                cells.action("Open", places.turn, "charges", charge=row.charge_id)


def words(dispute: Dispute) -> str:
    """What it is, and what the bank says for it."""
    kind = "Inquiry" if dispute.kind == "inquiry" else "Chargeback"
    return f"{kind}: {dispute.reason.replace('_', ' ')}"


def deadline(dispute: Dispute) -> str:
    """Until when an answer counts, in the operator's own time zone; or when it ended."""
    if dispute.closed_at is not None:
        return f"Closed {widgets.moment(dispute.closed_at)}"
    if dispute.due_by is None:
        return "No deadline was told."
    return f"Answer by {widgets.moment(dispute.due_by)}"
