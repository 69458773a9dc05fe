"""At most one payable object alive: whoever turns to another way closes the first one."""

from __future__ import annotations

from typing import Any

import pytest

from billing_core.errors import AlreadyDone, IllegalMove
from billing_core.flows.approve_charge import NextStep
from billing_core.flows.open_link import open_link
from billing_core.flows.pay_again import pay_again
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.flows.void_charge import void_charge
from tests import books
from tests.books import OPERATOR, VISIT
from tests.stripe.test_stored_method import ASKS_ALWAYS, set_up
from tests.stripe.till import Till


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
