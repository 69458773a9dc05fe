"""Disputes of charges: reads and writes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, func, select

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.nouns import Dispute

_D = tables.disputes
_UNDECIDED = ("open", "under_review")


def append(connection: Connection, dispute: Dispute) -> None:
    """Store a new dispute; the caller holds the charge's lock."""
    rows.add(connection, _D, {n: getattr(dispute, n) for n in Dispute.__dataclass_fields__})


def change(connection: Connection, dispute_id: str, **values: Any) -> None:
    """Change columns of a dispute whose charge the caller holds the lock of."""
    rows.change(connection, _D, dispute_id, values)


def get(connection: Connection, dispute_id: str) -> Dispute:
    """The dispute, or NotFound."""
    row = connection.execute(rows.by(_D, "id"), {"id": dispute_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such dispute.")
    return of(row)


def find_by_reference(connection: Connection, reference: str) -> Dispute | None:
    """The dispute behind a gateway's object."""
    row = connection.execute(select(_D).where(_D.c.reference == reference)).one_or_none()
    return None if row is None else of(row)


def of_charge(connection: Connection, charge_id: str) -> list[Dispute]:
    """All disputes of a charge, oldest first."""
    statement = select(_D).where(_D.c.charge_id == charge_id).order_by(_D.c.opened_at).limit(200)
    return [of(row) for row in connection.execute(statement)]


def undecided(connection: Connection, limit: int) -> list[Dispute]:
    """Disputes that are not decided, the nearest deadline first."""
    statement = (
        select(_D).where(_D.c.status.in_(_UNDECIDED)).order_by(_D.c.due_by, _D.c.id).limit(limit)
    )
    return [of(row) for row in connection.execute(statement)]


def decided(connection: Connection, limit: int) -> list[Dispute]:
    """Disputes that ended, the latest first."""
    ended = select(_D).where(_D.c.status.not_in(_UNDECIDED))
    latest = ended.order_by(_D.c.closed_at.desc(), _D.c.id).limit(limit)
    return [of(row) for row in connection.execute(latest)]


def is_contested(connection: Connection, charge_id: str) -> bool:
    """True while a chargeback of the charge is undecided; an inquiry does not count."""
    found = select(_D.c.id).where(
        _D.c.charge_id == charge_id, _D.c.kind == "chargeback", _D.c.status.in_(_UNDECIDED)
    )
    return connection.execute(found).first() is not None


def held_minor(connection: Connection, charge_id: str) -> int:
    """What disputes keep of a charge, decided against us or not decided, in minor units (I10)."""
    statement = select(func.coalesce(func.sum(_D.c.held_minor), 0)).where(
        _D.c.charge_id == charge_id
    )
    return int(connection.execute(statement).scalar_one())


def of(row: Row[Any]) -> Dispute:
    """A row as the noun."""
    return Dispute(**row._mapping)
