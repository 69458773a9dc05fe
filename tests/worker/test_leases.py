"""Leases: what is taken over, what a late worker may still say, who buries a deadly job (I11)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing_core import jobs
from billing_core.errors import Down
from billing_core.records import db, work
from billing_core.reports.needs import needs_me_now
from tests import books as seeded_books
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import fired, id_of

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def _enqueue(kind: str, key: str, **payload: str) -> None:
    with db.begin() as connection:
        work.enqueue(connection, kind, key, payload)


def _job(key: str) -> dict[str, object]:
    (row,) = watching.rows("jobs", "key = :key", key=key)
    return row


def _take(worker: str) -> list[str]:
    with db.begin() as connection:
        return [job.id for job in work.take(connection, worker, 50)]


def test_a_dead_workers_job_is_taken_over_after_its_lease(driven_clock: Clock) -> None:
    charge = fired()
    assert len(_take("dead")) == 1
    jobs.drain()
    assert [mail.state for mail in watching.mails_of(id_of(charge))] == ["queued"]
    driven_clock.advance(seconds=30)
    jobs.drain()
    assert [mail.state for mail in watching.mails_of(id_of(charge))] == ["queued"]
    driven_clock.advance(seconds=1)
    jobs.drain()
    (mail,) = watching.mails_of(id_of(charge))
    assert mail.state == "kept"
    job = watching.rows("jobs", "kind = 'send_mail'")[0]
    assert (job["attempts"], job["leased_by"]) == (2, None)


def test_what_is_leased_is_nobody_elses() -> None:
    for number in range(5):
        _enqueue("remind_client", f"k{number}", charge="sc_x", days="1")
    first, second = _take("one"), _take("two")
    assert (len(first), second) == (5, [])


def test_many_workers_at_once_do_each_job_once(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    charges = [seeded_books.fire(seeded, description=f"Phase {n}") for n in range(6)]
    driven_clock.advance(days=3)
    results = watching.at_once(6, lambda _: jobs.drain())
    assert all(isinstance(result, int) for result in results), results
    jobs.drain()
    for charge in charges:
        kinds = sorted(mail.kind for mail in watching.mails_of(id_of(charge)))
        assert kinds == ["invoice", "reminder"]
        assert watching.kinds(id_of(charge)).count("invoice.rendered") == 1
    tries = watching.rows("jobs", "kind IN ('send_mail', 'remind_client') AND done_at IS NOT NULL")
    assert len(tries) == 18
    assert {job["attempts"] for job in tries} == {1}


def test_an_earlier_job_comes_first(driven_clock: Clock) -> None:
    now = driven_clock.now
    with db.begin() as connection:
        for minutes in (3, 1, 2):
            due = now + timedelta(minutes=minutes)
            work.enqueue(connection, "remind_client", f"m{minutes}", {}, due_at=due)
    driven_clock.advance(minutes=5)
    order = []
    for _ in range(3):
        with db.begin() as connection:
            order += [job.id for job in work.take(connection, "w", 1)]
    assert order == [_job(key)["id"] for key in ("m1", "m2", "m3")]


def test_a_key_is_enqueued_once() -> None:
    _enqueue("remind_client", "same", charge="sc_1", days="1")
    _enqueue("remind_client", "same", charge="sc_2", days="2")
    assert len(watching.rows("jobs", "key = 'same'")) == 1


def test_a_late_worker_leaves_alone_what_another_has_taken_over(
    driven_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It wakes after its lease, its job in the hands of another who is still at it."""
    _enqueue("remind_client", "k", charge="sc_x", days="1")
    held: list[dict[str, object]] = []

    def slow(_: work.Job) -> None:
        driven_clock.advance(seconds=31)
        assert _job("k")["id"] in _take("another")
        held.append(_job("k"))

    monkeypatch.setitem(jobs._KINDS, "remind_client", slow)
    jobs.drain()
    assert _job("k") == held[0]
    assert (held[0]["leased_by"], held[0]["done_at"]) == ("another", None)


def test_a_job_that_kills_every_worker_is_buried_and_told(
    driven_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each worker takes it and never comes back; the one after the last does not try."""
    _enqueue("remind_client", "deadly", charge="sc_x", days="1")
    ran: list[str] = []
    monkeypatch.setitem(jobs._KINDS, "remind_client", lambda job: ran.append(job.id))
    for number in range(jobs.MOST_TRIES):
        assert len(_take(f"doomed-{number}")) == 1
        driven_clock.advance(seconds=31)
    jobs.drain()
    dead = _job("deadly")
    assert (ran, dead["dead_at"] is not None, dead["leased_by"]) == ([], True, None)
    assert "12 workers" in str(dead["error"])
    (need,) = needs_me_now()
    assert (need.kind, need.detail) == ("job_dead", dead["error"])


def test_waiting_for_the_outside_uses_up_no_tries(
    driven_clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A gateway that is away for a week, then a worker that is killed: the job lives on."""

    def down(_: work.Job) -> None:
        raise Down("no answer")

    monkeypatch.setitem(jobs._KINDS, "remind_client", down)
    _enqueue("remind_client", "patient", charge="sc_x", days="1")
    for _ in range(40):
        jobs.drain()
        driven_clock.advance(minutes=20)
    assert _job("patient")["id"] in _take("doomed")
    driven_clock.advance(seconds=31)
    monkeypatch.setitem(jobs._KINDS, "remind_client", lambda _: None)
    jobs.drain()
    assert _job("patient")["dead_at"] is None
    assert _job("patient")["done_at"] is not None
