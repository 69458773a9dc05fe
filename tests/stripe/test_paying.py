"""From an approved invoice to money, through Stripe: Checkout, its refusals, its slow methods."""

from __future__ import annotations

import pytest

from billing_core.flows.open_link import open_link
from paynow.standing import standing_of
from tests import books
from tests.flows import watching
from tests.stripe.till import Till
from tests.stripe_fake.running import ASKS, DECLINES, SLOW_BANK


def test_the_client_pays_on_the_hosted_page(each_till: Till) -> None:
    till = each_till.open(item={"tax_name": "VAT", "tax_rate": "8.25"})
    charge_id, step = till.approved()
    assert step.url.startswith(f"{till.fake.address}/c/pay/cs_test_")
    assert till.charge(charge_id).state == "approved"
    back = till.pay(step)
    assert back.endswith("/status")
    till.hear()
    charge = till.charge(charge_id)
    assert (charge.state, charge.total_minor) == ("captured", 487_125)
    [row] = watching.revenue(charge_id)
    assert (row.gross_minor, row.fee_minor, row.method) == (487_125, 14_156, "Visa •••• 4242")
    assert row.reference.startswith("pi_")
    till.check()


def test_what_is_sent_says_which_charge_and_which_document(till: Till) -> None:
    plan = books.plan(till.open().seeded.customer, "4500.00").milestones[0]
    charge_id, step = till.approved(milestone=plan)
    till.pay(step)
    charge, attempt = till.charge(charge_id), till.attempt(charge_id)
    [asked] = till.fake.asked("POST", "/v1/checkout/sessions")
    assert asked["key"] == attempt.idempotency_key
    assert asked["version"] == "2026-10-28.endive"
    given = asked["given"]
    wanted = {
        "charge_id": charge_id, "attempt_id": attempt.id, "invoice_number": charge.invoice_number,
        "document_sha256": charge.document_sha256,
        "chain_head": attempt.parameters["chain_head"],
    }  # fmt: skip
    assert given["metadata"] == given["payment_intent_data"]["metadata"] == wanted
    assert given["client_reference_id"] == charge_id
    assert given["adaptive_pricing"] == {"enabled": "false"}
    assert given["line_items"][0]["price_data"]["unit_amount"] == str(charge.total_minor)
    assert given["payment_intent_data"]["statement_descriptor_suffix"] == "New website"
    [intent] = till.fake.objects("payment_intent")
    assert intent["metadata"] == wanted


@pytest.mark.parametrize("number", [DECLINES, "4000000000009995"])
def test_a_declined_card_leaves_the_page_open_for_another(till: Till, number: str) -> None:
    charge_id, step = till.open().approved()
    assert till.pay(step, number) == ""
    till.hear()
    assert till.charge(charge_id).state == "approved"
    assert till.attempt(charge_id).outcome == "requires_action"
    till.pay(step)
    till.hear()
    assert till.charge(charge_id).state == "captured"
    till.check()


def test_three_d_secure_on_the_hosted_page(till: Till) -> None:
    charge_id, step = till.open().approved()
    question = till.pay(step, ASKS)
    assert "/3ds/" in question
    till.hear()
    assert till.charge(charge_id).state == "approved"
    till.fake.answer_bank(question)
    till.hear()
    assert till.charge(charge_id).state == "captured"
    till.check()


@pytest.mark.parametrize("arrives", [True, False])
def test_a_bank_debit_makes_no_revenue_before_it_arrives(till: Till, arrives: bool) -> None:
    fired = till.open().fire()
    assert fired.charge
    charge_id, token = fired.charge.id, books.token(fired)
    till.pay(books.approve(token), SLOW_BANK)
    till.hear()
    assert till.attempt(charge_id).outcome == "processing"
    assert (till.charge(charge_id).state, watching.revenue(charge_id)) == ("approved", [])
    shown = standing_of(open_link(token), "")
    assert shown.title == "Approved. The payment is on its way."
    assert "Your bank sends the money" in shown.sentences[0]
    till.later(hours=70)
    intent = till.fake.objects("payment_intent")[0]["id"]
    till.fake.control("slow", payment_intent=intent, succeed=arrives)
    till.hear()
    assert [row.booked_at for row in watching.revenue(charge_id)] == [till.clock.now] * arrives
    assert till.charge(charge_id).state == ("captured" if arrives else "approved")
    assert till.attempt(charge_id).outcome == ("succeeded" if arrives else "declined")
    till.check()


def test_a_session_that_ran_out_can_be_paid_anew(till: Till) -> None:
    charge_id, step = till.open().approved()
    till.later(hours=24)
    assert till.attempt(charge_id).outcome == "expired"
    assert till.charge(charge_id).state == "approved"
    assert till.pay(step).endswith("/status")
    till.later(minutes=2)
    assert till.charge(charge_id).state == "approved"
    till.check()


def test_an_open_page_is_asked_about_seldom_once_it_is_old(till: Till) -> None:
    charge_id, _ = till.open().approved()
    session = f"/v1/checkout/sessions/{till.attempt(charge_id).reference}"
    till.later(minutes=16)
    till.later(minutes=1)
    before = len(till.fake.asked("GET", session))
    for _ in range(12):
        till.later(minutes=1)
    assert len(till.fake.asked("GET", session)) - before <= 1
    till.later(hours=1)
    assert len(till.fake.asked("GET", session)) > before
