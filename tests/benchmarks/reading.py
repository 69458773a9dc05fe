"""P5: everything that Revenue and Receivables need, at 100,000 charges. The floor: one pass of raw
SQL that sums the same table by month, item and customer.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from billing_core import clock
from tests.benchmarks.bulk import fill
from tests.benchmarks.ground import fresh_books
from tests.benchmarks.measuring import Measure, in_turn

ROUNDS = 5
_BY_MONTH = (
    "SELECT substr(booked_at, 1, 7), item_id, customer_id, currency, sum(gross_minor),"
    " sum(fee_minor), sum(net_minor) FROM revenue GROUP BY 1, 2, 3, 4"
)


def measures(charges: int = 100_000) -> Iterator[Measure]:
    """The lines of P5: milliseconds against raw SQL, and against the goal."""
    with fresh_books() as (file, seeded):
        fill(file, seeded, charges=charges)
        with sqlite3.connect(file) as raw:
            (count,) = raw.execute("SELECT count(*) FROM revenue").fetchone()
            assert count > charges * 9 // 10, "the copies are there, most of them paid"
            mine, bare = in_turn(_timed(_screens), _timed(lambda: _floor(file)), rounds=ROUNDS)
        raw.close()
    note = f"{charges} charges; goal in document 7: 50 ms"
    name = "P5 Revenue and Receivables"
    yield Measure(name, mine, bare, 1.5, "ms", ROUNDS, at_least=False, note=note)


def _screens() -> None:
    from billing_core.reports import frames, metrics, metrics_owed

    today = clock.today("UTC")
    revenue = frames.revenue()
    metrics.totals(revenue)
    metrics.by_month(revenue, "UTC", "item")
    metrics.cumulative(revenue, "UTC", today)
    metrics.waterfall(revenue)
    metrics_owed.ageing(frames.receivables())


def _floor(file: Path) -> None:
    with sqlite3.connect(file) as raw:
        assert raw.execute(_BY_MONTH).fetchall()
    raw.close()


def _timed(work: Callable[[], None]) -> Callable[[], float]:
    def run() -> float:
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1000

    return run
