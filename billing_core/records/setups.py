"""Set-ups: a client stores a payment method at the gateway. Reads and writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.nouns import Setup

_S = tables.setups


def append(connection: Connection, setup: Setup) -> None:
    """Store a new set-up."""
    rows.add(connection, _S, {n: getattr(setup, n) for n in Setup.__dataclass_fields__})


def change(connection: Connection, setup_id: str, **values: Any) -> None:
    """Change columns of a set-up whose customer the caller holds the lock of."""
    rows.change(connection, _S, setup_id, values)


def get(connection: Connection, setup_id: str) -> Setup:
    """The set-up, or NotFound."""
    row = connection.execute(rows.by(_S, "id"), {"id": setup_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such set-up.")
    return _of(row)


def find_by_reference(connection: Connection, reference: str) -> Setup | None:
    """The set-up behind a gateway's session."""
    row = connection.execute(select(_S).where(_S.c.reference == reference)).one_or_none()
    return None if row is None else _of(row)


def find_newest(connection: Connection, customer_id: str) -> Setup | None:
    """The set-up that a customer was asked for last."""
    theirs = select(_S).where(_S.c.customer_id == customer_id)
    row = connection.execute(theirs.order_by(_S.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else _of(row)


def open_before(connection: Connection, before: datetime, limit: int) -> list[Setup]:
    """Set-ups still open that were made before then, oldest first."""
    statement = (
        select(_S)
        .where(_S.c.state == "open", _S.c.created_at < before)
        .order_by(_S.c.created_at)
        .limit(limit)
    )
    return [_of(row) for row in connection.execute(statement)]


def _of(row: Row[Any]) -> Setup:
    return Setup(**row._mapping)
