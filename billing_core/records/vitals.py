"""The vital signs of the books, for `doctor`: revision, durability, counts, clocks. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alembic.migration import MigrationContext
from sqlalchemy import Connection, func, select, text

from billing_core.records import db, tables
from billing_core.rules.charge_states import ALIVE

_A, _J, _M, _H = tables.attempts, tables.jobs, tables.mails, tables.heartbeats
#: What I7 rests on, by kind of database: setting → the value it must have.
_SQLITE = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
_POSTGRES = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
_STRICTER = frozenset({"remote_write", "remote_apply"})


@dataclass(frozen=True, slots=True)
class Vitals:
    """What was found. ``weak`` are durability settings with the wrong value, as ``name=value``;
    ``newest`` is the latest moment in the books, ``its_clock`` the database server's own,
    ``dead_because`` what the job that died last said."""

    kind: str
    version: str
    weak: tuple[str, ...]
    its_clock: datetime | None
    newest: datetime | None
    dead_jobs: int
    dead_because: str
    failed_mails: int
    old_attempts: int
    last_beat: datetime | None


def revision(connection: Connection) -> str:
    """The revision of the schema, "" for books that were never made."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def read(connection: Connection, *, open_since: datetime) -> Vitals:
    """Everything at once. ``open_since``: attempts started before it are counted as old."""
    sqlite = db.is_sqlite(connection)
    waiting = (_A.c.outcome.in_(ALIVE)) & (_A.c.started_at < open_since)
    return Vitals(
        kind="SQLite" if sqlite else "PostgreSQL",
        version=_text(connection, "SELECT sqlite_version()" if sqlite else "SHOW server_version"),
        weak=_weak(connection, sqlite=sqlite),
        its_clock=None if sqlite else connection.execute(text("SELECT clock_timestamp()")).scalar(),
        newest=_newest(connection),
        dead_jobs=_count(connection, _J, _J.c.dead_at.is_not(None)),
        dead_because=_last_words(connection),
        failed_mails=_count(connection, _M, _M.c.state == "failed"),
        old_attempts=_count(connection, _A, waiting),
        last_beat=connection.execute(select(func.max(_H.c.beat_at))).scalar(),
    )


def _weak(connection: Connection, *, sqlite: bool) -> tuple[str, ...]:
    found = []
    for name, wanted in (_SQLITE if sqlite else _POSTGRES).items():
        value = _text(connection, f"PRAGMA {name}" if sqlite else f"SHOW {name}")
        if value != wanted and value not in _STRICTER:
            found.append(f"{name}={value}")
    return tuple(found)


def _newest(connection: Connection) -> datetime | None:
    """The latest moment that this installation itself wrote down."""
    moments = (tables.charges.c.fired_at, _J.c.done_at, _M.c.queued_at, _H.c.beat_at)
    found = [connection.execute(select(func.max(column))).scalar() for column in moments]
    return max((moment for moment in found if moment is not None), default=None)


def _last_words(connection: Connection) -> str:
    statement = select(_J.c.kind, _J.c.error).order_by(_J.c.dead_at.desc()).limit(1)
    row = connection.execute(statement.where(_J.c.dead_at.is_not(None))).one_or_none()
    return f"{row.kind}: {row.error}" if row else ""


def _count(connection: Connection, table: Any, condition: Any) -> int:
    statement = select(func.count()).select_from(table).where(condition)
    return int(connection.execute(statement).scalar_one())


def _text(connection: Connection, statement: str) -> str:
    return str(connection.execute(text(statement)).scalar_one())
