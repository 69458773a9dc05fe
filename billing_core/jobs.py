"""The worker loop above the flows: takes due jobs under a lease, calls the flow, retries with a
bound, and buries what fails for good where Operations shows it. Jobs live in our own table.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import Connection

from billing_core import clock, ids, settings
from billing_core.errors import BillingError, BooksBroken, Down, Misused, NotFound, Refused
from billing_core.flows.apply_webhook import apply_webhook
from billing_core.flows.approve_request import execute_request
from billing_core.flows.expire_charges import expire_charges
from billing_core.flows.finish_setup import detach_method
from billing_core.flows.reconcile import reconcile
from billing_core.flows.remind_client import remind_client
from billing_core.flows.send_mail import send_mail
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.flows.settle_refund import settle_refund
from billing_core.flows.sweep_attempts import forget_old_keys, next_look, sweep_attempts
from billing_core.flows.sweep_disputes import sweep_disputes
from billing_core.flows.take_dispute import take_dispute
from billing_core.flows.warn_expiring import warn_expiring
from billing_core.records import db, work
from billing_core.rules import schedule
from billing_core.rules.refunds import OPEN as REFUND_OPEN

log = logging.getLogger("countersign.worker")

MOST_TRIES = 12
#: The try after which the delay is at its longest; whoever waits is counted no further.
LONGEST_WAIT_TRIES = 10
POLL_S = 0.5
BEAT_EVERY = timedelta(seconds=5)
SWEEP_EVERY = timedelta(seconds=30)
SETTLE_EVERY = timedelta(seconds=60)
RECONCILE_EVERY = timedelta(minutes=15)
#: Standing jobs, and how long after the start each is due first.
_STANDING = {"sweep": timedelta(0), "reconcile": RECONCILE_EVERY}
_DEADLY = f"Each of {MOST_TRIES} workers that took this job ended before it was done."


def run_worker(stop: threading.Event) -> None:
    """Work until ``stop`` is set. Several workers may run beside one another."""
    db.check_durability()
    name = f"{socket.gethostname()}:{os.getpid()}:{ids.new_id('w')}"
    _plan_standing_jobs()
    log.info("worker %s is ready", name)
    while not stop.is_set():
        try:
            done = _round(name)
        except BooksBroken:
            raise
        except (BillingError, db.SQLAlchemyError, OSError):
            # the database is away: nothing is lost, leases run out by themselves
            log.exception("a round failed")
            done = 0
        if not done:
            stop.wait(POLL_S)


def drain(*, name: str = "", standing: bool = True) -> int:
    """Do everything that is due now and return how many jobs ran (``worker --once``).

    Without ``standing`` the sweep is left out: the demo's two years would hold two million.
    """
    if standing:
        _plan_standing_jobs()
    name = name or f"once:{os.getpid()}:{ids.new_id('w')}"
    total = 0
    while done := _round(name):
        total += done
    return total


def _plan_standing_jobs() -> None:
    with db.begin() as connection:
        for kind, first in _STANDING.items():
            if kind != "reconcile" or settings.load().gateway != "sandbox":
                due_at = clock.now() + first
                work.enqueue(connection, kind, f"standing:{kind}", {}, due_at=due_at)


def _round(name: str) -> int:
    """Look first, write only when there is something to take or a sign of life is due."""
    now = clock.now()
    with db.read_only() as connection:
        beat, due = work.last_beat(connection, name), work.next_due(connection)
    work_waits = due is not None and due <= now
    if not work_waits and beat is not None and now - beat < BEAT_EVERY:
        return 0
    with db.begin() as connection:
        work.beat(connection, name)
        # one at a time: a job that waits for a slow server must not outlive another one's lease
        taken = work.take(connection, name, 1)
    for job in taken:
        _run(job)
    return len(taken)


def _run(job: work.Job) -> None:
    """One job: done, asked again later, or buried. Its mistakes are its own, whatever they are."""
    if job.attempts > MOST_TRIES and job.kind not in _STANDING:
        # no answer of ours leads here: only workers that never came back from it
        _close(job, lambda connection: work.bury(connection, job, _DEADLY))
        return
    try:
        again = _KINDS[job.kind](job)
    except BooksBroken:
        raise
    except Exception as error:
        _end(job, error, final=_is_final(job, error))
        return
    due_at = None if again is None else clock.now() + again
    if due_at is None:
        _close(job, lambda connection: work.finish(connection, job))
    else:
        _close(job, lambda connection: work.repeat(connection, job, due_at=due_at))


def _is_final(job: work.Job, error: Exception) -> bool:
    """A standing job is never given up, nor one that only waits for the outside to answer."""
    if _waits(job, error):
        return False
    return isinstance(error, (Misused, NotFound, KeyError)) or job.attempts >= MOST_TRIES


def _waits(job: work.Job, error: Exception) -> bool:
    return job.kind in _STANDING or isinstance(error, Down)


def _end(job: work.Job, error: Exception, *, final: bool) -> None:
    said = error.sentence if isinstance(error, BillingError) else f"{type(error).__name__}: {error}"
    log.warning("job %s (%s) failed at try %d: %s", job.id, job.kind, job.attempts, said)
    if final:
        _close(job, lambda connection: work.bury(connection, job, said))
        return
    due_at = clock.now() + timedelta(seconds=schedule.retry_delay_s(job.attempts, ids.jitter()))
    # waiting uses up no tries: those that are left count workers that die of the job
    most = LONGEST_WAIT_TRIES if _waits(job, error) else None
    _close(
        job,
        lambda connection: work.postpone(
            connection, job, due_at=due_at, error=said, most_tries=most
        ),
    )


def _close(job: work.Job, how: Callable[[Connection], bool]) -> None:
    """Record how the job ended, unless it was taken over, or ended by others, meanwhile."""
    with db.begin() as connection:
        closed = how(connection)
    if not closed:
        log.info("job %s (%s) is not ours any more: left as it is", job.id, job.kind)


def _send_mail(job: work.Job) -> timedelta | None:
    send_mail(job.payload["mail"])
    return None


def _remind(job: work.Job) -> timedelta | None:
    remind_client(job.payload["charge"], int(job.payload["days"]))
    return None


def _settle(job: work.Job) -> timedelta | None:
    attempt_id = job.payload["attempt"]
    settle_attempt(attempt_id)
    return next_look(attempt_id, SETTLE_EVERY)


def _apply_webhook(job: work.Job) -> timedelta | None:
    return apply_webhook(job.payload["message"])


def _reconcile(job: work.Job) -> timedelta | None:
    del job
    reconcile()
    return RECONCILE_EVERY


def _reconcile_now(job: work.Job) -> timedelta | None:
    del job
    reconcile(watched=True)
    return None


def _settle_refund(job: work.Job) -> timedelta | None:
    state = settle_refund(job.payload["refund"]).state
    return SETTLE_EVERY if state in REFUND_OPEN else None


def _execute_request(job: work.Job) -> timedelta | None:
    try:
        execute_request(job.payload["request"])
    except Refused as refusal:
        # the request waits again, and says why
        log.warning("request %s: %s", job.payload["request"], refusal.sentence)
    return None


def _take_dispute(job: work.Job) -> timedelta | None:
    """The sandbox's doorbell: once opened, and again when its deadline has passed."""
    settle_attempt(job.payload["attempt"])
    try:
        dispute = take_dispute(job.payload["dispute"])
    except NotFound:
        # everything was refunded before it could be opened
        return None
    if dispute.closed_at is not None or dispute.due_by is None:
        return None
    return max(dispute.due_by - clock.now(), SETTLE_EVERY)


def _detach_method(job: work.Job) -> timedelta | None:
    detach_method(job.payload["method"])
    return None


def _sweep(job: work.Job) -> timedelta | None:
    del job
    sweep_attempts()
    expire_charges()
    forget_old_keys()
    sweep_disputes()
    warn_expiring()
    return SWEEP_EVERY


_KINDS: dict[str, Callable[[work.Job], timedelta | None]] = {
    "send_mail": _send_mail,
    "remind_client": _remind,
    "settle_attempt": _settle,
    "sweep": _sweep,
    "apply_webhook": _apply_webhook,
    "detach_method": _detach_method,
    "reconcile": _reconcile,
    "reconcile_now": _reconcile_now,
    "settle_refund": _settle_refund,
    "execute_request": _execute_request,
    "take_dispute": _take_dispute,
}
