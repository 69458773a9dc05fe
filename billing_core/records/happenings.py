"""Facts of charges across all chains, the latest first, a page at a time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, or_, select

from billing_core.records import tables

_E, _C, _A = tables.events.c, tables.charges, tables.attempts.c


def page(
    connection: Connection,
    *,
    limit: int,
    after: tuple[str, int] | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    charge_id: str | None = None,
) -> list[Row[Any]]:
    """At most ``limit`` facts before the one at (stream, seq): each with its charge's columns."""
    statement = (
        select(_E.stream, _E.seq, _E.at, _E.canonical, _E.hash.label("event_hash"), _C)
        .join(_C, _C.c.id == _E.stream)
        .order_by(_E.at.desc(), _E.stream.desc(), _E.seq.desc())
        .limit(limit)
    )
    if charge_id is not None:
        statement = statement.where(_E.stream == charge_id)
    if since is not None:
        statement = statement.where(_E.at >= since)
    if until is not None:
        statement = statement.where(_E.at < until)
    if after is not None:
        statement = _before(connection, statement, *after)
    return list(connection.execute(statement))


def vias(connection: Connection, attempt_ids: list[str]) -> dict[str, str]:
    """Attempt id → by which way it tried to collect."""
    rows = connection.execute(select(_A.id, _A.via).where(_A.id.in_(attempt_ids)))
    return {row.id: row.via for row in rows}


def _before(connection: Connection, statement: Select[Any], stream: str, seq: int) -> Select[Any]:
    """What is older than one fact; nothing is older than a fact that is not there."""
    at = connection.execute(
        select(_E.at).where(_E.stream == stream, _E.seq == seq)
    ).scalar_one_or_none()
    if at is None:
        return statement.where(_E.stream.is_(None))
    earlier_here = and_(_E.stream == stream, _E.seq < seq)
    same_moment = and_(_E.at == at, or_(_E.stream < stream, earlier_here))
    return statement.where(or_(_E.at < at, same_moment))
