"""The database itself: two ways in. ``begin`` writes, ``read_only`` looks and cannot write.

SQLite: WAL, synchronous=FULL, foreign keys, BEGIN IMMEDIATE, all checked at start (I7).
PostgreSQL: READ COMMITTED with row locks for writing, a read-only snapshot for looking.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import DBAPIError, OperationalError, SQLAlchemyError

from billing_core import settings
from billing_core.errors import BillingError, BooksBroken
from billing_core.records import failures, patience, turns

__all__ = [
    "SQLAlchemyError",
    "as_stored",
    "begin",
    "check_durability",
    "forget",
    "hurried",
    "is_sqlite",
    "kept",
    "read_only",
]

BUSY_MS = 10_000
_writing: ContextVar[bool] = ContextVar("countersign_writing", default=False)
_hurried: ContextVar[bool] = ContextVar("countersign_hurried", default=False)
_KEPT = "countersign kept"
_POOL = {"pool_size": 8, "max_overflow": 8, "pool_timeout": 10}


@lru_cache(maxsize=8)
def engine_for(url: str, *, reading: bool) -> Engine:
    """The engine of one database address and one way in, made once per process."""
    if url.startswith("sqlite"):
        return _sqlite(url, reading=reading)
    if reading:
        return create_engine(
            url,
            pool_pre_ping=True,
            hide_parameters=True,
            execution_options={"isolation_level": "REPEATABLE READ", "postgresql_readonly": True},
            **_POOL,
        )
    return create_engine(url, pool_pre_ping=True, hide_parameters=True, **_POOL)


@contextmanager
def begin() -> Iterator[Connection]:
    """One short writing transaction; rolls back on any exception. No network inside.

    Writers of one SQLite file take turns; a transaction inside a transaction is a defect.
    """
    if _writing.get():
        raise BooksBroken("A writing transaction was begun inside another one.")
    token = _writing.set(True)
    try:
        with (
            turns.taken(settings.load().database),
            _connect(reading=False) as connection,
            connection.begin(),
        ):
            yield connection
        patience.note_commit()
    finally:
        _writing.reset(token)


@contextmanager
def read_only() -> Iterator[Connection]:
    """One consistent look at the books; a write inside it fails."""
    with _connect(reading=True) as connection, connection.begin():
        yield connection


def kept(connection: Connection) -> dict[str, Any] | None:
    """A place for what was read inside ``read_only``, empty again once anybody has committed.

    SQLite says so in one step that costs less than any read. None on PostgreSQL: keep nothing.
    """
    if not is_sqlite(connection):
        return None
    raw: Any = connection.connection.driver_connection
    (version,) = raw.execute("PRAGMA data_version").fetchone()
    found: tuple[int, dict[str, Any]] | None = connection.info.get(_KEPT)
    if found is None or found[0] != version:
        found = connection.info[_KEPT] = (version, {})
    return found[1]


@contextmanager
def as_stored() -> Iterator[Connection]:
    """Like ``read_only``, for looking at what may have been tampered with.

    SQLite gives text that is no UTF-8 any more with a lone surrogate for each broken byte, so that
    what is broken can be named and matches no hash, where an ordinary read would only fail.
    """
    with read_only() as connection:
        if not is_sqlite(connection):
            yield connection
            return
        raw: Any = connection.connection.driver_connection
        raw.text_factory = lambda data: data.decode("utf-8", "surrogateescape")
        try:
            yield connection
        finally:
            raw.text_factory = str


@contextmanager
def hurried() -> Iterator[None]:
    """Connections opened in here commit to SQLite without waiting for the disk.

    A power cut may take everything along: only for books that are made anew and mean nothing until
    they are whole (the demo). Close them with ``forget`` before leaving.
    """
    token = _hurried.set(True)
    try:
        yield
    finally:
        _hurried.reset(token)


def is_sqlite(connection: Connection) -> bool:
    """True on SQLite, where BEGIN IMMEDIATE already holds the only write lock."""
    return connection.dialect.name == "sqlite"


def forget() -> None:
    """Close every pooled connection (tests, restore, another database)."""
    for url in (settings.load().database,):
        for reading in (True, False):
            engine_for(url, reading=reading).dispose()
    engine_for.cache_clear()


def check_durability() -> None:
    """BooksBroken unless SQLite runs with the pragmas that I7 rests on."""
    with begin() as connection:
        if not is_sqlite(connection):
            return
        wanted: dict[str, Any] = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        for pragma, value in wanted.items():
            found = connection.execute(text(f"PRAGMA {pragma}")).scalar_one()
            if found != value:
                raise BooksBroken(f"SQLite runs with {pragma}={found}, {value} is needed.")


@contextmanager
def _connect(*, reading: bool) -> Iterator[Connection]:
    try:
        connection = engine_for(settings.load().database, reading=reading).connect()
    except OperationalError as error:
        raise _down(error) from error
    try:
        with connection:
            yield connection
    except DBAPIError as error:
        if failures.is_not_upgraded(error):
            raise BillingError(failures.NOT_UPGRADED, code="BOOKS_NOT_UPGRADED") from error
        if patience.is_broken(error):
            # a look changes nothing, so it does not matter how far it came
            raise (_down(error) if reading else _lost(error)) from error
        raise


def _lost(error: DBAPIError) -> BillingError:
    return BillingError(
        f"The connection to the database broke, and what was asked for may have been done: "
        f"{error.orig}.",
        code="DATABASE_LOST",
    )


def _down(error: DBAPIError) -> BillingError:
    return BillingError(f"The database cannot be reached: {error.orig}.", code="DATABASE_DOWN")


def _sqlite(url: str, *, reading: bool) -> Engine:
    made = create_engine(
        url,
        # a logged statement must not print the names and addresses in it (I14)
        hide_parameters=True,
        connect_args={"check_same_thread": False, "timeout": BUSY_MS / 1000},
        **_POOL,
    )
    opening = "BEGIN" if reading else "BEGIN IMMEDIATE"

    def prepare(raw: sqlite3.Connection, _record: object) -> None:
        raw.isolation_level = None
        waits = "OFF" if _hurried.get() else "FULL"
        pragmas = ["journal_mode=WAL", f"synchronous={waits}", "foreign_keys=ON"]
        pragmas.append("temp_store=MEMORY")
        for pragma in [
            f"busy_timeout={BUSY_MS}",
            *pragmas,
            *(["query_only=ON"] if reading else []),
        ]:
            raw.execute(f"PRAGMA {pragma}").close()

    def open_transaction(connection: Connection) -> None:
        connection.exec_driver_sql(opening)

    event.listen(made, "connect", prepare)
    event.listen(made, "begin", open_transaction)
    return made
