"""A stored method: set up by the client, charged on a press, and charged without one."""

from __future__ import annotations

import pytest

from billing_core import jobs
from billing_core.errors import FieldsRefused, NotAllowed
from billing_core.flows.finish_setup import finish_setup
from billing_core.flows.request_setup import request_setup
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.records import customers, db
from billing_core.reports import outbox
from billing_core.rules.nouns import Customer, Setup
from tests import books
from tests.books import OPERATOR
from tests.flows import watching
from tests.stripe.till import Till
from tests.stripe_fake.running import PAYS

ASKS_ALWAYS, ASKS_ONCE = "4000002760003184", "4000002500003155"
DECLINES_LATER = "4000000000000341"
OFF_SESSION: dict[str, str | bool] = {"capture_mode": "off_session", "trigger_mode": "event"}


def customer_of(till: Till) -> Customer:
    """The till's one customer as stored."""
    with db.read_only() as connection:
        return customers.get(connection, till.seeded.customer)


def set_up(till: Till, number: str = PAYS) -> Setup:
    """The client follows the mailed link and types a number."""
    setup = request_setup(till.seeded.customer, actor=OPERATOR)
    assert setup.url
    where = till.fake.type_number(setup.url, number)
    if "/3ds/" in where:
        till.fake.answer_bank(where)
    till.hear()
    return finish_setup(setup.id)


def test_the_client_stores_a_method_and_replaces_it(each_till: Till) -> None:
    till = each_till.open()
    setup = request_setup(till.seeded.customer, actor=OPERATOR, key="k")
    assert request_setup(till.seeded.customer, actor=OPERATOR, key="k") == setup
    jobs.drain()
    [mail] = [m for m in outbox.mails() if m.kind == "setup"]
    assert mail.to == ("dana@harborvine.example",)
    assert setup.url
    assert setup.url in outbox.mail(mail.id).text
    till.fake.type_number(setup.url)
    till.hear(copies=3, shuffle=1)
    stored = customer_of(till)
    assert stored.payment_method
    assert stored.payment_method.label() == "Visa •••• 4242"
    assert (stored.payment_method.exp_month, stored.payment_method.exp_year) == (12, 2034)
    set_up(till, "5555555555554444")
    replaced = customer_of(till)
    assert replaced.payment_method
    assert replaced.payment_method.label() == "Mastercard •••• 4444"
    assert replaced.gateway_customer == stored.gateway_customer
    [theirs] = till.fake.objects("customer")
    assert theirs["metadata"] == {"customer_id": stored.id}
    kept = [m["id"] for m in till.fake.objects("payment_method") if m["customer"] == theirs["id"]]
    assert kept == [replaced.payment_method.reference]


def test_a_page_nobody_used_runs_out(till: Till) -> None:
    setup = request_setup(till.open().seeded.customer, actor=OPERATOR)
    till.later(hours=25)
    till.hear()
    assert finish_setup(setup.id).state == "expired"
    assert customer_of(till).payment_method is None


def test_who_cannot_be_asked_and_what_cannot_be_typed_in(till: Till) -> None:
    suspend_customer(till.open().seeded.customer, actor=OPERATOR)
    with pytest.raises(NotAllowed):
        request_setup(till.seeded.customer, actor=OPERATOR)
    with pytest.raises(FieldsRefused) as refused:
        books.add_customer(payment_method="pm_card_visa", contact_id="c2")
    assert set(refused.value.problems) == {"payment_method"}
    assert till.fake.objects("customer") == []


def test_one_press_charges_the_stored_method(each_till: Till) -> None:
    till = each_till.open()
    set_up(till)
    fired = till.fire("900.00")
    assert fired.charge
    step = books.approve(books.token(fired), method="saved")
    assert not step.to_gateway
    assert till.charge(fired.charge.id).state == "captured"
    [asked] = till.fake.asked("POST", "/v1/payment_intents")
    assert asked["given"]["return_url"].endswith("/status")
    assert asked["given"]["statement_descriptor_suffix"] == "CS-2026-00001"
    till.check()


@pytest.mark.parametrize("yes", [True, False])
def test_the_bank_asks_on_a_press(till: Till, yes: bool) -> None:
    set_up(till.open(), ASKS_ALWAYS)
    fired = till.fire("900.00")
    assert fired.charge
    step = books.approve(books.token(fired), method="saved")
    assert step.to_gateway
    assert "/3ds/" in step.url
    back = till.fake.answer_bank(step.url, yes=yes)
    assert "/status?payment_intent=pi_" in back
    till.hear()
    charge = till.charge(fired.charge.id)
    assert charge.state == ("captured" if yes else "approved")
    assert till.attempt(charge.id).outcome == ("succeeded" if yes else "declined")
    till.check()


def test_without_a_press_the_method_set_up_before_is_charged(each_till: Till) -> None:
    till = each_till.open(item=OFF_SESSION)
    with pytest.raises(NotAllowed):
        till.fire("900.00")
    set_up(till, ASKS_ONCE)
    fired = till.fire("900.00")
    assert fired.charge
    assert till.charge(fired.charge.id).state == "captured"
    [asked] = till.fake.asked("POST", "/v1/payment_intents")
    assert asked["given"]["off_session"] == "true"
    assert asked["given"]["automatic_payment_methods"]["allow_redirects"] == "never"
    assert "return_url" not in asked["given"]
    till.check()


def test_a_bank_that_wants_the_client_gets_a_link_not_a_failure(each_till: Till) -> None:
    till = each_till.open(item=OFF_SESSION)
    set_up(till, ASKS_ALWAYS)
    fired = till.fire("900.00")
    assert fired.charge
    charge_id = fired.charge.id
    assert till.charge(charge_id).state == "pending_client"
    assert till.attempt(charge_id).outcome == "cancelled"
    [intent] = till.fake.objects("payment_intent")
    assert intent["status"] == "canceled"
    till.hear()
    jobs.drain()
    assert [m.kind for m in watching.mails_of(charge_id)] == ["invoice"]
    assert watching.rows("enrolments")[0]["consecutive_failures"] == 0


def test_a_declined_method_fails_the_charge_and_counts(till: Till) -> None:
    till.open(item=OFF_SESSION)
    set_up(till, DECLINES_LATER)
    fired = till.fire("900.00")
    assert fired.charge
    assert till.charge(fired.charge.id).state == "failed"
    assert till.attempt(fired.charge.id).problem == "Your card was declined."
    assert watching.rows("enrolments")[0]["consecutive_failures"] == 1
    till.hear(copies=2)
    assert watching.rows("enrolments")[0]["consecutive_failures"] == 1
