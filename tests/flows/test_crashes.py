"""Killed with SIGKILL in the middle of a payment, and a gateway that does not answer: settled once
afterwards, with one capture, balanced books and the company's own balance in them (I1, I2, I7).
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from billing_core import jobs, settings
from billing_core.errors import AlreadyDone, Down
from billing_core.flows import sandbox_checkout
from billing_core.flows.record_payment import record_payment
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from billing_core.gateway import sandbox
from billing_core.records import db, work
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import SECRET, Clock
from tests.flows import watching
from tests.flows.visiting import fired, id_of, tab
from tests.support import processes

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


@pytest.fixture(scope="module")
def mortals() -> Iterator[subprocess.Popen[str]]:
    """A process that starts one of its own for everything it is told, which then may die."""
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.flows.dying", "serve"], cwd=processes.ROOT, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=processes.clean_environment(),
    )  # fmt: skip
    with running:
        yield running
        assert running.stdin
        running.stdin.close()


Run = Callable[..., int]


@pytest.fixture(name="run")
def _run(mortals: subprocess.Popen[str], driven_clock: Clock) -> Run:
    """``run(verb, …)`` does it in another process, at this test's time; returns how that ended."""

    def run(*words: str) -> int:
        here = settings.load()
        environment = {
            "COUNTERSIGN_DATA_DIR": str(here.data_dir),
            "COUNTERSIGN_DATABASE_URL": here.database,
            "COUNTERSIGN_SECRET_KEY": SECRET,
        }
        assert mortals.stdin
        assert mortals.stdout
        told = {"env": environment, "words": [*words, driven_clock.now.isoformat()]}
        mortals.stdin.write(json.dumps(told) + "\n")
        mortals.stdin.flush()
        ended = int(mortals.stdout.readline())
        assert ended in (0, -signal.SIGKILL), f"{words} ended with {ended}"
        return ended

    return run


def _outcome(charge_id: str) -> list[str]:
    return [attempt.outcome for attempt in seeded_books.attempts_of(charge_id)]


def _paid_once(charge_id: str, minor: int = 90_000) -> None:
    assert seeded_books.charge(charge_id).state == "captured"
    assert _outcome(charge_id)[-1] == "succeeded"
    assert sandbox().balance() == watching.cash() == {"USD": minor}
    assert [r.gross_minor for r in watching.revenue(charge_id)] == [minor]
    told = watching.kinds(charge_id)
    assert (told.count("charge.approved"), told.count("charge.captured")) == (1, 1)
    assert len(watching.mails_of(charge_id, "receipt")) == 1
    assert len(watching.rows("attempts", "outcome = 'succeeded'")) == 1
    assert verify_all().problems == ()


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_between_approval_and_capture(moment: str, driven_clock: Clock, run: Run) -> None:
    """A saved card: killed before the gateway heard of it, or after it captured."""
    charge = fired("900.00")
    assert run("approve", moment, seeded_books.token(charge), "saved") < 0
    assert seeded_books.charge(id_of(charge)).state == "approved", "the approval is durable"
    assert _outcome(id_of(charge)) == ["pending"]
    assert sandbox().balance() == ({} if moment == "before" else {"USD": 90_000})
    assert tab(charge).page.awaiting
    with pytest.raises(AlreadyDone):
        tab(charge).pay()
    driven_clock.advance(minutes=1)
    jobs.drain()
    _paid_once(id_of(charge))


def test_killed_after_the_capture_and_finished_by_another_process(
    driven_clock: Clock, run: Run
) -> None:
    charge = fired("900.00")
    assert run("approve", "after", seeded_books.token(charge), "saved") < 0
    driven_clock.advance(minutes=1)
    assert run("drain") == 0
    _paid_once(id_of(charge))
    assert run("drain") == 0
    _paid_once(id_of(charge))


@pytest.mark.parametrize("commit", ["commit1", "commit2"])
def test_killed_in_the_middle_of_a_commit(commit: str, driven_clock: Clock, run: Run) -> None:
    """commit1 is the PDF, commit2 the approval itself: then nothing had happened at all."""
    charge = fired("900.00")
    assert run("approve", commit, seeded_books.token(charge), "saved") < 0
    assert seeded_books.charge(id_of(charge)).state == "pending_client"
    assert (watching.rows("attempts"), watching.rows("nonces")) == ([], [])
    assert sandbox().balance() == {}
    tab(charge).approve(method="saved")
    _paid_once(id_of(charge))


def test_killed_while_the_capture_is_being_booked(driven_clock: Clock, run: Run) -> None:
    """commit3 records what the gateway said, with revenue, ledger, chain and receipt together."""
    charge = fired("900.00")
    assert run("approve", "commit3", seeded_books.token(charge), "saved") < 0
    assert sandbox().balance() == {"USD": 90_000}
    assert (watching.rows("revenue"), watching.rows("postings")) == ([], [])
    assert watching.mails_of(id_of(charge), "receipt") == []
    driven_clock.advance(minutes=1)
    jobs.drain()
    _paid_once(id_of(charge))


@pytest.mark.parametrize("moment", ["before", "after", "commit1"])
def test_a_hosted_page_was_paid_and_the_return_died(
    moment: str, driven_clock: Clock, run: Run
) -> None:
    charge = fired("900.00")
    seeded_books.pay(tab(charge).approve())
    attempt = seeded_books.attempts_of(id_of(charge))[0]
    assert run("settle", moment, attempt.id) < 0
    assert seeded_books.charge(id_of(charge)).state == "approved"
    jobs.drain()
    _paid_once(id_of(charge))


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_hosted_page_that_nobody_was_sent_to(moment: str, driven_clock: Clock, run: Run) -> None:
    """Killed while the session was being opened: the client finds the way to it afterwards."""
    charge = fired("900.00")
    assert run("approve", moment, seeded_books.token(charge), "new") < 0
    driven_clock.advance(minutes=1)
    jobs.drain()
    page = tab(charge).page
    assert page.attempt
    assert (page.attempt.outcome, page.attempt.number) == ("requires_action", 1)
    sandbox_checkout.pay(page.continue_url.rpartition("/")[2], seeded_books.PAYS)
    jobs.drain()
    _paid_once(id_of(charge))


def test_a_worker_killed_while_it_settles_is_replaced(driven_clock: Clock, run: Run) -> None:
    """The lease of a dead worker runs out; until then nobody else takes its job."""
    charge = fired("900.00")
    assert run("approve", "before", seeded_books.token(charge), "saved") < 0
    driven_clock.advance(seconds=21)
    attempt = seeded_books.attempts_of(id_of(charge))[0]
    with db.begin() as connection:
        taken = [job.payload for job in work.take(connection, "dead", 9)]
    assert {"attempt": attempt.id} in taken
    jobs.drain()
    assert sandbox().balance() == {}
    driven_clock.advance(seconds=31)
    jobs.drain()
    _paid_once(id_of(charge))


# --- the gateway is silent


@pytest.mark.parametrize("silence", ["down_before", "down_after"])
def test_no_answer_is_unknown_and_settled_with_the_same_key(
    silence: str, driven_clock: Clock
) -> None:
    charge = fired("900.00")
    with watching.watched() as wall:
        getattr(wall, silence).add("charge_saved")
        with pytest.raises(Down):
            tab(charge).approve(method="saved")
        assert _outcome(id_of(charge)) == ["unknown"]
        assert watching.kinds(id_of(charge))[-1] == "attempt.unknown"
        page = tab(charge).page
        assert (page.awaiting, page.can) == (True, frozenset())
        with pytest.raises(AlreadyDone):
            tab(charge).pay()
        for _ in range(3):
            driven_clock.advance(minutes=20)
            jobs.drain()
        assert _outcome(id_of(charge)) == ["unknown"], "still silent, still unknown"
        assert len(watching.rows("attempts")) == 1
        getattr(wall, silence).clear()
        driven_clock.advance(minutes=20)
        jobs.drain()
        assert len(set(wall.keys())) == 1
    _paid_once(id_of(charge))


@pytest.mark.parametrize("silence", ["down_before", "down_after"])
def test_a_hosted_page_that_did_not_open_opens_later(silence: str, driven_clock: Clock) -> None:
    charge = fired("900.00")
    with watching.watched() as wall:
        getattr(wall, silence).add("open_checkout")
        with pytest.raises(Down):
            tab(charge).approve()
        getattr(wall, silence).clear()
        driven_clock.advance(seconds=30)
        jobs.drain()
        page = tab(charge).page
        assert page.attempt
        assert page.attempt.outcome == "requires_action"
        assert len(set(wall.keys())) == 1
        wall.inner.pay(page.attempt.reference or "", seeded_books.PAYS)
        driven_clock.advance(minutes=2)
        jobs.drain()
    _paid_once(id_of(charge))


def test_an_unknown_outcome_is_asked_about_before_anything_else_is_done() -> None:
    """Void and a payment by hand come while the capture is unknown: it is found out first."""
    for act in (
        lambda charge_id: void_charge(charge_id, reason="", actor=OPERATOR),
        lambda charge_id: record_payment(
            charge_id, method="cash", paid_on="2026-03-16", reference="", actor=OPERATOR
        ),
    ):
        charge = fired("900.00")
        with watching.watched() as wall:
            wall.down_after |= {"charge_saved", "withdraw"}
            with pytest.raises(Down):
                tab(charge).approve(method="saved")
            with pytest.raises(Down):
                act(id_of(charge))
            wall.down_after.clear()
            with pytest.raises(Exception, match="paid"):
                act(id_of(charge))
        assert seeded_books.charge(id_of(charge)).state == "captured"
        assert len(watching.revenue(id_of(charge))) == 1
    assert sandbox().balance() == watching.cash() == {"USD": 180_000}


def test_a_silent_read_leaves_an_open_session_as_it_is(driven_clock: Clock) -> None:
    charge = fired("900.00")
    with watching.watched() as wall:
        step = tab(charge).approve()
        wall.down_before.add("read")
        seeded_books.pay(step)
        jobs.drain()
        assert _outcome(id_of(charge)) == ["requires_action"]
        wall.down_before.clear()
        driven_clock.advance(minutes=5)
        jobs.drain()
    _paid_once(id_of(charge))
