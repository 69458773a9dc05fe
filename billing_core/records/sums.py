"""Sums over charges that screens need at once: one grouped statement each."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from billing_core.records import tables

_C = tables.charges


def by_customer(connection: Connection, customer_ids: list[str]) -> dict[str, list[Row[Any]]]:
    """Customer id → rows (state, currency, total_minor, charges)."""
    statement = (
        select(
            _C.c.customer_id,
            _C.c.state,
            _C.c.currency,
            func.sum(_C.c.total_minor).label("total_minor"),
            func.count().label("charges"),
        )
        .where(_C.c.customer_id.in_(customer_ids))
        .group_by(_C.c.customer_id, _C.c.state, _C.c.currency)
    )
    found: dict[str, list[Row[Any]]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.customer_id, []).append(row)
    return found


def exists(connection: Connection, table_name: str) -> bool:
    """True when the named table has a row at all."""
    table = tables.meta.tables[table_name]
    return connection.execute(select(1).select_from(table).limit(1)).first() is not None
