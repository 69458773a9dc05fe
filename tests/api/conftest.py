"""A machine with every scope: at fresh books, or at books that hold one of everything."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import books as seeded_books
from tests.api import machine as machines
from tests.api.machine import Machine, Things
from tests.books import Seeded
from tests.conftest import opened_books

_FILE = "countersign.db"


@pytest.fixture
def seeded(books: str) -> Seeded:
    """The recipe's customer, item and enrolment, on SQLite."""
    return seeded_books.seed()


@pytest.fixture
def machine(books: str) -> Iterator[Machine]:
    """A machine with every scope, on SQLite."""
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
            return folder, machines.one_of_everything(), machines.make_key()


@pytest.fixture
def things(settings_env: Path, stock: tuple[Path, Things, str]) -> Iterator[Things]:
    """One of everything, in books of this test's own (SQLite)."""
    shutil.copytree(stock[0], settings_env)
    with opened_books(f"sqlite:///{settings_env / _FILE}"):
        yield stock[1]


@pytest.fixture
def robot(things: Things, stock: tuple[Path, Things, str]) -> Iterator[Machine]:
    """A machine with every scope, at the books of ``things``."""
    with machines.opened() as http:
        yield Machine(http, stock[2])
