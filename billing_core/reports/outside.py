"""What a person should look at, and how our books and the gateway's compare."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing_core import clock
from billing_core.records import concerns, db, reconciliations, work
from billing_core.records.concerns import Concern

__all__ = ["Concern", "Round", "latest_round", "to_look_at"]

MOST = 50


@dataclass(frozen=True, slots=True)
class Round:
    """The latest round of reconciliation. ``state`` is never, asked, running, done or broken off;
    ``step`` is what it does now. Differences (ledger − gateway) in minor units by currency,
    ``waiting`` the part that the gateway has not booked yet."""

    state: str
    step: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    looked_at: int = 0
    changed: tuple[str, ...] = ()
    differences: tuple[tuple[str, int], ...] = ()
    waiting: tuple[tuple[str, int], ...] = ()
    problem: str = ""


def to_look_at() -> tuple[Concern, ...]:
    """What a person should look at, but for parked news, which stands apart; latest first."""
    with db.read_only() as connection:
        found = concerns.open_ones(connection, 10 * MOST)
    return tuple(each for each in found if each.kind != "message_parked")[:MOST]


def latest_round() -> Round:
    """Read from the books; while a worker is at it, with the step that it is at."""
    with db.read_only() as connection:
        latest = reconciliations.latest(connection)
        asked = work.is_waiting(connection, "reconcile_now")
    if latest is not None and reconciliations.is_under_way(latest, clock.now()):
        step = str((latest.result or {}).get("step") or "")
        return Round("running", step=step, started_at=latest.started_at)
    if asked:
        return Round("asked")
    if latest is None:
        return Round("never")
    if latest.finished_at is None:
        return Round("broken off", started_at=latest.started_at)
    result: dict[str, Any] = latest.result or {}
    return Round(
        state="done",
        started_at=latest.started_at,
        finished_at=latest.finished_at,
        looked_at=int(result.get("looked_at") or 0),
        changed=tuple(result.get("changed") or ()),
        differences=tuple((result.get("differences") or {}).items()),
        waiting=tuple((result.get("waiting") or {}).items()),
        problem=latest.problem,
    )
