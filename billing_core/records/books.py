"""Revenue rows and ledger postings: appended, never changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from billing_core import clock, ids
from billing_core.records import rows, tables
from billing_core.rules.ledger import Posting
from billing_core.rules.nouns import Revenue

_R = tables.revenue
_P = tables.postings
_OF_CHARGE = rows.by(_R, "charge_id").order_by(_R.c.recorded_at).limit(200)


def append_revenue(connection: Connection, revenue: Revenue) -> None:
    """Store what was collected; the database allows one capture per charge."""
    rows.add(connection, _R, asdict(revenue))


def append_postings(
    connection: Connection,
    postings: Sequence[Posting],
    *,
    event: str,
    charge_id: str | None,
    booked_at: datetime,
) -> None:
    """Store one balanced set of postings."""
    if not postings:
        return
    set_id, recorded_at = ids.new_id("ps"), clock.now()
    rows.add(
        connection,
        _P,
        *(
            {
                "id": ids.new_id("po"),
                "set_id": set_id,
                "charge_id": charge_id,
                "event": event,
                "account": p.account,
                "amount_minor": p.amount_minor,
                "currency": p.currency,
                "booked_at": booked_at,
                "recorded_at": recorded_at,
            }
            for p in postings
        ),
    )


def revenue_of(connection: Connection, charge_id: str) -> list[Revenue]:
    """A charge's revenue rows in the order they were booked."""
    found = connection.execute(_OF_CHARGE, {"charge_id": charge_id})
    return [Revenue(**row._mapping) for row in found]


def balances(connection: Connection) -> list[Row[Any]]:
    """Per account and currency: (account, currency, balance_minor)."""
    statement = (
        select(_P.c.account, _P.c.currency, func.sum(_P.c.amount_minor).label("balance_minor"))
        .group_by(_P.c.account, _P.c.currency)
        .order_by(_P.c.account, _P.c.currency)
    )
    return list(connection.execute(statement))


def unbalanced_sets(connection: Connection, limit: int = 20) -> list[str]:
    """Ids of posting sets that do not sum to zero per currency; none in sound books."""
    statement = (
        select(_P.c.set_id)
        .group_by(_P.c.set_id, _P.c.currency)
        .having(func.sum(_P.c.amount_minor) != 0)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())
