"""PostgreSQL at its worst: restarted, dead-locked, unserializable, silent about a commit."""

from __future__ import annotations

import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from billing_core import settings
from billing_core.errors import AlreadyDone, BillingError, EvidenceUnwritable
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.fire_charge import Fired, fire_charge
from billing_core.records import db, patience
from billing_core.rules.nouns import Actor
from tests import books
from tests.races import audit, reckoning
from tests.races.counts import COUNTS
from tests.races.figures import tell
from tests.races.restless import Line, line_to
from tests.races.town import Town
from tests.support import postgres

pytestmark = pytest.mark.postgres
ROBOT = Actor("key", "key_a", "a robot")


@pytest.fixture
def url(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of fresh PostgreSQL books that are open."""
    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", "a secret of the tests, long enough to be taken")
    _open(postgres_url, monkeypatch)
    yield postgres_url
    db.forget()


def _open(url: str, patch: pytest.MonkeyPatch) -> None:
    patch.setenv("COUNTERSIGN_DATABASE_URL", url)
    settings.forget()


def _plain(url: str) -> str:
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _fire(seeded: books.Seeded, number: int, *, key: str | None) -> Fired:
    command = FireCommand(seeded.customer, seeded.item, "50.00", description=f"Order {number}")
    return fire_charge(command, actor=ROBOT, origin="api", key=key)


def test_a_deadlock_is_tried_again(url: str) -> None:
    seeded = books.seed()
    with (
        psycopg.connect(_plain(url)) as other,
        psycopg.connect(_plain(url), autocommit=True) as watch,
        ThreadPoolExecutor(1) as threads,
    ):
        # the other one waits for ever: it is the flow's transaction that the server ends
        other.execute("SET deadlock_timeout = '10min'")
        other.execute("SELECT 1 FROM items WHERE id = %s FOR UPDATE", [seeded.item])
        other.execute("SELECT 1 FROM enrolments FOR UPDATE")
        waiting = threads.submit(partial(_fire, seeded, 1, key="order 1"))
        _wait_for_a_waiter(watch)
        other.execute("SELECT 1 FROM customers WHERE id = %s FOR UPDATE", [seeded.customer])
        other.commit()
        assert waiting.result(60).charge is not None
        assert (
            _one(watch, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
            == 1
        )
    assert len(audit.charges()) == 1
    audit.check_books()


def _wait_for_a_waiter(watch: psycopg.Connection[Any]) -> None:
    """Until some transaction of this database waits for a lock."""
    asked = (
        "SELECT count(*) FROM pg_stat_activity "
        "WHERE datname = current_database() AND wait_event_type = 'Lock'"
    )
    pause = threading.Event()
    for _ in range(1200):
        if _one(watch, asked):
            return
        pause.wait(0.05)
    raise AssertionError("nobody waits for a lock")


def _one(connection: psycopg.Connection[Any], statement: str) -> Any:
    row = connection.execute(statement).fetchone()  # type: ignore[arg-type]
    assert row is not None
    return row[0]


@pytest.mark.parametrize("state", ["40001", "40P01", "55P03"])
def test_a_lost_race_is_tried_again_a_bounded_number_of_times(url: str, state: str) -> None:
    seeded = books.seed()
    with psycopg.connect(_plain(url), autocommit=True) as server:
        _fail_first(server, state, times=3)
        assert _fire(seeded, 1, key=None).charge is not None
        assert _one(server, "SELECT last_value FROM tries") == 4
        _fail_first(server, state, times=1000)
        with pytest.raises(DBAPIError):
            _fire(seeded, 2, key="order 2")
        assert _one(server, "SELECT last_value FROM tries") == 5
        server.execute("DROP TRIGGER failing ON charges")
    assert len(audit.charges()) == 1
    assert _fire(seeded, 2, key="order 2").charge is not None
    audit.check_books()


def _fail_first(server: psycopg.Connection[Any], state: str, *, times: int) -> None:
    """The first ``times`` inserts of a charge fail with ``state``; a sequence never rolls back."""
    server.execute("DROP TRIGGER IF EXISTS failing ON charges")
    server.execute("DROP SEQUENCE IF EXISTS tries")
    server.execute("CREATE SEQUENCE tries")
    server.execute(
        "CREATE OR REPLACE FUNCTION fail() RETURNS trigger AS $$ BEGIN "
        f"IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'lost' USING ERRCODE = '{state}'; "
        "END IF; RETURN NEW; END $$ LANGUAGE plpgsql"
    )
    server.execute(
        "CREATE TRIGGER failing BEFORE INSERT ON charges FOR EACH ROW EXECUTE FUNCTION fail()"
    )


@pytest.fixture
def line(url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """The books are reached through a line that can be cut."""
    address = make_url(url)
    with (
        tempfile.TemporaryDirectory(prefix="cs-line-") as folder,
        line_to(Path(str(address.query["host"])), Path(folder)) as made,
    ):
        db.forget()
        through = address.set(query={**address.query, "host": folder})
        _open(through.render_as_string(hide_password=False), monkeypatch)
        yield made
        db.forget()


def test_a_commit_whose_answer_is_lost_is_read_back_by_its_key(line: Line) -> None:
    seeded = books.seed()
    for number in range(COUNTS.duels):
        line.lose_commits(1)
        fired = _fire(seeded, number, key=f"order {number}")
        assert fired.charge is not None
        assert fired.replay, "the second try found what the first had done"
    assert line.lost == COUNTS.duels
    assert len(audit.charges()) == COUNTS.duels
    audit.check_books()


def test_without_a_key_a_lost_answer_is_said_and_not_tried_again(line: Line) -> None:
    seeded = books.seed()
    line.lose_commits(1)
    with pytest.raises((DBAPIError, BillingError)):
        _fire(seeded, 1, key=None)
    assert len(audit.charges()) == 1, "it happened once, and the caller knows that it may have"


def test_what_committed_once_is_not_run_again_because_a_later_look_failed(url: str) -> None:
    seeded, runs = books.seed(), []

    @patience.patiently
    def flow(*, key: str | None) -> None:
        runs.append(key)
        _fire(seeded, len(runs), key=None)
        raise BillingError("The database cannot be reached.", code="DATABASE_DOWN")

    with pytest.raises(BillingError, match="cannot be reached"):
        flow(key=None)
    assert len(runs) == len(audit.charges()) == 1


def test_an_approval_whose_answer_is_lost_is_made_once(line: Line) -> None:
    seeded = books.seed()
    for number in range(COUNTS.duels):
        fired = books.fire(seeded, f"{number + 20}.00", f"Phase {number}")
        assert fired.charge is not None
        # the paper, the approval, the attempt: another commit's answer is lost each time
        line.lose_commits(number % 4 + 1)
        with suppress(AlreadyDone, EvidenceUnwritable):
            books.approve(books.token(fired), method="saved")
        line.lose_commits(0)
        books.settle(fired.charge.id)
        audit.check_one_capture(fired.charge.id)
    assert line.lost >= COUNTS.duels
    audit.check_books()


def test_a_crash_of_the_server_amid_everything_loses_and_doubles_nothing(
    settings_env: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    binaries = postgres.debian_binaries()
    binaries, copied = binaries or postgres.wheel_binaries(), binaries is None
    with postgres.started(binaries, copy=copied, durable=True) as server:
        monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", "a secret of the tests, long enough")
        _open(server.database(server.create()), monkeypatch)
        _migrate()
        town = Town(books.seed(), tmp_path, seed=5)
        try:
            for _ in range(COUNTS.restarts):
                town.work_for(1.5)
                server.crash()
            town.work_for(1.5)
            told = town.finish()
        finally:
            town.close()
        reckoning.check_town(told, allowed=frozenset({503}))
        tell(
            f"PostgreSQL: {COUNTS.restarts} crashes of the server, {len(told.paid)} orders paid "
            "meanwhile, 0 lost, 0 doubled"
        )
        db.forget()


def _migrate() -> None:
    from billing_core.flows.upgrade_db import upgrade_db

    upgrade_db()
