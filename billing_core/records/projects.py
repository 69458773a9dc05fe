"""Projects and their milestones: reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, func, select, update

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.charge_states import ENDED
from billing_core.rules.nouns import Milestone, Project

_P = tables.projects
_M = tables.milestones
_C = tables.charges
_OWN = [column for column in _P.c if not column.name.startswith("chain_")]


def append(connection: Connection, project: Project) -> None:
    """Store a new project."""
    rows.add(connection, _P, asdict(project))


def save(connection: Connection, project: Project) -> None:
    """Overwrite a project's row."""
    rows.change(connection, _P, project.id, asdict(project))


def get(connection: Connection, project_id: str, *, lock: bool = False) -> Project:
    """The project, or NotFound; with ``lock`` nobody else may change it until the commit."""
    statement = select(*_OWN).where(_P.c.id == project_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("There is no such project.")
    return Project(**row._mapping)


def search(connection: Connection, customer_id: str | None, limit: int) -> list[Project]:
    """Projects, newest first."""
    statement = select(*_OWN).order_by(_P.c.created_at.desc()).limit(limit)
    if customer_id:
        statement = statement.where(_P.c.customer_id == customer_id)
    return [Project(**row._mapping) for row in connection.execute(statement)]


def append_milestone(connection: Connection, milestone: Milestone) -> None:
    """Store a new milestone."""
    rows.add(connection, _M, asdict(milestone))


def save_milestone(connection: Connection, milestone: Milestone) -> None:
    """Overwrite a milestone's row."""
    rows.change(connection, _M, milestone.id, asdict(milestone))


def get_milestone(connection: Connection, milestone_id: str, *, lock: bool = True) -> Milestone:
    """The milestone, locked until the commit, or NotFound with code MILESTONE_NOT_BILLABLE."""
    row = connection.execute(rows.by(_M, "id", lock=lock), {"id": milestone_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such milestone.", code="MILESTONE_NOT_BILLABLE")
    return Milestone(**row._mapping)


def milestones_of(connection: Connection, project_id: str) -> list[Milestone]:
    """A project's milestones in their order."""
    statement = select(_M).where(_M.c.project_id == project_id).order_by(_M.c.position).limit(500)
    return [Milestone(**row._mapping) for row in connection.execute(statement)]


def lock_milestones(connection: Connection, project_id: str) -> list[Milestone]:
    """As ``milestones_of``, and nobody else may change any of them until the commit."""
    locked = select(_M.c.id).where(_M.c.project_id == project_id).order_by(_M.c.id)
    connection.execute(locked.with_for_update()).all()
    return milestones_of(connection, project_id)


def arrange(connection: Connection, plan: Sequence[Milestone], *, known: set[str]) -> None:
    """Store all milestones of a project with their positions; ``known`` ones are there already.

    A position is taken once only, so all of them step aside before each takes its place.
    """
    for milestone in plan:
        if milestone.id in known:
            aside = update(_M).where(_M.c.id == milestone.id)
            connection.execute(aside.values(position=-milestone.position))
    for milestone in plan:
        (save_milestone if milestone.id in known else append_milestone)(connection, milestone)


def next_position(connection: Connection, project_id: str) -> int:
    """The position after the last milestone, from 1."""
    statement = select(func.coalesce(func.max(_M.c.position), 0)).where(
        _M.c.project_id == project_id
    )
    return int(connection.execute(statement).scalar_one()) + 1


def live_charges(connection: Connection, project_id: str) -> dict[str, tuple[str, str]]:
    """Milestone id → (charge id, charge state) of the live charges in a project."""
    statement = select(_C.c.milestone_id, _C.c.id, _C.c.state).where(
        _C.c.project_id == project_id,
        _C.c.milestone_id.is_not(None),
        _C.c.state.not_in(ENDED),
    )
    return {row.milestone_id: (row.id, row.state) for row in connection.execute(statement)}


def billed_minor(connection: Connection, project_id: str, *, without: str = "") -> int:
    """The line amounts of all live charges in a project but ``without``, in minor units."""
    statement = select(func.coalesce(func.sum(_C.c.line_minor), 0)).where(
        _C.c.project_id == project_id, _C.c.state.not_in(ENDED), _C.c.id != without
    )
    return int(connection.execute(statement).scalar_one())
