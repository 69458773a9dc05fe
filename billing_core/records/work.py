"""Jobs and the workers that take them: reads and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, func, or_, select, update

from billing_core import clock, ids
from billing_core.records import rows, tables

_J = tables.jobs
LEASE_S = 30
# built once: every worker asks twice a second, and building takes longer than asking
_DUE = (
    select(_J.c.id, _J.c.kind, _J.c.payload, _J.c.attempts)
    .where(_J.c.done_at.is_(None), _J.c.dead_at.is_(None), _J.c.due_at <= bindparam("now"))
    .where(or_(_J.c.leased_until.is_(None), _J.c.leased_until < bindparam("now")))
    .order_by(_J.c.due_at)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_LAST_BEAT = select(func.max(tables.heartbeats.c.beat_at))
_LAST_BEAT_OF = _LAST_BEAT.where(tables.heartbeats.c.worker == bindparam("worker"))
_NEXT_DUE = (
    select(func.min(_J.c.due_at))
    .where(_J.c.done_at.is_(None), _J.c.dead_at.is_(None))
    .where(or_(_J.c.leased_until.is_(None), _J.c.leased_until < bindparam("now")))
)
_OURS = (
    update(_J)
    .where(_J.c.id == bindparam("job"), _J.c.leased_by == bindparam("worker"))
    .where(_J.c.done_at.is_(None), _J.c.dead_at.is_(None))
    .values(leased_until=None, leased_by=None)
)
_LEASE = (
    update(_J)
    .where(_J.c.id.in_(bindparam("taken", expanding=True)))
    .values(leased_until=bindparam("until"), leased_by=bindparam("worker"))
    .values(attempts=_J.c.attempts + 1)
)
_CANCEL = (
    update(_J)
    .where(_J.c.key.like(bindparam("like"), escape="/"), _J.c.done_at.is_(None))
    .values(done_at=bindparam("now"), error="cancelled", leased_until=None, leased_by=None)
)


@dataclass(frozen=True, slots=True)
class Job:
    """One piece of work, taken under a lease by ``worker``; ``attempts`` counts this one too."""

    id: str
    kind: str
    payload: dict[str, str]
    attempts: int
    worker: str


@dataclass(frozen=True, slots=True)
class New:
    """One piece of work to be added, under a key that nothing had before."""

    kind: str
    key: str
    payload: dict[str, str]
    due_at: datetime


@dataclass(frozen=True, slots=True)
class DeadJob:
    """One piece of work that was given up, and why."""

    id: str
    kind: str
    payload: dict[str, str]
    error: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One piece of work still to do; ``error`` is what its last try said, ``leased_until`` while a
    worker holds it."""

    id: str
    kind: str
    due_at: datetime
    attempts: int
    error: str
    leased_until: datetime | None


def enqueue(
    connection: Connection,
    kind: str,
    key: str,
    payload: dict[str, str],
    *,
    due_at: datetime | None = None,
) -> None:
    """Add a job in the caller's transaction; the same key is added once."""
    rows.insert_new(connection, _J, _values(New(kind, key, payload, due_at or clock.now())))


def enqueue_new(connection: Connection, jobs: Sequence[New]) -> None:
    """Add jobs whose keys are new, all at once."""
    if jobs:
        rows.add(connection, _J, *map(_values, jobs))


def _values(job: New) -> dict[str, Any]:
    return {
        "id": ids.new_id("jb"),
        "kind": job.kind,
        "key": job.key,
        "payload": rows.dump(job.payload),
        "due_at": job.due_at,
        "attempts": 0,
        "error": "",
    }


def take(connection: Connection, worker: str, limit: int) -> list[Job]:
    """Due jobs nobody holds, now leased to ``worker`` for LEASE_S seconds."""
    now = clock.now()
    found = [
        Job(row.id, row.kind, rows.load(row.payload), row.attempts + 1, worker)
        for row in connection.execute(_DUE, {"now": now, "most": limit})
    ]
    if found:
        until = now + timedelta(seconds=LEASE_S)
        taken = [job.id for job in found]
        connection.execute(_LEASE, {"taken": taken, "until": until, "worker": worker})
    return found


def finish(connection: Connection, job: Job) -> bool:
    """The job is done. False, and nothing is changed, when another worker holds it by now."""
    return _close(connection, job, done_at=clock.now(), error="")


def postpone(
    connection: Connection, job: Job, *, due_at: datetime, error: str, most_tries: int | None = None
) -> bool:
    """The job failed and is tried again at ``due_at``; False as in ``finish``.

    With ``most_tries`` it counts no more tries than these, however often it waited.
    """
    tries = job.attempts if most_tries is None else min(job.attempts, most_tries)
    return _close(connection, job, due_at=due_at, attempts=tries, error=error)


def repeat(connection: Connection, job: Job, *, due_at: datetime) -> bool:
    """A standing job did its round; the next one is at ``due_at`` and starts counting anew.

    False as in ``finish``.
    """
    return _close(connection, job, due_at=due_at, attempts=0, error="")


def bury(connection: Connection, job: Job, error: str) -> bool:
    """The job failed for good; Operations shows it until a person looks. False as in ``finish``."""
    return _close(connection, job, dead_at=clock.now(), error=error)


def bury_key(connection: Connection, key: str, error: str) -> None:
    """What the job with this key was for has failed for good, whoever found out."""
    connection.execute(
        update(_J)
        .where(_J.c.key == key, _J.c.done_at.is_(None), _J.c.dead_at.is_(None))
        .values(dead_at=clock.now(), error=error, leased_until=None, leased_by=None)
    )


def dead(connection: Connection, limit: int) -> list[DeadJob]:
    """Jobs that were given up, the latest first; not those that have become needless since."""
    statement = (
        select(_J.c.id, _J.c.kind, _J.c.payload, _J.c.error)
        .where(_J.c.dead_at.is_not(None), _J.c.done_at.is_(None))
        .order_by(_J.c.dead_at.desc())
        .limit(limit)
    )
    return [
        DeadJob(row.id, row.kind, rows.load(row.payload), row.error)
        for row in connection.execute(statement)
    ]


def revive(connection: Connection, job_id: str) -> bool:
    """A dead job is due again, its tries counted anew; False when it is not dead (any more)."""
    revived = connection.execute(
        update(_J)
        .where(_J.c.id == job_id, _J.c.dead_at.is_not(None), _J.c.done_at.is_(None))
        .values(dead_at=None, due_at=clock.now(), attempts=0, leased_until=None, leased_by=None)
    )
    return revived.rowcount == 1


def upcoming(connection: Connection, limit: int) -> list[Waiting]:
    """Jobs that are neither done nor dead, the next one first."""
    statement = (
        select(_J.c.id, _J.c.kind, _J.c.due_at, _J.c.attempts, _J.c.error, _J.c.leased_until)
        .where(_J.c.done_at.is_(None), _J.c.dead_at.is_(None))
        .order_by(_J.c.due_at)
        .limit(limit)
    )
    return [Waiting(**row._mapping) for row in connection.execute(statement)]


def is_waiting(connection: Connection, kind: str) -> bool:
    """True while a job of this kind is neither done nor dead."""
    waiting = (_J.c.kind == kind) & _J.c.done_at.is_(None) & _J.c.dead_at.is_(None)
    return connection.execute(select(_J.c.id).where(waiting).limit(1)).first() is not None


def cancel(connection: Connection, prefix: str) -> None:
    """Drop waiting jobs whose key starts with ``prefix`` (a voided charge's reminders)."""
    escaped = prefix.replace("/", "//").replace("%", "/%").replace("_", "/_")
    connection.execute(_CANCEL, {"like": f"{escaped}%", "now": clock.now()})


def hasten(connection: Connection, key: str) -> None:
    """Make the waiting job with this key due now."""
    waiting = (_J.c.key == key) & _J.c.done_at.is_(None) & _J.c.dead_at.is_(None)
    connection.execute(update(_J).where(waiting).values(due_at=clock.now()))


def next_due(connection: Connection) -> datetime | None:
    """When the next job that nobody holds is due, or None."""
    return connection.execute(_NEXT_DUE, {"now": clock.now()}).scalar_one_or_none()


def beat(connection: Connection, worker: str) -> None:
    """This worker is alive."""
    rows.upsert(connection, tables.heartbeats, {"worker": worker, "beat_at": clock.now()})


def last_beat(connection: Connection, worker: str | None = None) -> datetime | None:
    """When this worker, or any, was last alive."""
    if worker is None:
        return connection.execute(_LAST_BEAT).scalar_one_or_none()
    return connection.execute(_LAST_BEAT_OF, {"worker": worker}).scalar_one_or_none()


def _close(connection: Connection, job: Job, **values: Any) -> bool:
    """A worker that was slower than its lease has lost the job: its word counts no more."""
    closed = connection.execute(_OURS, {"job": job.id, "worker": job.worker} | values)
    return closed.rowcount == 1
