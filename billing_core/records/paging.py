"""Rows by pages: newest first by id, after an id, bounded. For callers that read everything.

Ids sort by age, so a page's last id says where the next one begins: rows that are added meanwhile
come before the first page and never move what follows.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, select

from billing_core.records import tables
from billing_core.rules.charge_states import ENDED

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Span:
    """From ``since`` on and before ``until``, by the moment in ``column``; None is no bound."""

    column: str
    since: datetime | None = None
    until: datetime | None = None


def page(
    connection: Connection,
    table: Table,
    *,
    limit: int,
    after: str = "",
    skip: int = 0,
    span: Span | None = None,
    **equal: str | bool | None,
) -> list[Row[Any]]:
    """At most ``limit`` rows older than the id ``after``, within ``span``; each of ``equal`` that
    is not None must hold."""
    statement = select(table).order_by(table.c.id.desc()).limit(limit)
    if after:
        statement = statement.where(table.c.id < after)
    if skip:
        statement = statement.offset(skip)
    if span and span.since:
        statement = statement.where(table.c[span.column] >= span.since)
    if span and span.until:
        statement = statement.where(table.c[span.column] < span.until)
    for name, value in equal.items():
        if value is not None:
            statement = statement.where(table.c[name] == value)
    return list(connection.execute(statement))


def find(connection: Connection, table: Table, row_id: str) -> Row[Any] | None:
    """One row by its id, without a lock."""
    return connection.execute(select(table).where(table.c.id == row_id)).one_or_none()


def live_of_milestones(connection: Connection, ids: list[str]) -> dict[str, tuple[str, str]]:
    """Milestone id → (charge id, charge state) of these milestones' live charges."""
    c = tables.charges.c
    statement = select(c.milestone_id, c.id, c.state).where(
        c.milestone_id.in_(ids), c.state.not_in(ENDED)
    )
    return {row.milestone_id: (row.id, row.state) for row in connection.execute(statement)}


def currencies_of_projects(connection: Connection, ids: list[str]) -> dict[str, str]:
    """Project id → currency."""
    c = tables.projects.c
    rows = connection.execute(select(c.id, c.currency).where(c.id.in_(ids)))
    return {row.id: row.currency for row in rows}


def contacts_of_customers(connection: Connection, ids: list[str]) -> dict[str, str | None]:
    """Customer id → external contact id."""
    c = tables.customers.c
    rows = connection.execute(select(c.id, c.contact_id).where(c.id.in_(ids)))
    return {row.id: row.contact_id for row in rows}


def as_noun(row: Row[Any], noun: type[T]) -> T:
    """A row as the noun whose fields are all columns of the same name."""
    return noun(**{f.name: row._mapping[f.name] for f in fields(noun)})  # type: ignore[arg-type]
