"""What every test may ask for: books of its own, a driven clock, a browser, the real processes."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.support import chromium, mailbox, postgres, processes, reused, sharing

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

ARTIFACTS = Path(__file__).parent / "artifacts"
SECRET = "a secret of the tests, long enough to be taken"
START = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)


class Clock:
    """The clock of a test: stands still until the test moves it."""

    def __init__(self, move: Callable[[datetime], None]) -> None:
        self._move = move
        self.now = START
        move(START)

    def set(self, at: datetime) -> datetime:
        """Put the clock at ``at`` (aware)."""
        self.now = at
        self._move(at)
        return at

    def advance(self, **by: float) -> datetime:
        """Move the clock on, as in ``advance(hours=3)``."""
        return self.set(self.now + timedelta(**by))


@pytest.fixture
def settings_env(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A fresh DATA_DIR, no setting from outside, no `.env`; returns the folder."""
    from billing_core import settings

    for name in [name for name in os.environ if name.startswith("COUNTERSIGN_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COUNTERSIGN_DATA_DIR", str(tmp_path / "data"))
    settings.forget()
    yield tmp_path / "data"
    settings.forget()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite file with the schema in it, made once and copied for each test."""
    file = tmp_path_factory.mktemp("template") / "template.db"
    _migrate(f"sqlite:///{file}", file.parent)
    assert not file.with_name(f"{file.name}-wal").exists(), "the template is still open"
    return file


@pytest.fixture
def sqlite_url(settings_env: Path, sqlite_template: Path) -> str:
    """The address of a fresh SQLite file with the schema in it."""
    settings_env.mkdir(parents=True, exist_ok=True)
    file = settings_env / "countersign.db"
    shutil.copyfile(sqlite_template, file)
    return f"sqlite:///{file}"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One PostgreSQL server for all tests of this process, started when the first one asks."""
    with postgres.server() as server:
        yield server


@pytest.fixture(scope="session")
def postgres_template(
    postgres_server: postgres.Server, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The name of a database with the schema in it, copied for each test."""
    name = postgres_server.create()
    _migrate(postgres_server.database(name), tmp_path_factory.mktemp("template"))
    yield name
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def reused_postgres(
    postgres_server: postgres.Server, postgres_template: str
) -> Iterator[reused.Reused]:
    """One PostgreSQL database that each test finds empty."""
    from billing_core.records import tables

    names = [table.name for table in reversed(tables.meta.sorted_tables)]
    shared = reused.Reused(postgres_server, postgres_template, names)
    yield shared
    shared.close()


@pytest.fixture
def postgres_url(settings_env: Path, reused_postgres: reused.Reused) -> str:
    """The address of an empty PostgreSQL database with the schema in it."""
    return reused_postgres.take()


_POSTGRES = pytest.param("postgres", marks=pytest.mark.postgres)
#: The databases that tests run on: DATABASES says sqlite, postgres, or both (what is usual).
_DATABASES: dict[str, list[Any]] = {
    "sqlite": ["sqlite"],
    "postgres": [_POSTGRES],
    "both": ["sqlite", _POSTGRES],
}
_ASKED = os.environ.get("DATABASES", "both")
BOOKS_ARE_ON = "postgres" if _ASKED == "postgres" else "sqlite"


@pytest.fixture(params=_DATABASES[_ASKED])
def database(request: pytest.FixtureRequest) -> Iterator[str]:
    """Fresh books, configured and open: the test runs once on SQLite and once on PostgreSQL."""
    with opened_books(request.getfixturevalue(f"{request.param}_url")) as url:
        yield url


@pytest.fixture
def books(request: pytest.FixtureRequest) -> Iterator[str]:
    """Fresh books, configured and open, where the kind of database does not matter: on SQLite, or
    with ``DATABASES=postgres`` on PostgreSQL."""
    with opened_books(request.getfixturevalue(f"{BOOKS_ARE_ON}_url")) as url:
        yield url


@pytest.fixture
def sqlite_books(sqlite_url: str) -> Iterator[str]:
    """Fresh books on SQLite, whatever DATABASES says: for tests about the file itself."""
    with opened_books(sqlite_url) as url:
        yield url


@pytest.fixture
def driven_clock() -> Iterator[Clock]:
    """A clock that stands at 2026-03-16 14:00 UTC until the test moves it."""
    from billing_core import clock

    with ExitStack() as held:

        def move(at: datetime) -> None:
            held.close()
            held.enter_context(clock.driven(at))

        yield Clock(move)


@pytest.fixture
def smtp_server() -> Iterator[mailbox.Mailbox]:
    """A real SMTP server on loopback; set COUNTERSIGN_SMTP_URL to its ``url``."""
    with mailbox.running(processes.free_port()) as running:
        yield running


@pytest.fixture(name="processes")
def running_processes(tmp_path: Path) -> Iterator[processes.Running]:
    """Console, Pay Now and worker as real processes with empty books, ready."""
    with processes.running(tmp_path / "data") as running:
        yield running


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, headless, driven by Playwright."""
    from playwright.sync_api import sync_playwright

    try:
        path = chromium.find()
    except chromium.NoBrowser as problem:
        pytest.fail(str(problem), pytrace=False)
    with sync_playwright() as running:
        started = running.chromium.launch(executable_path=path, args=list(chromium.ARGUMENTS))
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """One page at 1440 × 900; when the test fails, its picture is kept in tests/artifacts."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    opened = context.new_page()
    yield opened
    if request.node.stash.get(_FAILED, False):
        keep_picture(opened, f"failed-{request.node.name}")
    context.close()


@pytest.fixture
def keep() -> Callable[[Page, str], Path]:
    """``keep(page, name)`` saves a picture of the whole page in tests/artifacts."""
    return keep_picture


def keep_picture(page: Page, name: str) -> Path:
    """Save a picture of the whole page under a tidy form of ``name``; returns its path."""
    ARTIFACTS.mkdir(exist_ok=True)
    path = ARTIFACTS / f"{re.sub(r'[^a-z0-9]+', '-', name.lower()).strip('-')}.png"
    page.screenshot(path=path, full_page=True)
    return path


_FAILED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember a failure where the page's fixture can see it."""
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
    return report


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> sharing.Sharing:
    """Spread tests over the workers, but keep together what must be."""
    return sharing.Sharing(config, log)


@contextmanager
def opened_books(url: str) -> Iterator[str]:
    """Make the books at ``url`` the ones that everything means, until the end."""
    from billing_core import settings
    from billing_core.records import db
    from tests.support import statements

    statements.keep()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERSIGN_DATABASE_URL", url)
        patch.setenv("COUNTERSIGN_SECRET_KEY", SECRET)
        settings.forget()
        yield url
        db.forget()
    settings.forget()


def _migrate(url: str, folder: Path) -> None:
    """Bring the database at ``url`` up to date and let go of it."""
    from billing_core.flows.upgrade_db import upgrade_db

    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COUNTERSIGN_")]:
            patch.delenv(name)
        patch.setenv("COUNTERSIGN_DATA_DIR", str(folder))
        with opened_books(url):
            upgrade_db()
