"""A machine with every scope at fresh books; the seed recipe beside it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests import books as seeded_books
from tests.api import machine as machines
from tests.api.machine import Machine
from tests.books import Seeded


@pytest.fixture
def seeded(books: str) -> Seeded:
    """The recipe's customer, item and enrolment, on SQLite."""
    return seeded_books.seed()


@pytest.fixture
def machine(books: str) -> Iterator[Machine]:
    """A machine with every scope, on SQLite."""
    with machines.machine() as made:
        yield made
