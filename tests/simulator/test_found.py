"""What the simulator found in the flows, each told once more without chance."""

from __future__ import annotations

import sqlite3
from typing import Any, ClassVar

import pytest
from sqlalchemy import event, text

from billing_core import jobs
from billing_core.errors import AlreadyDone, EvidenceUnwritable
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.revise_charge import revise_charge
from billing_core.records import db
from tests import books as company
from tests.conftest import Clock

ON_FILE: dict[str, str | bool] = {
    "trigger_mode": "variable",
    "capture_mode": "off_session",
    "condition": "gte",
    "threshold": "1",
}
ASKS = "pm_card_authenticationRequired"


def reminders(charge_id: str) -> int:
    """How many reminders of a charge still wait."""
    statement = text("SELECT count(*) FROM jobs WHERE key LIKE :key AND done_at IS NULL")
    with db.read_only() as connection:
        return int(connection.execute(statement, {"key": f"remind:{charge_id}:%"}).scalar_one())


def test_a_client_who_got_an_answer_is_reminded_again(database: str, driven_clock: Clock) -> None:
    fired = company.fire(company.seed())
    assert fired.charge is not None
    assert reminders(fired.charge.id) == 3
    company.ask_for_changes(company.token(fired), "The second page is missing.")
    assert reminders(fired.charge.id) == 0
    answer_changes(fired.charge.id, answer="Here it is.", actor=company.OPERATOR)
    assert reminders(fired.charge.id) == 3
    driven_clock.advance(days=3)
    jobs.drain()
    assert reminders(fired.charge.id) == 2


def test_a_client_the_bank_wants_to_see_is_reminded_too(database: str) -> None:
    fired = company.fire(company.seed(item=ON_FILE, payment_method=ASKS))
    assert fired.charge is not None
    assert fired.charge.state == "pending_client"
    assert reminders(fired.charge.id) == 3


def test_the_revision_of_a_stored_charge_waits_for_the_client(database: str) -> None:
    fired = company.fire(company.seed(item=ON_FILE, payment_method=ASKS))
    assert fired.charge is not None
    new = revise_charge(
        fired.charge.id,
        amount="4000.00",
        description="Less",
        answer="",
        actor=company.OPERATOR,
    )
    assert (new.state, new.capture_mode) == ("pending_client", "client_confirm")
    assert reminders(new.id) == 3


class Forgetful(sqlite3.Connection):
    """A database that commits and then says that it could not, or cannot be read any more."""

    lost: ClassVar[set[str]] = set()

    def commit(self) -> None:
        wrote = bool(self.execute("SELECT 1 FROM charges WHERE state = 'approved'").fetchone())
        super().commit()
        if wrote and "answer" in self.lost:
            self.lost.remove("answer")
            raise sqlite3.OperationalError("disk I/O error")

    def cursor(self, *args: Any) -> Any:
        if "reading" in self.lost and "answer" not in self.lost:
            raise sqlite3.OperationalError("disk I/O error")
        return super().cursor(*args)


@pytest.fixture
def forgetful(books: str) -> set[str]:
    """What the database is going to forget."""

    def connect(_dialect: Any, _record: Any, _args: Any, named: dict[str, Any]) -> None:
        named["factory"] = Forgetful

    for reading in (True, False):
        event.listen(db.engine_for(books, reading=reading), "do_connect", connect)
    Forgetful.lost.clear()
    return Forgetful.lost


def test_an_approval_is_not_called_unrecorded_when_it_is_recorded(forgetful: set[str]) -> None:
    fired = company.fire(company.seed())
    forgetful.add("answer")
    with pytest.raises(AlreadyDone):
        company.approve(company.token(fired))
    assert fired.charge is not None
    assert company.charge(fired.charge.id).state == "approved"


def test_nothing_is_promised_while_nobody_can_tell(forgetful: set[str]) -> None:
    fired = company.fire(company.seed())
    forgetful |= {"answer", "reading"}
    with pytest.raises(EvidenceUnwritable) as refused:
        company.approve(company.token(fired))
    assert refused.value.code == "OUTCOME_UNKNOWN"
    assert "Nothing was charged" not in refused.value.sentence
    forgetful.clear()
