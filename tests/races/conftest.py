"""What the races share: books of both kinds with the recipe in them, two servers on them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import books
from tests.races import ground
from tests.races.counts import LIMIT_S
from tests.races.figures import FIGURES


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A limit of their own: a full run takes its time."""
    for item in items:
        if Path(item.path).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(LIMIT_S))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The figures, one per line."""
    if FIGURES:
        terminalreporter.section("figures")
    for figure in FIGURES:
        terminalreporter.write_line(figure)


@pytest.fixture
def seeded(database: str) -> books.Seeded:
    """The recipe in fresh books of both kinds, one after the other."""
    del database
    return books.seed()


@pytest.fixture
def two_servers(seeded: books.Seeded, tmp_path: Path) -> Iterator[list[ground.PayNow]]:
    """Two Pay Now processes on the recipe's books; what they complained of fails the test."""
    del seeded
    with ground.pay_servers(tmp_path) as servers:
        yield servers
    for log in tmp_path.glob("pay-*.log"):
        said = log.read_text()
        assert "Traceback" not in said, said[-4000:]
