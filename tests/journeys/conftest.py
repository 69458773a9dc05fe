"""The journeys' stage: one set of real processes for a whole file, and their books at hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.journeys.tab import Tab
from tests.support import processes
from tests.support.processes import Running

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@contextmanager
def attached(running: Running) -> Iterator[None]:
    """Let this process read and write the books that the running processes have open."""
    from billing_core import settings
    from billing_core.records import db

    with pytest.MonkeyPatch.context() as patch:
        for name, value in running.environment.items():
            if name.startswith("COUNTERSIGN_"):
                patch.setenv(name, value)
        settings.forget()
        yield
        db.forget()
    settings.forget()


@pytest.fixture(scope="module")
def firm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Console, Pay Now and worker for all tests of a file; this process sees the same books."""
    folder: Path = tmp_path_factory.mktemp("firm") / "data"
    with processes.running(folder) as running, attached(running):
        yield running


@pytest.fixture(scope="module")
def tab(browser: Browser, firm: Running) -> Iterator[Tab]:
    """One tab for all tests of a file, as an operator keeps one open all day."""
    context = browser.new_context(viewport={"width": 1440, "height": 1000}, locale="en-US")
    yield Tab(context.new_page(), firm.console)
    context.close()
