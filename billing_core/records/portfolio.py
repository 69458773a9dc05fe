"""Plans and charges of several projects at once, for the milestone reports. Reads only."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, or_, select

from billing_core.records import charges as charge_rows
from billing_core.records import tables
from billing_core.rules.nouns import Charge, Milestone, Project

_P, _M, _C, _U = tables.projects, tables.milestones, tables.charges, tables.customers
_OWN = [column for column in _P.c if not column.name.startswith("chain_")]
#: More than a portfolio of two hundred projects holds; what lies beyond is not shown.
MOST_ROWS = 20_000


def search(
    connection: Connection,
    *,
    project_id: str | None = None,
    customer_id: str | None = None,
    text: str = "",
    limit: int = 200,
) -> list[tuple[Project, str]]:
    """Projects, newest first, each with the name its customer is billed as."""
    statement = (
        select(*_OWN, _U.c.name.label("who"), _U.c.company.label("company"))
        .join(_U, _U.c.id == _P.c.customer_id)
        .order_by(_P.c.created_at.desc(), _P.c.id)
        .limit(limit)
    )
    if project_id:
        statement = statement.where(_P.c.id == project_id)
    if customer_id:
        statement = statement.where(_P.c.customer_id == customer_id)
    if text:
        columns = (_P.c.name, _P.c.number, _P.c.po_number, _U.c.name, _U.c.company)
        statement = statement.where(or_(*(c.icontains(text, autoescape=True) for c in columns)))
    return [
        (Project(**{column.name: row._mapping[column] for column in _OWN}), row.company or row.who)
        for row in connection.execute(statement)
    ]


def milestones(connection: Connection, project_ids: Sequence[str]) -> dict[str, list[Milestone]]:
    """Project id → its milestones in their order."""
    statement = (
        select(_M)
        .where(_M.c.project_id.in_(project_ids))
        .order_by(_M.c.project_id, _M.c.position)
        .limit(MOST_ROWS)
    )
    found: dict[str, list[Milestone]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.project_id, []).append(Milestone(**row._mapping))
    return found


def charges(connection: Connection, project_ids: Sequence[str]) -> dict[str, list[Charge]]:
    """Project id → all its charges in the order fired, ended ones included."""
    statement = (
        select(_C)
        .where(_C.c.project_id.in_(project_ids))
        .order_by(_C.c.fired_at, _C.c.id)
        .limit(MOST_ROWS)
    )
    found: dict[str, list[Charge]] = {}
    for row in connection.execute(statement):
        found.setdefault(row.project_id, []).append(charge_rows.of(row))
    return found
