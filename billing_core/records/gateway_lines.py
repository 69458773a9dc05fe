"""The lines of a gateway's own books that are about our charges, each booked once."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from billing_core import clock
from billing_core.records import rows, tables
from billing_core.rules.nouns import Line

_L = tables.lines
_P = tables.postings


def take(connection: Connection, line: Line, charge_id: str) -> bool:
    """Note that this line is booked; False when it was before (then it must not be again)."""
    values = {
        "id": line.id,
        "kind": line.kind,
        "amount_minor": line.amount_minor,
        "fee_minor": line.fee_minor,
        "currency": line.currency,
        "source": line.source,
        "payment_reference": line.payment_reference,
        "charge_id": charge_id,
        "booked_at": line.booked_at,
        "recorded_at": clock.now(),
    }
    return rows.insert_new(connection, _L, values)


def is_taken(connection: Connection, line_id: str) -> bool:
    """True when the line is booked."""
    return connection.execute(select(_L.c.id).where(_L.c.id == line_id)).first() is not None


def totals(connection: Connection) -> dict[str, int]:
    """Per currency the net of all booked lines in minor units: the gateway's view of our cash."""
    net = func.sum(_L.c.amount_minor - _L.c.fee_minor)
    found = connection.execute(select(_L.c.currency, net).group_by(_L.c.currency))
    return {currency: int(total) for currency, total in found}
