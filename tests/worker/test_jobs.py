"""The worker: retries with a bound, burials that a person sees, and the standing sweep (I11)."""

from __future__ import annotations

import contextvars
import threading
from datetime import UTC, datetime, timedelta

import pytest

from billing_core import clock, jobs, settings
from billing_core.errors import BooksBroken
from billing_core.flows.check_health import check_health
from billing_core.records import db, work
from billing_core.reports.needs import needs_me_now
from tests import books as seeded_books
from tests.conftest import Clock
from tests.flows import breaking, watching
from tests.flows.visiting import fired, id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def _enqueue(kind: str, key: str, **payload: str) -> None:
    with db.begin() as connection:
        work.enqueue(connection, kind, key, payload)


def _job(key: str) -> dict[str, object]:
    (row,) = watching.rows("jobs", "key = :key", key=key)
    return row


def _due_in_s(key: str) -> float:
    due = datetime.fromisoformat(str(_job(key)["due_at"])).replace(tzinfo=UTC)
    return (due - clock.now()).total_seconds()


# --- retries and burials


def _failing_mail() -> str:
    """A mail whose composing fails in a way that may pass: its table cannot be written."""
    charge = fired()
    breaking.refuse("mails", what="UPDATE", saying="cannot be written")
    return f"mail:{watching.mails_of(id_of(charge))[0].id}"


def test_retries_wait_longer_each_time_and_end(driven_clock: Clock) -> None:
    key = _failing_mail()
    waits = []
    for _ in range(jobs.MOST_TRIES - 1):
        jobs.drain()
        waits.append(_due_in_s(key))
        driven_clock.advance(seconds=waits[-1])
    wanted = [min(2.0**n, 900.0) for n in range(1, jobs.MOST_TRIES)]
    assert all(0.75 * w <= got <= 1.25 * w for w, got in zip(wanted, waits, strict=True)), waits
    assert _job(key)["dead_at"] is None
    jobs.drain()
    dead = _job(key)
    assert (dead["dead_at"] is not None, dead["attempts"]) == (True, jobs.MOST_TRIES)
    assert "cannot be written" in str(dead["error"])
    before = _job(key)
    driven_clock.advance(days=1)
    jobs.drain()
    assert _job(key) == before, "what is dead is left to a person"


def test_a_person_is_told_of_what_died() -> None:
    _enqueue("remind_client", "lost", charge="sc_nobody", days="3")
    jobs.drain()
    assert _job("lost")["dead_at"] is not None
    (need,) = needs_me_now()
    assert (need.kind, need.state) == ("job_dead", "failed")
    assert "no such charge" in need.detail


def test_a_job_nobody_knows_is_buried_and_others_go_on() -> None:
    _enqueue("of_the_future", "odd")
    charge = fired()
    jobs.drain()
    assert _job("odd")["dead_at"] is not None
    assert [mail.state for mail in watching.mails_of(id_of(charge))] == ["kept"]


def test_a_job_that_breaks_in_an_unforeseen_way_takes_nobody_along(driven_clock: Clock) -> None:
    """Its invoice is damaged, the mistake is ours: the worker lives, the job waits, then dies."""
    charge, other = fired(), seeded_books.fire(seeded_books.seed(email="other@example.com"))
    watching.write(
        "UPDATE invoices SET canonical = 'null' WHERE charge_id = :charge", charge=id_of(charge)
    )
    for _ in range(jobs.MOST_TRIES):
        jobs.drain()
        driven_clock.advance(minutes=30)
    assert watching.mails_of(id_of(other))[0].state == "kept"
    broken = _job(f"mail:{watching.mails_of(id_of(charge))[0].id}")
    assert (broken["done_at"], broken["dead_at"] is not None) == (None, True)
    assert "TypeError" in str(broken["error"])


def test_broken_books_stop_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one thing nobody catches."""

    def broken(job: work.Job) -> None:
        raise BooksBroken(f"{job.kind}: the books do not balance.")

    monkeypatch.setitem(jobs._KINDS, "sweep", broken)
    with pytest.raises(BooksBroken):
        jobs.drain()
    with pytest.raises(BooksBroken), clock.driven(clock.now() + timedelta(minutes=1)):
        jobs.run_worker(threading.Event())


# --- the standing sweep


def test_the_sweep_is_planned_once_and_comes_back(driven_clock: Clock) -> None:
    for _ in range(3):
        jobs.drain()
    (sweep,) = watching.rows("jobs", "kind = 'sweep'")
    assert _due_in_s("standing:sweep") == 30
    driven_clock.advance(seconds=30)
    assert jobs.drain() == 1
    assert watching.rows("jobs", "kind = 'sweep'")[0]["id"] == sweep["id"]
    assert _due_in_s("standing:sweep") == 30


def test_the_sweep_settles_what_every_hint_was_lost_of(driven_clock: Clock) -> None:
    charge = fired()
    seeded_books.pay(tab(charge).approve())
    watching.write("DELETE FROM jobs")
    driven_clock.advance(seconds=91)
    jobs.drain()
    assert seeded_books.charge(id_of(charge)).state == "captured"
    with watching.watched() as wall:
        assert wall.inner.balance() == watching.cash()


def test_the_sweep_outlives_whatever_it_finds(driven_clock: Clock) -> None:
    """The gateway has lost one payment: the sweep goes on with the others, today and tomorrow."""
    lost = fired()
    tab(lost).approve()
    (settings.load().data_dir / "sandbox.db").unlink()
    seeded = seeded_books.seed(email="other@example.com")
    other = seeded_books.fire(seeded)
    seeded_books.pay(tab(other).approve())
    watching.write("DELETE FROM jobs WHERE kind <> 'sweep'")
    driven_clock.advance(seconds=91)
    jobs.drain()
    assert seeded_books.charge(id_of(other)).state == "captured"
    assert _job("standing:sweep")["dead_at"] is None
    watching.write("ALTER TABLE attempts RENAME TO attempts_gone")
    for _ in range(jobs.MOST_TRIES + 2):
        driven_clock.advance(minutes=20)
        jobs.drain()
    watching.write("ALTER TABLE attempts_gone RENAME TO attempts")
    assert _job("standing:sweep")["dead_at"] is None, "it is never buried"
    driven_clock.advance(minutes=20)
    jobs.drain()
    assert _job("standing:sweep")["error"] == ""


# --- alive


def test_a_worker_runs_until_it_is_told_to_stop_and_gives_signs_of_life() -> None:
    assert (check_health().worker_age_s, check_health().ready) == (None, False)
    charge = fired()
    stop, done = threading.Event(), threading.Event()

    def run() -> None:
        jobs.run_worker(stop)
        done.set()

    thread = threading.Thread(target=contextvars.copy_context().run, args=(run,))
    thread.start()
    try:
        for _ in range(200):
            if watching.mails_of(id_of(charge))[0].state == "kept":
                break
            threading.Event().wait(0.05)
    finally:
        stop.set()
        thread.join(timeout=10)
    assert done.is_set()
    assert watching.mails_of(id_of(charge))[0].state == "kept"
    health = check_health()
    assert (health.database, health.ready, health.mail) == (True, True, "outbox")
    assert health.worker_age_s == 0


def test_a_silent_worker_is_not_ready(driven_clock: Clock) -> None:
    jobs.drain()
    driven_clock.advance(seconds=59)
    assert check_health().ready
    driven_clock.advance(seconds=2)
    assert not check_health().ready
