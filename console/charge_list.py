"""Charges as rows, the same on every screen that lists them."""

from __future__ import annotations

from collections.abc import Sequence

from billing_core.documents import wording as spoken
from billing_core.reports import lists
from console import places, widgets, wording


def draw(found: Sequence[lists.ChargeRow], *, name: str, with_customer: bool = True) -> None:
    """``found`` as rows; each leads to its charge."""
    with widgets.rows(name):
        for row in found:
            _row(row, with_customer=with_customer)


def _row(row: lists.ChargeRow, *, with_customer: bool) -> None:
    charge = row.charge
    first = row.customer_name if with_customer else charge.invoice_number
    with widgets.row():
        widgets.badge_cell(wording.charge_badge(charge.state, overdue=row.overdue))
        widgets.cell(first, width=widgets.NAME_PX)
        number = f"{charge.invoice_number} · " if with_customer else ""
        widgets.cell(f"{number}{charge.description}")
        widgets.cell(widgets.day(charge.issued_on), width=120)
        widgets.amount_cell(spoken.money(charge.total_minor, charge.currency))
        widgets.action_cell(
            "Open", key=f"open:{charge.id}", go=places.turn, page="charges", charge=charge.id
        )
