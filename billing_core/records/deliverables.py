"""What milestones delivered: reads and writes. The bytes themselves are in ``blobs``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, select, update

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.nouns.catalogue import Deliverable

_D = tables.deliverables
_OWN = [_D.c[field.name] for field in fields(Deliverable)]
_KEPT = select(*_OWN).where(_D.c.dropped_at.is_(None)).order_by(_D.c.added_at, _D.c.id)
#: More than any project has: twenty to a milestone.
_MOST = 10_000


def append(connection: Connection, deliverable: Deliverable) -> None:
    """Store a new one."""
    rows.add(connection, _D, asdict(deliverable))


def get(connection: Connection, deliverable_id: str) -> Deliverable:
    """The deliverable, dropped ones too, or NotFound."""
    row = connection.execute(select(*_OWN).where(_D.c.id == deliverable_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such deliverable.")
    return Deliverable(**row._mapping)


def of_milestone(connection: Connection, milestone_id: str) -> list[Deliverable]:
    """What a milestone delivered, in the order added, without what was dropped."""
    return of_milestones(connection, [milestone_id]).get(milestone_id, [])


def of_milestones(
    connection: Connection, milestone_ids: Sequence[str]
) -> dict[str, list[Deliverable]]:
    """Milestone id → what it delivered, in the order added."""
    found: dict[str, list[Deliverable]] = {}
    statement = _KEPT.where(_D.c.milestone_id.in_(milestone_ids)).limit(_MOST)
    for row in connection.execute(statement):
        found.setdefault(row.milestone_id, []).append(Deliverable(**row._mapping))
    return found


def drop(connection: Connection, deliverable_id: str, at: datetime) -> None:
    """Take it off the milestone; invoices that name it keep it, and its bytes stay."""
    dropped = update(_D).where(_D.c.id == deliverable_id, _D.c.dropped_at.is_(None))
    connection.execute(dropped.values(dropped_at=at))
