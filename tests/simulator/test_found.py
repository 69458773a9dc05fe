"""What the simulator found in the flows, each told once more without chance."""

from __future__ import annotations

from sqlalchemy import text

from billing_core import jobs
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
