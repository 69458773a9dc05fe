"""Books full of chains made by real flows, once per session, and copies of them to tamper with."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from billing_core import clock, jobs, settings
from billing_core.flows import (
    answer_changes,
    mint_link,
    record_payment,
    record_views,
    revise_charge,
    settle_attempt,
    void_charge,
)
from billing_core.flows.verify_evidence import verify_all
from billing_core.records import db, links
from tests import books
from tests.conftest import SECRET, START
from tests.evidence import second_verifier


class Vault:
    """One file of books that a test may tamper with, and what both verifiers say of it."""

    def __init__(self, master: Path, file: Path) -> None:
        self._master = master
        self.file = file

    def restore(self) -> None:
        """Everything as it was made."""
        self.close()
        for name in (f"{self.file}-wal", f"{self.file}-shm"):
            Path(name).unlink(missing_ok=True)
        shutil.copyfile(self._master, self.file)

    def close(self) -> None:
        """Let go of the file, but keep the compiled statements: that is half of the time."""
        for reading in (True, False):
            db.engine_for(f"sqlite:///{self.file}", reading=reading).dispose()

    def open(self) -> closing[sqlite3.Connection]:
        """The file below every rule of ours: no foreign keys, no constraints."""
        raw = sqlite3.connect(self.file, isolation_level=None)
        raw.execute("PRAGMA foreign_keys=OFF").close()
        raw.execute("PRAGMA ignore_check_constraints=ON").close()
        return closing(raw)

    def run(self, statement: str, *values: object) -> int:
        """One statement of an attacker; returns how many rows it hit."""
        with self.open() as raw:
            return raw.execute(statement, values).rowcount

    def ask(self, question: str, *values: object) -> list[tuple[object, ...]]:
        """Rows of the file."""
        with self.open() as raw:
            return raw.execute(question, values).fetchall()

    def problems(self) -> tuple[str, ...]:
        """What the product's own verifier finds."""
        return verify_all().problems

    def second_problems(self) -> dict[str, str]:
        """What the independent verifier finds, by stream."""
        return second_verifier.check_file(self.file)


@pytest.fixture(scope="session")
def made_books(
    sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, str]]:
    """The file, closed and whole, and the charge of each story."""
    folder = tmp_path_factory.mktemp("chains")
    file = folder / "countersign.db"
    shutil.copyfile(sqlite_template, file)
    with _settings(folder, file), clock.driven(START):
        stories = _tell()
        db.forget()
    assert not Path(f"{file}-wal").exists(), "the books are still open"
    return file, stories


@pytest.fixture(scope="session")
def vault_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the copy lies: always the same place."""
    return tmp_path_factory.mktemp("vault")


@pytest.fixture
def vault(made_books: tuple[Path, dict[str, str]], vault_folder: Path) -> Iterator[Vault]:
    """A fresh copy of the books, configured as the installation's own."""
    file = vault_folder / "countersign.db"
    with _settings(vault_folder, file):
        opened = Vault(made_books[0], file)
        opened.restore()
        yield opened
        opened.close()


@pytest.fixture
def stories(made_books: tuple[Path, dict[str, str]]) -> dict[str, str]:
    """Story → the id of its charge."""
    return made_books[1]


class _settings:  # noqa: N801 - used like a function
    """Environment of one file of books, and of nothing else."""

    def __init__(self, folder: Path, file: Path) -> None:
        self._values = {
            "COUNTERSIGN_DATA_DIR": str(folder),
            "COUNTERSIGN_DATABASE_URL": f"sqlite:///{file}",
            "COUNTERSIGN_SECRET_KEY": SECRET,
        }
        self._patch = pytest.MonkeyPatch()

    def __enter__(self) -> None:
        for name in [name for name in os.environ if name.startswith("COUNTERSIGN_")]:
            self._patch.delenv(name)
        for name, value in self._values.items():
            self._patch.setenv(name, value)
        settings.forget()

    def __exit__(self, *_: object) -> None:
        self._patch.undo()
        settings.forget()


def _tell() -> dict[str, str]:
    """Every way a charge can go in this version, told by the flows themselves."""
    seeded = books.seed(item={"tax_name": "Sales tax", "tax_rate": "8.25"})
    stories = {"paid": books.paid(seeded).id}
    fired = books.fire(seeded, "100.00", "Declined first")
    stories["declined first"] = declined = _id(fired)
    books.pay(books.approve(books.token(fired)), books.DECLINES)
    books.settle(declined)
    _pay_again(books.token(fired))
    fired = books.fire(seeded, "1200.00", "=cmd|' /C calc'!A0 <b>設計</b> 👩‍👩‍👧‍👦 \u200f")
    stories["strange words"] = _id(fired)
    books.approve(books.token(fired), name="Дана Ø. 李", method="saved")
    fired = books.fire(seeded, "300.00", "Talked about")
    stories["answered"] = _id(fired)
    books.ask_for_changes(books.token(fired), "Where is the booking bar?\nAnd the map?")
    answer_changes.answer_changes(_id(fired), answer="On page two.", actor=books.OPERATOR)
    mint_link.mint_link(_id(fired), actor=books.OPERATOR)
    fired = books.fire(seeded, "400.00", "Too much")
    stories["revised"] = _id(fired)
    revised = revise_charge.revise_charge(
        _id(fired), amount="350.00", description="Less", answer="Sorry", actor=books.OPERATOR
    )
    stories["successor"] = revised.id
    fired = books.fire(seeded, "500.00", "Taken back")
    stories["voided"] = _id(fired)
    void_charge.void_charge(_id(fired), reason="Wrong phase", actor=books.OPERATOR)
    fired = books.fire(seeded, "600.00", "Paid at the bank")
    stories["by hand"] = _id(fired)
    record_payment.record_payment(
        _id(fired), method="cheque", paid_on="2026-03-16", reference="No 7", actor=books.OPERATOR
    )
    stories["fired"] = _id(books.fire(seeded, "700.00", "Only fired"))
    _look_at(stories["fired"])
    jobs.drain()
    assert not verify_all().problems
    return stories


def _id(fired: books.Fired) -> str:
    assert fired.charge is not None
    return fired.charge.id


def _pay_again(token: str) -> None:
    from billing_core.flows import open_link, pay_again

    page = open_link.open_link(token)
    step = pay_again.pay_again(token, nonce=page.nonce, method="new", code="", visit=books.VISIT)
    books.pay(step)
    for attempt in books.attempts_of(page.charge.id):
        settle_attempt.settle_attempt(attempt.id)


def _look_at(charge_id: str) -> None:
    with db.read_only() as connection:
        link = links.find_live(connection, charge_id)
    assert link is not None
    sighting = record_views.Sighting(link.id, "likely_person", books.VISIT, clock.now())
    record_views.record_views([sighting])


@pytest.fixture
def chance() -> random.Random:
    """Dice that always fall the same."""
    return random.Random(20261122)
