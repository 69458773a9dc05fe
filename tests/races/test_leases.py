"""A worker that dies with a job in its hands: another one does the job once the lease ran out."""

from __future__ import annotations

import socket
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from billing_core import clock, jobs
from billing_core.records import db, tables
from tests import books
from tests.races import ground
from tests.races.counts import COUNTS
from tests.races.figures import tell
from tests.support import mailbox
from tests.support.processes import free_port

TAKEN_OVER_WITHIN_S = 60.0
SENDER = "billing@northlight.example"


@pytest.fixture(name="sqlite_books")
def one_kind_of_books(request: pytest.FixtureRequest) -> str:
    """Books of one kind only: this test waits for half a minute."""
    return str(request.getfixturevalue("books"))


def _die_while_sending(folder: Path) -> None:
    """A worker connects to a mail server that never answers, and is killed while it waits."""
    with socket.create_server(("127.0.0.1", 0)) as mute:
        mute.settimeout(ground.READY_WITHIN_S)
        url = f"smtp://127.0.0.1:{mute.getsockname()[1]}"
        doomed = ground.worker(log=folder / "doomed.log", SMTP_URL=url, MAIL_FROM=SENDER)
        try:
            line, _ = mute.accept()
            with line:
                doomed.kill()
        finally:
            doomed.close()


def _held() -> int:
    """How many jobs somebody holds."""
    held = select(tables.jobs.c.id).where(
        tables.jobs.c.leased_by.is_not(None), tables.jobs.c.done_at.is_(None)
    )
    with db.read_only() as connection:
        return len(list(connection.execute(held)))


def _shorten_the_lease() -> None:
    """As if most of its thirty seconds were over: only a full run waits for them."""
    held = tables.jobs.c.leased_by.is_not(None)
    soon = clock.now() + timedelta(seconds=2)
    with db.begin() as connection:
        connection.execute(update(tables.jobs).where(held).values(leased_until=soon))


def test_its_job_is_taken_over_when_the_lease_runs_out(
    seeded: books.Seeded, tmp_path: Path
) -> None:
    fired = books.fire(seeded)
    assert fired.charge is not None
    _die_while_sending(tmp_path)
    assert _held() == 1
    jobs.drain()
    assert _held() == 1, "the lease still runs"
    with clock.driven(clock.now() + timedelta(seconds=31)):
        jobs.drain()
    assert _held() == 0
    with db.read_only() as connection:
        states = set(connection.execute(select(tables.mails.c.state)).scalars())
    assert states == {"kept"}


def test_within_a_minute_of_real_time(sqlite_books: str, tmp_path: Path) -> None:
    del sqlite_books
    books.fire(books.seed())
    _die_while_sending(tmp_path)
    if not COUNTS.waits_for_leases:
        _shorten_the_lease()
    began = time.monotonic()
    with mailbox.running(free_port()) as post:
        second = ground.worker(log=tmp_path / "second.log", SMTP_URL=post.url, MAIL_FROM=SENDER)
        try:
            arrived = post.wait_for(1, timeout_s=TAKEN_OVER_WITHIN_S)
        finally:
            second.close()
    took = time.monotonic() - began
    if COUNTS.waits_for_leases:
        tell(f"lease: the job of a killed worker was done by another after {took:.0f} s")
    assert took < TAKEN_OVER_WITHIN_S
    assert len(arrived) == 1
