"""Planted mistakes about presses, evidence and jobs: one wrong function in the place of a real one.

Only ``planted`` uses them; nothing here may be imported by the product or by a life.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from billing_core import clock, jobs
from billing_core.documents import pdf
from billing_core.flows import approve_charge as approving
from billing_core.flows import freeze_invoice as freezing
from billing_core.flows import settle_attempt as settling
from billing_core.flows import start_attempt as starting
from billing_core.flows.open_link import OpenLink
from billing_core.records import attempts, charges, db, evidence, keys, rows, work
from billing_core.rules import charge_states
from tests.books import VISIT
from tests.simulator import client, machines
from tests.simulator.entropy import swapped

TIDY_AFTER = timedelta(hours=1)


@contextmanager
def get_approves() -> Iterator[None]:
    """Opening the page is taken for consent."""
    really = client.open_link

    def eager(token: str) -> OpenLink:
        page = really(token)
        if "approve" in page.can:
            approving.approve_charge(
                token,
                nonce=page.nonce,
                document_sha256=page.document_sha256,
                accept="yes",
                name="Opened",
                method="new",
                code="",
                visit=VISIT,
            )
        return page

    with swapped(client, "open_link", eager), swapped(machines, "open_link", eager):
        yield


@contextmanager
def untouched_form_approves() -> Iterator[None]:
    """A form without tick and name is taken for consent."""
    with (
        swapped(approving, "_check_fields", lambda *_: {}),
        swapped(approving, "check_name", lambda name: name or "Nobody"),
    ):
        yield


@contextmanager
def state_not_rechecked() -> Iterator[None]:
    """Approving believes the page and not the row it has locked."""
    wrong = SimpleNamespace(can=lambda *_: True, move=lambda *_: "approved")
    with swapped(approving, "charge_states", wrong):
        yield


@contextmanager
def old_news_believed() -> Iterator[None]:
    """Whatever the gateway's message says last is the outcome."""
    with swapped(charge_states, "attempt_after", lambda old, new: new):
        yield


@contextmanager
def paper_made_anew() -> Iterator[None]:
    """The PDF is rendered at each download, with the time on it."""
    really = client.render_invoice

    def anew(charge_id: str) -> bytes:
        really(charge_id)
        with db.read_only() as connection:
            digest = charges.get(connection, charge_id).document_sha256
            canonical = charges.get_canonical(connection, charge_id)
        made = pdf.invoice_pdf(rows.load(canonical), document_sha256=digest)
        return made + clock.stamp(clock.now()).encode()

    with swapped(client, "render_invoice", anew):
        yield


@contextmanager
def key_not_looked_up() -> Iterator[None]:
    """The same key again is a new request."""
    with swapped(keys, "find", lambda *_: None):
        yield


@contextmanager
def any_body_under_a_key() -> Iterator[None]:
    """A key answers whatever comes with it."""
    with swapped(keys, "fingerprint", lambda *_: "the same"):
        yield


_CUT = """DELETE FROM evidence_events WHERE seq > 2 AND at < :old AND seq =
(SELECT max(seq) FROM evidence_events AS e WHERE e.stream = evidence_events.stream)"""
_MEND = """UPDATE charges SET
chain_length = (SELECT max(seq) FROM evidence_events WHERE stream = charges.id),
chain_head = (SELECT hash FROM evidence_events WHERE stream = charges.id ORDER BY seq DESC LIMIT 1)
"""


@contextmanager
def tail_cut() -> Iterator[None]:
    """Housekeeping takes the last event of chains away."""
    with swapped(jobs, "forget_old_keys", lambda: _tidy(_CUT)):
        yield


@contextmanager
def tail_cut_and_mended() -> Iterator[None]:
    """The same, and the subject's row is changed to fit: the chain alone cannot tell."""
    with swapped(jobs, "forget_old_keys", lambda: _tidy(_CUT, _MEND)):
        yield


def _tidy(*statements: str) -> None:
    with db.begin() as connection:
        for statement in statements:
            found = {"old": clock.now() - TIDY_AFTER} if ":old" in statement else {}
            connection.execute(text(statement), found)


@contextmanager
def job_dropped_after_failure() -> Iterator[None]:
    """A job that failed once counts as done."""

    def dropped(job: work.Job, error: Exception, *, final: bool) -> None:
        with db.begin() as connection:
            work.finish(connection, job)

    with swapped(jobs, "_end", dropped):
        yield


@contextmanager
def attempt_without_job() -> Iterator[None]:
    """Nobody is told to look after a new attempt."""
    with swapped(starting, "work", SimpleNamespace(enqueue=_nothing)):
        yield


@contextmanager
def never_reminded() -> Iterator[None]:
    """No reminder is planned for a new invoice."""
    with swapped(freezing, "plan_reminders", _nothing):
        yield


@contextmanager
def lost_answer_is_no() -> Iterator[None]:
    """A commit whose answer got lost is told as "nothing was recorded", unread."""
    with swapped(approving, "check_not_recorded", _nothing):
        yield


@contextmanager
def evidence_best_effort() -> Iterator[None]:
    """An approval goes on although its evidence could not be written."""
    really = evidence.append

    def forgiving(*given: Any) -> str:
        try:
            return really(*given)
        except SQLAlchemyError:
            return "0" * 64

    with swapped(evidence, "append", forgiving):
        yield


@contextmanager
def unknown_forgotten() -> Iterator[None]:
    """Who got no answer once never asks again: neither the client's page, nor job, nor sweep."""
    really: Callable[[str], Any] = settling.settle_attempt

    def sulking(attempt_id: str) -> Any:
        with db.read_only() as connection:
            attempt = attempts.get(connection, attempt_id)
            if attempt.outcome == "unknown":
                return charges.get(connection, attempt.charge_id)
        return really(attempt_id)

    with (
        swapped(jobs, "settle_attempt", sulking),
        swapped(client, "settle_attempt", sulking),
        swapped(jobs, "sweep_attempts", lambda: 0),
    ):
        yield


def _nothing(*_given: object, **_named: object) -> None:
    return None
