"""Two ways into the database: one writes in whole turns, the other cannot write at all."""

from __future__ import annotations

import sqlite3
import threading
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from sqlalchemy import Connection, func, select, text
from sqlalchemy.exc import DBAPIError, StatementError

from billing_core import settings
from billing_core.errors import BillingError, BooksBroken
from billing_core.records import db, tables, work
from tests.conftest import opened_books

WRITES = [
    "INSERT INTO counters (kind, year, last) VALUES ('invoice', 2099, 1)",
    "UPDATE counters SET last = last + 1",
    "DELETE FROM counters",
    "CREATE TABLE mine (id INTEGER)",
    "CREATE TEMPORARY TABLE mine AS SELECT 1 AS one",
    "DROP TABLE counters",
    "ALTER TABLE counters ADD COLUMN more TEXT",
]


def counters() -> list[tuple[object, ...]]:
    """What the counters' table holds."""
    with db.read_only() as connection:
        return [tuple(row) for row in connection.execute(select(tables.counters))]


def count_up(connection: Connection) -> None:
    """Write one row of no importance."""
    connection.execute(text(WRITES[0]))


def count_up_and_fail(connection: Connection) -> None:
    """Write something, and then something that cannot be."""
    connection.execute(text(WRITES[1]))
    connection.execute(text("SELECT nothing FROM nowhere"))


def file_of(url: str) -> Path:
    """The file of an SQLite address."""
    return Path(url.removeprefix("sqlite:///"))


def test_begin_commits_and_rolls_back_as_a_whole(database: str) -> None:
    with db.begin() as connection:
        count_up(connection)
    assert counters() == [("invoice", 2099, 1)]
    with pytest.raises((DBAPIError, BillingError)), db.begin() as connection:
        count_up_and_fail(connection)
    assert counters() == [("invoice", 2099, 1)]


@pytest.mark.parametrize("statement", WRITES, ids=lambda s: " ".join(s.split()[:2]))
def test_read_only_cannot_write(database: str, statement: str) -> None:
    with db.begin() as connection:
        count_up(connection)
    with (
        pytest.raises(DBAPIError, match=r"readonly|read-only|cannot execute"),
        db.read_only() as connection,
    ):
        connection.execute(text(statement))
    assert counters() == [("invoice", 2099, 1)]


def test_read_only_looks_at_one_moment(database: str) -> None:
    total = select(func.count()).select_from(tables.counters)
    with db.read_only() as before:
        assert before.execute(total).scalar_one() == 0
        with db.begin() as connection:
            count_up(connection)
        assert before.execute(total).scalar_one() == 0, "a look sees one state of the books"
    assert len(counters()) == 1


def test_a_transaction_inside_another_is_a_defect(database: str) -> None:
    with db.begin() as connection:
        count_up(connection)
        with pytest.raises(BooksBroken), db.begin():
            pass
    with db.begin() as connection:
        connection.execute(text(WRITES[1]))
    assert counters() == [("invoice", 2099, 2)]


@pytest.mark.parametrize("reading", [True, False], ids=["reading", "writing"])
def test_sqlite_runs_as_promised(sqlite_books: str, reading: bool) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": db.BUSY_MS,
        "query_only": int(reading),
    }
    with (db.read_only if reading else db.begin)() as connection:
        found = {name: connection.execute(text(f"PRAGMA {name}")).scalar() for name in wanted}
    assert found == wanted


@pytest.mark.parametrize("pragma", ["synchronous=NORMAL", "foreign_keys=OFF"])
def test_less_durable_than_promised_stops_everything(sqlite_books: str, pragma: str) -> None:
    db.check_durability()
    raw = db.engine_for(sqlite_books, reading=False).raw_connection()
    raw.cursor().execute(f"PRAGMA {pragma}").close()
    raw.close()  # back into the pool, which hands it out next
    with pytest.raises(BooksBroken, match=pragma.partition("=")[0]):
        db.check_durability()


def test_durability_is_checked_on_postgres_too(database: str) -> None:
    db.check_durability()


def test_sqlite_takes_the_write_lock_at_the_beginning(sqlite_books: str) -> None:
    other = sqlite3.connect(file_of(sqlite_books), timeout=0, isolation_level=None)
    with db.begin(), pytest.raises(sqlite3.OperationalError, match="locked"):
        other.execute("BEGIN IMMEDIATE")
    with db.read_only() as connection:
        connection.execute(select(tables.counters)).all()
        other.execute("BEGIN IMMEDIATE")  # readers never stand in a writer's way
        other.execute("ROLLBACK")
    other.close()


def test_writers_of_many_threads_lose_nothing(database: str) -> None:
    with db.begin() as connection:
        count_up(connection)
    ready = threading.Barrier(6)

    def add() -> None:
        ready.wait()
        for _ in range(10):
            with db.begin() as connection:
                connection.execute(text(WRITES[1]))

    threads = [threading.Thread(target=add) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counters() == [("invoice", 2099, 61)]


def test_a_time_without_a_zone_never_reaches_the_database(database: str) -> None:
    naive = datetime(2026, 3, 16, 14, 0)  # noqa: DTZ001 - the defect this is about
    with pytest.raises(StatementError, match="without a zone"), db.begin() as connection:
        work.enqueue(connection, "sweep", "k", {}, due_at=naive)
    with pytest.raises(StatementError, match="without a zone"), db.read_only() as connection:
        connection.execute(select(tables.jobs).where(tables.jobs.c.due_at < naive))


def test_times_come_back_as_the_same_moment_in_utc(database: str) -> None:
    nepal = timezone(timedelta(hours=5, minutes=45))
    at = datetime(2026, 3, 16, 19, 45, 0, 123456, tzinfo=nepal)
    with db.begin() as connection:
        work.enqueue(connection, "sweep", "k", {}, due_at=at)
    with db.read_only() as connection:
        found = connection.execute(select(tables.jobs.c.due_at)).scalar_one()
        later = select(tables.jobs.c.id).where(
            tables.jobs.c.due_at > at - timedelta(microseconds=1)
        )
        assert connection.execute(later).first() is not None
        earlier = select(tables.jobs.c.id).where(tables.jobs.c.due_at < at)
        assert connection.execute(earlier).first() is None
    assert found == at
    assert found.tzinfo is UTC


def test_broken_text_is_read_as_it_is_only_where_it_is_asked_for(sqlite_books: str) -> None:
    with db.begin() as connection:
        count_up(connection)
        connection.execute(text("UPDATE counters SET kind = CAST(x'69ff6e' AS TEXT)"))
    with db.as_stored() as connection:
        assert connection.execute(select(tables.counters.c.kind)).scalar_one() == "i\udcffn"
    with pytest.raises(DBAPIError, match="UTF-8"), db.read_only() as connection:
        connection.execute(select(tables.counters.c.kind)).scalar_one()


def test_a_database_that_is_not_there_is_said_in_a_sentence(
    settings_env: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = "postgresql+psycopg://nobody:canary-password@127.0.0.1:1/none"
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", url)
    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", "s" * 40)
    settings.forget()
    with pytest.raises(BillingError) as failed, db.read_only():
        pass
    assert failed.value.code == "DATABASE_DOWN"
    assert failed.value.sentence.startswith("The database cannot be reached")
    assert "canary-password" not in failed.value.sentence
    db.forget()


def test_what_was_kept_is_gone_once_anybody_has_committed(sqlite_books: str) -> None:
    def kept() -> dict[str, object] | None:
        with db.read_only() as connection:
            return db.kept(connection)

    place = kept()
    assert place == {}
    place["seen"] = 1
    assert kept() is place
    with pytest.raises((DBAPIError, BillingError)), db.begin() as connection:
        count_up_and_fail(connection)
    assert kept() is place, "what was rolled back changed nothing"
    with sqlite3.connect(file_of(sqlite_books)) as somebody_else:
        somebody_else.execute(WRITES[0])
    assert kept() == {}
    somebody_else.close()


@pytest.mark.postgres
def test_nothing_is_kept_where_asking_costs_as_much_as_reading(postgres_url: str) -> None:
    with opened_books(postgres_url), db.read_only() as connection:
        assert db.kept(connection) is None
