"""A machine with every scope: at fresh books, or at books that hold one of everything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from billing_core.records import db, dump
from tests import books as seeded_books
from tests.api import machine as machines
from tests.api.machine import Machine, Things
from tests.books import Seeded
from tests.conftest import BOOKS_ARE_ON, opened_books

_FILE = "countersign.db"


@pytest.fixture
def seeded(books: str) -> Seeded:
    """The recipe's customer, item and enrolment."""
    return seeded_books.seed()


@pytest.fixture
def machine(books: str) -> Iterator[Machine]:
    """A machine with every scope."""
    with machines.machine() as made:
        yield made


@pytest.fixture(scope="session")
def stock(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, Things, str]:
    """A data folder whose books hold one of everything, made once; what is in it; a full key."""
    folder = tmp_path_factory.mktemp("stock")
    shutil.copyfile(sqlite_template, folder / _FILE)
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COUNTERSIGN_")]:
            patch.delenv(name)
        patch.chdir(folder)
        patch.setenv("COUNTERSIGN_DATA_DIR", str(folder))
        with opened_books(f"sqlite:///{folder / _FILE}"):
            things = machines.with_money_moved(machines.one_of_everything())
            return folder, things, machines.make_key()


@pytest.fixture(scope="session")
def rows_of_stock(stock: tuple[Path, Things, str]) -> dict[str, list[bytes]]:
    """Every row of the books that hold one of everything, table by table."""
    with opened_books(f"sqlite:///{stock[0] / _FILE}"), db.read_only() as connection:
        return {name: list(dump.lines_of(connection, name)) for name in dump.table_names()}


@pytest.fixture
def things(
    settings_env: Path, stock: tuple[Path, Things, str], request: pytest.FixtureRequest
) -> Iterator[Things]:
    """One of everything, in books of this test's own, on the database that ``books`` is on."""
    shutil.copytree(stock[0], settings_env)
    if BOOKS_ARE_ON == "sqlite":
        with opened_books(f"sqlite:///{settings_env / _FILE}"):
            yield stock[1]
        return
    rows: dict[str, list[bytes]] = request.getfixturevalue("rows_of_stock")
    with opened_books(request.getfixturevalue("postgres_url")):
        with db.begin() as connection:
            for name, lines in rows.items():
                dump.load_lines(connection, name, lines)
        yield stock[1]


@pytest.fixture
def robot(things: Things, stock: tuple[Path, Things, str]) -> Iterator[Machine]:
    """A machine with every scope, at the books of ``things``."""
    with machines.opened() as http:
        yield Machine(http, stock[2])
