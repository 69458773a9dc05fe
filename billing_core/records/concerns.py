"""What a person should look at, outside any charge's own state: reads and writes.

One row per kind and thing; said again it is not doubled, and once settled it can come back.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from billing_core import clock, ids
from billing_core.errors import NotFound
from billing_core.records import rows, tables

_T = tables.concerns


@dataclass(frozen=True, slots=True)
class Concern:
    """One thing to look at; ``about`` names it, ``sentence`` says what is wrong."""

    id: str
    kind: str
    about: str
    charge_id: str | None
    sentence: str
    first_at: datetime
    last_at: datetime


def raise_up(
    connection: Connection, kind: str, about: str, sentence: str, *, charge_id: str | None = None
) -> None:
    """Have a person look at ``about``."""
    now = clock.now()
    values = {
        "id": ids.new_id("cn"),
        "kind": kind,
        "about": about[:200],
        "charge_id": charge_id,
        "sentence": sentence,
        "first_at": now,
        "last_at": now,
    }
    if not rows.insert_new(connection, _T, values):
        connection.execute(
            update(_T)
            .where(_T.c.kind == kind, _T.c.about == about[:200])
            .values(sentence=sentence, charge_id=charge_id, last_at=now, resolved_at=None)
        )


def settle(connection: Connection, kind: str, about: str) -> None:
    """It is well again, or somebody looked."""
    connection.execute(
        update(_T)
        .where(_T.c.kind == kind, _T.c.about == about[:200], _T.c.resolved_at.is_(None))
        .values(resolved_at=clock.now())
    )


def get(connection: Connection, concern_id: str) -> Concern:
    """An open concern by its id, or NotFound."""
    columns = [_T.c[name] for name in Concern.__dataclass_fields__]
    statement = select(*columns).where(_T.c.id == concern_id, _T.c.resolved_at.is_(None))
    row = connection.execute(statement).one_or_none()
    if row is None:
        raise NotFound("This was looked at already.")
    return Concern(**row._mapping)


def find(connection: Connection, kind: str, about: str) -> Concern | None:
    """The open concern about this, or None."""
    columns = [_T.c[name] for name in Concern.__dataclass_fields__]
    statement = select(*columns).where(_T.c.kind == kind, _T.c.about == about[:200])
    row = connection.execute(statement.where(_T.c.resolved_at.is_(None))).one_or_none()
    return None if row is None else Concern(**row._mapping)


def open_ones(connection: Connection, limit: int) -> list[Concern]:
    """What nobody has settled yet, the latest first."""
    columns = [_T.c[name] for name in Concern.__dataclass_fields__]
    statement = (
        select(*columns)
        .where(_T.c.resolved_at.is_(None))
        .order_by(_T.c.last_at.desc())
        .limit(limit)
    )
    return [Concern(**row._mapping) for row in connection.execute(statement)]
