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
    with widgets.row(charge.id) as cells:
        cells.badge(wording.charge_badge(charge.state, overdue=row.overdue))
        if with_customer:
            cells.name(row.customer_name)
        cells.side(charge.invoice_number, 124)
        cells.text(charge.description)
        cells.side(widgets.day(charge.issued_on), 104)
        cells.amount(spoken.money(charge.total_minor, charge.currency))
        cells.action("Open", places.turn, "charges", charge=charge.id)
