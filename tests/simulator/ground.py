"""The ground every life starts from: a company with items, customers and plans, made once by the
real flows, kept aside, and put back before each life. Real files in memory, the real engine.
"""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from billing_core import clock, settings
from billing_core.flows.enroll_customer import enroll_customer
from billing_core.flows.save_company import save_company
from billing_core.flows.upgrade_db import upgrade_db
from billing_core.records import db
from tests import books
from tests.simulator.entropy import seeded_ids

START = datetime(2026, 3, 16, 14, 0, tzinfo=UTC)
SECRET = "a secret of the simulator, long enough to be taken"
MEMORY = Path("/dev/shm")
#: Stored methods of the customers, by what the sandbox's test tokens do.
METHODS = {
    "pays": "pm_card_visa",
    "declines": "pm_card_chargeDeclined",
    "asks": "pm_card_authenticationRequired",
    "none": "",
}
ITEMS: dict[str, dict[str, str | bool]] = {
    "event": {"name": "Project milestone"},
    "taxed": {"name": "Taxed work", "tax_name": "Sales tax", "tax_rate": "8.25"},
    "stored": {
        "name": "Monthly care",
        "trigger_mode": "variable",
        "capture_mode": "off_session",
        "condition": "gte",
        "threshold": "1",
    },
}


@dataclass(frozen=True)
class Buyer:
    """A customer enrolled in every item, and two delivered milestones of a project."""

    id: str
    method: str
    milestones: tuple[str, ...]


@dataclass
class Ground:
    """The open files. ``books`` and ``bank`` look past the product, at what is committed."""

    folder: Path
    url: str
    items: dict[str, str] = field(default_factory=dict)
    buyers: dict[str, Buyer] = field(default_factory=dict)

    def open(self) -> None:
        """Open the files for looking, and keep them aside as they are."""
        self.books = sqlite3.connect(self.folder / "countersign.db", isolation_level=None)
        self.bank = sqlite3.connect(self.folder / "sandbox.db", isolation_level=None)
        self._kept = [(self._aside(file), file) for file in (self.books, self.bank)]

    def restore(self) -> None:
        """Everything as it was when the files were opened."""
        for kept, file in self._kept:
            kept.backup(file)

    def close(self) -> None:
        """Let go of every file."""
        for kept, file in self._kept:
            kept.close()
            file.close()

    @staticmethod
    def _aside(file: sqlite3.Connection) -> sqlite3.Connection:
        kept = sqlite3.connect(":memory:")
        file.backup(kept)
        return kept


def rows(file: sqlite3.Connection, statement: str, *values: Any) -> list[dict[str, Any]]:
    """The rows of one statement as dictionaries."""
    found = file.execute(statement, values)
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found]


@contextmanager
def opened() -> Iterator[Ground]:
    """The ground in a folder of its own, with the process's settings on it."""
    memory = str(MEMORY) if os.access(MEMORY, os.W_OK) else None
    before = {name: os.environ.pop(name) for name in _ours()}
    with tempfile.TemporaryDirectory(dir=memory, prefix="countersign-") as folder:
        url = f"sqlite:///{folder}/countersign.db"
        os.environ["COUNTERSIGN_DATA_DIR"] = folder
        os.environ["COUNTERSIGN_DATABASE_URL"] = url
        os.environ["COUNTERSIGN_SECRET_KEY"] = SECRET
        settings.forget()
        ground = Ground(Path(folder), url)
        try:
            _build(ground)
            ground.open()
            yield ground
            ground.close()
        finally:
            db.forget()
            for name in _ours():
                del os.environ[name]
            os.environ.update(before)
            settings.forget()


def _ours() -> list[str]:
    return [name for name in os.environ if name.startswith("COUNTERSIGN_")]


def _build(ground: Ground) -> None:
    """The same ids, times and salts in every process, so that a seed means the same everywhere."""
    with clock.driven(START), seeded_ids(random.Random("ground"), lambda: START):
        upgrade_db()
        save_company(books.COMPANY, actor=books.OPERATOR)
        ground.items = {name: books.add_item(**fields).id for name, fields in ITEMS.items()}
        for name, token in METHODS.items():
            made = books.add_customer(
                name=f"Dana {name}", email=f"{name}@harborvine.example", payment_method=token
            )
            for item in ground.items.values():
                enroll_customer(made.id, item, actor=books.OPERATOR)
            plan = books.plan(made.id, "4500.00", "900.00")
            ground.buyers[name] = Buyer(made.id, name, plan.milestones)
    db.forget()
