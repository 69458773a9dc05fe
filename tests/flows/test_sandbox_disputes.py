"""What the sandbox's test number 0259 promises: it pays, and is disputed later."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from billing_core import gateway, jobs, reports
from billing_core.errors import Declined, NotAllowed
from billing_core.flows.reconcile import reconcile
from billing_core.flows.record_payment import record_payment
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.settle_attempt import record_seen
from billing_core.flows.take_dispute import record_dispute, take_dispute
from billing_core.reports.dossier import dossier
from billing_core.reports.needs import needs_me_now
from billing_core.reports.trial_balance import trial_balance
from tests import books as made
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("books")


def disputed() -> str:
    """A charge that was paid with that number, through the client's page; its id."""
    fired = made.fire(made.seed())
    assert fired.charge
    made.pay(made.approve(made.token(fired)), made.DISPUTED_LATER)
    jobs.drain()
    return fired.charge.id


def hold(charge_id: str, state: str) -> None:
    """The charge is ``state``, and all three books say the same of its money."""
    assert dossier(charge_id).charge.state == state
    assert reports.charges().set_index("charge_id")["state"][charge_id] == state
    against = reports.metrics.against_ledger(reports.revenue(), reports.ledger())
    assert (against["difference_minor"] == 0).all()
    assert trial_balance().balanced
    assert watching.account("cash:sandbox") == gateway.sandbox().balance()
    assert reconcile().is_clean


def test_it_pays_and_a_minute_later_it_is_disputed(driven_clock: Clock) -> None:
    charge_id = disputed()
    hold(charge_id, "captured")
    assert gateway.sandbox().balance() == {"USD": 450_000}
    driven_clock.advance(minutes=1, seconds=1)
    jobs.drain()
    hold(charge_id, "disputed")
    assert gateway.sandbox().balance() == {"USD": -1500}
    (told,) = reports.disputes().to_dict("records")
    assert (told["state"], told["amount_minor"], told["fee_minor"]) == ("open", 450_000, 1500)
    assert told["respond_by"] - told["opened_at"] == timedelta(days=14)
    assert "dispute" in {need.kind for need in needs_me_now()}
    with pytest.raises(NotAllowed, match="opened a dispute"):
        refund_charge(charge_id, amount="", reason="other", actor=OPERATOR)


def test_what_went_back_before_is_not_disputed_as_well(driven_clock: Clock) -> None:
    parted, whole = disputed(), disputed()
    refund_charge(parted, amount="500.00", reason="other", actor=OPERATOR)
    refund_charge(whole, amount="", reason="other", actor=OPERATOR)
    driven_clock.advance(minutes=2)
    jobs.drain()
    hold(parted, "disputed")
    hold(whole, "refunded")
    (told,) = reports.disputes().to_dict("records")
    assert told["amount_minor"] == 400_000
    assert gateway.sandbox().balance() == {"USD": -1500}
    assert all(watched["dead_at"] is None for watched in watching.rows("jobs"))


def test_nobody_rang_and_the_sweep_finds_it(driven_clock: Clock) -> None:
    fired = made.fire(made.seed())
    assert fired.charge
    session = made.session_of(made.approve(made.token(fired)))
    # the client's browser never came back: no doorbell
    gateway.sandbox().pay(session, made.DISPUTED_LATER)
    jobs.drain()
    driven_clock.advance(minutes=3)
    jobs.drain()
    hold(fired.charge.id, "disputed")
    driven_clock.advance(days=14)
    jobs.drain()
    hold(fired.charge.id, "lost")


def test_money_that_came_twice_and_is_disputed_leaves_the_invoice_paid(driven_clock: Clock) -> None:
    fired = made.fire(made.seed())
    assert fired.charge
    charge_id = fired.charge.id
    session = made.session_of(made.approve(made.token(fired)))
    (attempt,) = made.attempts_of(charge_id)
    gone = replace(gateway.sandbox().read(session), outcome="cancelled", url=None)
    record_seen(attempt.id, gone)
    record_payment(charge_id, method="bank_transfer", paid_on="2026-03-16", reference="0042",
                   actor=OPERATOR)  # fmt: skip
    gateway.sandbox().pay(session, made.DISPUTED_LATER)
    record_seen(attempt.id, gateway.sandbox().read(session))
    with pytest.raises(NotAllowed, match="paid outside"):
        refund_charge(charge_id, amount="", reason="other", actor=OPERATOR)
    driven_clock.advance(minutes=3)
    jobs.drain()
    hold(charge_id, "captured")
    assert watching.account("suspense") == {"USD": -450_000}
    driven_clock.advance(days=14)
    jobs.drain()
    hold(charge_id, "captured")
    # the bank took it back for good: nothing that we still owe, and no loss of ours
    assert watching.account("suspense") == {"USD": 0}
    assert watching.account("dispute_losses") == {}


def test_without_an_answer_it_is_lost_at_its_deadline(driven_clock: Clock) -> None:
    charge_id = disputed()
    driven_clock.advance(minutes=2)
    jobs.drain()
    driven_clock.advance(days=14)
    jobs.drain()
    hold(charge_id, "lost")
    assert reports.revenue().groupby("kind")["net_minor"].sum().to_dict() == {
        "capture": 450_000, "dispute": -450_000, "dispute_fee": -1500,
    }  # fmt: skip
    assert "dispute" not in {need.kind for need in needs_me_now()}


def test_what_the_bank_decides_for_us_comes_back(driven_clock: Clock) -> None:
    charge_id = made.paid(made.seed()).id
    (attempt,) = dossier(charge_id).attempts
    refund_charge(charge_id, amount="500.00", reason="other", actor=OPERATOR)
    assert attempt.payment_reference
    company = gateway.sandbox()
    reference = company.open_dispute(attempt.payment_reference, "fraudulent")
    with pytest.raises(Declined):
        company.refund(attempt.payment_reference, amount_minor=1, currency="USD", reason="other",
                       metadata={}, key="k")  # fmt: skip
    assert take_dispute(reference).amount_minor == 400_000
    hold(charge_id, "disputed")
    driven_clock.advance(days=3)
    asked_before = company.read_dispute(reference)
    company.decide_dispute(reference, won=True)
    assert reconcile().is_clean
    # an answer that was on its way while the bank decided
    assert record_dispute(asked_before).held_minor == 0
    hold(charge_id, "captured")
    assert company.balance() == {"USD": 400_000 - 1500}


def test_a_copy_of_the_company_brings_its_disputes_along(driven_clock: Clock) -> None:
    disputed()
    driven_clock.advance(days=30)
    company = gateway.sandbox()
    before, copied = company.balance(), company.copy()
    assert copied is not None
    company.take_in(copied)
    assert company.balance() == before
