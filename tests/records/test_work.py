"""Jobs: added once, taken under a lease by one worker, taken over when that one is gone."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from billing_core import clock
from billing_core.records import db, tables, work
from tests.conftest import START, Clock


def add(key: str, *, after: float = 0, kind: str = "send_mail", **payload: str) -> None:
    """A job that is due ``after`` seconds from now."""
    with db.begin() as connection:
        due_at = clock.now() + timedelta(seconds=after)
        work.enqueue(connection, kind, key, {"key": key} | payload, due_at=due_at)


def take(worker: str = "one", limit: int = 10) -> list[work.Job]:
    """What a worker gets."""
    with db.begin() as connection:
        return work.take(connection, worker, limit)


def keys_of(jobs: list[work.Job]) -> list[str]:
    """The jobs' keys, which their payloads repeat."""
    return [job.payload["key"] for job in jobs]


def stored(key: str) -> dict[str, object]:
    """A job's row."""
    with db.read_only() as connection:
        found = connection.execute(select(tables.jobs).where(tables.jobs.c.key == key)).one()
        return dict(found._mapping)


def test_a_key_is_added_once_and_the_first_one_stays(database: str, driven_clock: Clock) -> None:
    add("a", mail="first")
    add("a", mail="second", kind="sweep", after=99)
    (job,) = take()
    assert (job.kind, job.payload, job.attempts) == (
        "send_mail",
        {"key": "a", "mail": "first"},
        1,
    )
    with db.begin() as connection:
        assert work.finish(connection, job)
    add("a", mail="third")
    assert take() == [], "what was done is not done again"


def test_a_job_belongs_to_the_transaction_that_adds_it(database: str, driven_clock: Clock) -> None:
    class Gone(Exception):
        pass

    try:
        with db.begin() as connection:
            work.enqueue(connection, "sweep", "a", {})
            raise Gone
    except Gone:
        assert take() == []


def test_due_jobs_are_taken_in_their_order(database: str, driven_clock: Clock) -> None:
    for key, after in (("third", 30), ("first", 10), ("second", 20), ("later", 500)):
        add(key, after=after)
    assert take() == []
    driven_clock.advance(seconds=100)
    assert keys_of(take(limit=2)) == ["first", "second"]
    assert keys_of(take("two")) == ["third"]
    assert keys_of(take("two")) == []


def test_a_lease_holds_for_thirty_seconds_and_then_falls(
    database: str, driven_clock: Clock
) -> None:
    add("a")
    (job,) = take("one")
    assert stored("a")["leased_until"] == START + timedelta(seconds=30)
    driven_clock.advance(seconds=30)
    assert take("two") == [], "the lease is not over yet"
    driven_clock.advance(seconds=0.001)
    (again,) = take("two")
    assert (again.id, again.attempts) == (job.id, 2)
    assert stored("a")["leased_by"] == "two"
    assert take("one") == []


def test_finished_and_buried_jobs_are_never_taken_again(database: str, driven_clock: Clock) -> None:
    for key in ("done", "dead"):
        add(key)
    done, dead = take()
    with db.begin() as connection:
        assert work.finish(connection, done)
        assert work.bury(connection, dead, "The mail server refused it.")
    driven_clock.advance(days=365)
    assert take() == []
    assert stored("done")["done_at"] == START
    assert stored("dead")["dead_at"] == START
    assert stored("dead")["error"] == "The mail server refused it."
    assert [stored(key)["leased_by"] for key in ("done", "dead")] == [None, None]


@pytest.mark.parametrize("how", ["finish", "repeat", "postpone", "bury"])
def test_a_worker_that_lost_its_lease_closes_nothing(
    database: str, driven_clock: Clock, how: str
) -> None:
    add("a")
    (slow,) = take("slow")
    driven_clock.advance(seconds=31)
    (mine,) = take("quick")
    before = stored("a")
    due_at = clock.now() + timedelta(seconds=5)
    with db.begin() as connection:
        ways = {
            "finish": lambda job: work.finish(connection, job),
            "repeat": lambda job: work.repeat(connection, job, due_at=due_at),
            "postpone": lambda job: work.postpone(connection, job, due_at=due_at, error="no"),
            "bury": lambda job: work.bury(connection, job, "no"),
        }
        assert not ways[how](slow)
    assert stored("a") == before
    with db.begin() as connection:
        assert work.finish(connection, mine)
        assert not work.finish(connection, mine), "it is over: nothing closes it twice"


def test_a_late_worker_whose_job_nobody_took_may_still_end_it(
    database: str, driven_clock: Clock
) -> None:
    add("a")
    (job,) = take()
    driven_clock.advance(hours=1)
    with db.begin() as connection:
        assert work.finish(connection, job)
    assert take("two") == []


def test_a_postponed_job_comes_back_and_counts_its_tries(
    database: str, driven_clock: Clock
) -> None:
    add("a")
    for tried in (1, 2, 3):
        (job,) = take()
        assert job.attempts == tried
        with db.begin() as connection:
            due_at = clock.now() + timedelta(seconds=60)
            work.postpone(connection, job, due_at=due_at, error=f"no {tried}")
        assert take() == []
        assert stored("a")["error"] == f"no {tried}"
        driven_clock.advance(seconds=60)


def test_a_standing_job_starts_counting_anew(database: str, driven_clock: Clock) -> None:
    add("a")
    for _ in range(3):
        (job,) = take()
        assert job.attempts == 1
        with db.begin() as connection:
            work.repeat(connection, job, due_at=clock.now() + timedelta(seconds=30))
        assert take() == []
        driven_clock.advance(seconds=30)


def test_cancelling_takes_waiting_jobs_by_prefix_to_the_letter(
    database: str, driven_clock: Clock
) -> None:
    for key in ("remind:sc_1:3", "remind:sc_1:7", "remind:scX1:3", "remind:sc_10:3", "Remind:sc_1"):
        add(key)
    with db.begin() as connection:
        work.cancel(connection, "remind:sc_1:")
    assert sorted(keys_of(take())) == ["Remind:sc_1", "remind:scX1:3", "remind:sc_10:3"]
    assert stored("remind:sc_1:3")["error"] == "cancelled"


def test_hastening_makes_a_waiting_job_due_and_nothing_else(
    database: str, driven_clock: Clock
) -> None:
    for key in ("a", "ab", "done"):
        add(key, after=100)
    with db.begin() as connection:
        work.cancel(connection, "done")
        work.hasten(connection, "a")
        work.hasten(connection, "done")
        work.hasten(connection, "unknown")
    assert keys_of(take()) == ["a"]


def test_the_next_due_moment_leaves_out_what_is_held_or_over(
    database: str, driven_clock: Clock
) -> None:
    def due() -> object:
        with db.read_only() as connection:
            return work.next_due(connection)

    assert due() is None
    add("later", after=500)
    add("soon", after=5)
    assert due() == START + timedelta(seconds=5)
    driven_clock.advance(seconds=5)
    take()
    assert due() == START + timedelta(seconds=500)
    driven_clock.advance(seconds=31)
    assert due() == START + timedelta(seconds=5), "the worker that held it is gone"
    with db.begin() as connection:
        work.cancel(connection, "soon")
        work.cancel(connection, "later")
    assert due() is None


def test_two_workers_at_once_never_get_the_same_job(database: str, driven_clock: Clock) -> None:
    """The second asks while the first has not committed: it gets the other job, or waits."""
    add("a")
    add("b")
    got: list[work.Job] = []

    def second() -> None:
        with clock.driven(START):
            got.extend(take("two", limit=1))

    asking = threading.Thread(target=second)
    with db.begin() as connection:
        mine = work.take(connection, "one", 1)
        asking.start()
        if not db.is_sqlite(connection):
            asking.join(timeout=20)
            assert got, "PostgreSQL skips what is locked and waits for nobody"
    asking.join(timeout=20)
    assert sorted(keys_of(mine) + keys_of(got)) == ["a", "b"]


def test_many_workers_do_each_job_once(database: str, driven_clock: Clock) -> None:
    for number in range(30):
        add(f"job {number:02}")
    got: list[str] = []

    def worker(name: str) -> None:
        with clock.driven(START):
            while found := take(name, limit=2):
                got.extend(keys_of(found))

    workers = [threading.Thread(target=worker, args=(f"w{n}",)) for n in range(4)]
    for thread in workers:
        thread.start()
    for thread in workers:
        thread.join()
    assert sorted(got) == [f"job {number:02}" for number in range(30)]


def test_signs_of_life(database: str, driven_clock: Clock) -> None:
    def last(worker: str | None = None) -> object:
        with db.read_only() as connection:
            return work.last_beat(connection, worker)

    assert last() is None
    for name, seconds in (("one", 0), ("two", 5), ("one", 5)):
        driven_clock.advance(seconds=seconds)
        with db.begin() as connection:
            work.beat(connection, name)
    assert last("one") == last() == START + timedelta(seconds=10)
    assert last("two") == START + timedelta(seconds=5)
    assert last("three") is None
