"""P8: a warm rerun of the console's screens against an empty page, both in Streamlit's runner."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from streamlit.testing.v1 import AppTest

from console import places
from tests import books
from tests.benchmarks.ground import fresh_books
from tests.benchmarks.measuring import ROUNDS, Measure, in_turn
from tests.support import scripts

SCREENS = ("overview", "charges", "revenue")
_CHARGES = 30


def measures() -> Iterator[Measure]:
    """One line a screen."""
    scripts.keep()
    with fresh_books() as (_, seeded):
        for number in range(_CHARGES):
            books.fire(seeded, "4500.00", f"Phase {number}: drawings")
        books.paid(seeded)
        for screen in SCREENS:
            yield _rerun(screen)


def _rerun(screen: str) -> Measure:
    app = AppTest.from_file(places.ROOT / "console" / "app.py", default_timeout=60)
    if screen != "overview":
        app.switch_page(places.path(screen))
    empty = AppTest.from_string("import streamlit as st\nst.title('Empty')", default_timeout=60)
    app.run()
    assert not app.exception
    mine, bare = in_turn(_timed(app.run), _timed(empty.run))
    name = f"P8 warm rerun of {screen}"
    return Measure(name, mine, bare, 3.0, "ms", ROUNDS, at_least=False, note="AppTest, no socket")


def _timed(work: Callable[[], object]) -> Callable[[], float]:
    def run() -> float:
        began = time.perf_counter()
        work()
        return (time.perf_counter() - began) * 1000

    return run
