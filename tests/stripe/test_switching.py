"""At most one payable object alive: whoever turns to another way closes the first one."""

from __future__ import annotations

from contextlib import nullcontext, suppress
from typing import Any

import pytest

from billing_core import gateway
from billing_core.errors import AlreadyDone, Down, IllegalMove, Misused
from billing_core.flows.approve_charge import NextStep
from billing_core.flows.fire_charge import Fired
from billing_core.flows.open_link import open_link
from billing_core.flows.pay_again import pay_again
from billing_core.flows.render_invoice import render_invoice
from billing_core.flows.start_attempt import order_of
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.flows.void_charge import void_charge
from billing_core.gateway.port import KEY_REUSED
from billing_core.records import db
from billing_core.reports.needs import needs_me_now
from tests import books
from tests.books import OPERATOR, VISIT
from tests.stripe.test_stored_method import ASKS_ALWAYS, set_up
from tests.stripe.till import Till
from tests.stripe.troubles import CREATED, Crash, crashing


def turn_to(token: str, method: str, nonce: str = "") -> NextStep:
    """The client presses *Pay* on the page, with another way chosen."""
    nonce = nonce or open_link(token).nonce
    return pay_again(token, nonce=nonce, method=method, code="", visit=VISIT)


def payable(till: Till) -> list[dict[str, Any]]:
    """What could still be paid at the gateway."""
    sessions = [s for s in till.fake.objects("checkout.session") if s["mode"] == "payment"]
    intents = till.fake.objects("payment_intent")
    return [s for s in sessions if s["status"] == "open"] + [
        i for i in intents if i["status"] == "requires_action"
    ]


def approved(till: Till, method: str) -> tuple[str, str, NextStep]:
    """A charge with a stored card in the house; id, token, where the press led."""
    fired = till.fire("900.00")
    assert fired.charge
    token = books.token(fired)
    return fired.charge.id, token, books.approve(token, method=method)


def test_from_the_hosted_page_to_the_stored_card(each_till: Till) -> None:
    till = each_till.open()
    set_up(till)
    charge_id, token, _ = approved(till, "new")
    with pytest.raises(AlreadyDone):
        turn_to(token, "new")
    turn_to(token, "saved")
    assert till.charge(charge_id).state == "captured"
    assert [a.outcome for a in books.attempts_of(charge_id)] == ["expired", "succeeded"]
    assert payable(till) == []
    till.hear(copies=2, shuffle=1)
    till.check()


def test_from_the_banks_question_to_the_hosted_page(till: Till) -> None:
    set_up(till.open(), ASKS_ALWAYS)
    charge_id, token, _ = approved(till, "saved")
    step = turn_to(token, "new")
    assert len(payable(till)) == 1
    till.pay(step)
    till.hear(shuffle=2)
    assert till.charge(charge_id).state == "captured"
    till.check()


def test_what_was_paid_meanwhile_is_paid(till: Till) -> None:
    set_up(till.open())
    charge_id, token, step = approved(till, "new")
    till.pay(step)
    with pytest.raises(AlreadyDone):
        turn_to(token, "saved")
    assert till.charge(charge_id).state == "captured"
    assert len(till.fake.objects("payment_intent")) == 1
    till.check()


@pytest.mark.parametrize("paid_first", [True, False])
def test_void_while_the_page_is_open(each_till: Till, paid_first: bool) -> None:
    till = each_till.open()
    charge_id, step = till.approved()
    if paid_first:
        till.pay(step)
        with pytest.raises(IllegalMove):
            void_charge(charge_id, reason="", actor=OPERATOR)
        assert till.charge(charge_id).state == "captured"
    else:
        void_charge(charge_id, reason="", actor=OPERATOR)
        assert till.pay(step).endswith("/status")
        assert till.charge(charge_id).state == "void"
    assert payable(till) == []
    till.hear()
    till.check()


def test_suspending_closes_every_page(till: Till) -> None:
    till.open()
    for amount in ("10.00", "11.00"):
        till.approved(amount)
    suspend_customer(till.seeded.customer, actor=OPERATOR)
    assert payable(till) == []
    till.hear()
    till.check()


def died_before_it_was_sent(fired: Fired, method: str) -> None:
    """The client's press, whose process dies as soon as the approval is durable."""
    assert fired.charge
    render_invoice(fired.charge.id)
    with suppress(Crash), crashing(1, after=True):
        books.approve(books.token(fired), method=method)


@pytest.mark.parametrize("method", ["saved", "new"])
def test_to_void_what_was_never_sent_sends_nothing(each_till: Till, method: str) -> None:
    """The process died between the approval and the gateway; a call may still be on its way."""
    till = each_till.open()
    set_up(till)
    fired = till.fire("900.00")
    assert fired.charge
    died_before_it_was_sent(fired, method)
    attempt = till.attempt(fired.charge.id)
    assert (attempt.outcome, attempt.reference) == ("pending", None)
    with db.read_only() as connection:
        order = order_of(connection, attempt)
    assert void_charge(fired.charge.id, reason="", actor=OPERATOR).state == "void"
    assert [i["status"] for i in till.fake.objects("payment_intent")] == ["canceled"]
    outside = gateway.outside()
    late = outside.charge_saved if method == "saved" else outside.open_checkout
    with pytest.raises(Misused) as used_up:
        late(order, attempt.idempotency_key)
    assert used_up.value.code == KEY_REUSED
    till.later(hours=1)
    till.hear()
    assert till.attempt(fired.charge.id).outcome == "cancelled"
    assert till.charge(fired.charge.id).state == "void"
    assert needs_me_now() == ()
    till.check()


@pytest.mark.parametrize("kind", ["drop_after", "error_after", "error", "drop_before"])
def test_to_void_what_may_have_been_sent_finds_it_out(till: Till, kind: str) -> None:
    """No answer came: what was paid is paid, a page is closed, what never arrived never does."""
    set_up(till.open())
    for method in ("saved", "new"):
        fired = till.fire("900.00")
        assert fired.charge
        till.fake.control(
            "fault", kind=kind, path=CREATED["saved" if method == "saved" else "checkout"], times=2
        )
        with pytest.raises(Down):
            books.approve(books.token(fired), method=method)
        till.fake.control("heal")
        paid = method == "saved" and kind.endswith("after")
        with pytest.raises(IllegalMove) if paid else nullcontext():
            void_charge(fired.charge.id, reason="", actor=OPERATOR)
        assert till.charge(fired.charge.id).state == ("captured" if paid else "void")
    assert payable(till) == []
    till.hear()
    till.later(hours=1)
    till.check()


def test_a_withdrawal_that_dies_before_it_is_recorded_is_finished(till: Till) -> None:
    set_up(till.open())
    fired = till.fire("900.00")
    assert fired.charge
    died_before_it_was_sent(fired, "saved")
    with suppress(Crash), crashing(1, after=False):
        void_charge(fired.charge.id, reason="", actor=OPERATOR)
    assert till.attempt(fired.charge.id).outcome == "pending"
    till.hear()
    till.later(minutes=5)
    assert till.attempt(fired.charge.id).outcome == "cancelled"
    assert void_charge(fired.charge.id, reason="", actor=OPERATOR).state == "void"
    assert needs_me_now() == ()
    till.check()
