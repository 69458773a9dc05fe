"""P1 and P2: fire, and approve with settlement, against the same rows written by raw SQL."""

from __future__ import annotations

import itertools
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from billing_core.flows.approve_charge import approve_charge
from billing_core.flows.open_link import OpenLink, open_link
from billing_core.flows.render_invoice import render_invoice
from tests import books
from tests.benchmarks.ground import fresh_books
from tests.benchmarks.measuring import ROUNDS, Measure, in_turn
from tests.benchmarks.replay import opened, record, replay
from tests.books import Seeded

FIRES, PAYS = 60, 25


def measures() -> Iterator[Measure]:
    """The lines of P1 and P2."""
    with fresh_books() as (file, seeded):
        yield _fire(file, seeded)
    with fresh_books(payment_method="pm_card_visa") as (file, seeded):
        yield _pay(file, seeded)


def _fire(file: Path, seeded: Seeded) -> Measure:
    numbers = itertools.count(1)

    def act() -> None:
        books.fire(seeded, "4500.00", f"Phase {next(numbers)}: Homepage designs")

    act()
    recording = record(file, act, commits=1)
    raw, done = opened(file), itertools.count(1)

    def ours() -> float:
        return _rate(FIRES, act)

    def floor() -> float:
        return _rate(FIRES, lambda: replay(raw, recording, next(done)))

    mine, bare = in_turn(ours, floor)
    _check(raw, "charges", at_least=2 * FIRES)
    raw.close()
    rows = len(recording.added) + len(recording.changed)
    note = f"{rows} rows a fire"
    return Measure("P1 fire, SQLite FULL, 1 client", mine, bare, 0.25, "/s", ROUNDS, note=note)


def _pay(file: Path, seeded: Seeded) -> Measure:
    """A stored card, so that the gateway answers at once: no page of ours or of the gateway."""
    numbers = itertools.count(1)

    def opened_page() -> tuple[str, OpenLink]:
        made = books.fire(seeded, "45.00", f"Phase {next(numbers)}: Homepage designs")
        assert made.charge
        render_invoice(made.charge.id)
        token = books.token(made)
        return token, open_link(token)

    def approve_and_settle(token: str, page: OpenLink) -> None:
        step = approve_charge(
            token, nonce=page.nonce, document_sha256=page.document_sha256, accept="yes",
            name="Dana Whitfield", method="saved", code="", visit=books.VISIT,
        )  # fmt: skip
        assert not step.to_gateway

    warm, first = opened_page(), opened_page()
    approve_and_settle(*warm)
    # approval and settlement in the books, and the payment in the sandbox's own file
    recording = record(file, lambda: approve_and_settle(*first), commits=2)
    recording.commits += 1
    raw, done = opened(file), itertools.count(1)

    def ours() -> float:
        each = iter([opened_page() for _ in range(PAYS)])
        return _rate(PAYS, lambda: approve_and_settle(*next(each)))

    def floor() -> float:
        return _rate(PAYS, lambda: replay(raw, recording, next(done)))

    mine, bare = in_turn(ours, floor)
    _check(raw, "revenue", at_least=2 * PAYS)
    raw.close()
    rows = len(recording.added) + len(recording.changed)
    note = f"{recording.commits} durable commits each, the sandbox's own included; {rows} rows"
    return Measure("P2 approve and settle, SQLite", mine, bare, 0.20, "/s", ROUNDS, note=note)


def _rate(times: int, act: Callable[[], object]) -> float:
    """Acts per second."""
    began = time.perf_counter()
    for _ in range(times):
        act()
    return times / (time.perf_counter() - began)


def _check(raw: sqlite3.Connection, table: str, *, at_least: int) -> None:
    """What was measured was really written."""
    (count,) = raw.execute(f"SELECT count(*) FROM {table}").fetchone()
    assert count >= at_least, (table, count)
