"""Going through the gateway's books: what messages lost is found, and nothing is booked twice."""

from __future__ import annotations

import json

import pytest

from billing_core import settings
from billing_core.flows.reconcile import reconcile
from billing_core.reports.needs import needs_me_now
from tests import books as seeded
from tests.flows import watching
from tests.stripe.test_refunds import paid, refund
from tests.stripe.till import Till


def lost_everything(till: Till) -> str:
    """A charge paid, partly refunded and disputed, of which no message ever came; its id."""
    charge_id, step = till.approved()
    till.pay(step)
    return charge_id


def test_what_was_lost_is_found_and_found_once(each_till: Till) -> None:
    till = each_till.open()
    charge_id = lost_everything(till)
    found = reconcile()
    assert till.charge(charge_id).state == "captured"
    assert (found.changed, found.is_clean) == (["CS-2026-00001: the payment succeeded"], True)
    till.check()
    intent = till.attempt(charge_id).payment_reference
    till.fake.control("dispute", payment_intent=intent)
    assert reconcile().is_clean
    assert till.charge(charge_id).state == "disputed"
    before = watching.everything()
    assert reconcile().changed == []
    assert set(watching.changed(before)) == {"reconciliations"}
    till.check()


def test_a_charge_whose_end_we_misread_is_paid_after_all(till: Till) -> None:
    """The attempt was given up; the money had come: the gateway's list tells."""
    charge_id, step = till.open().approved()
    till.pay(step)
    watching.write("UPDATE attempts SET outcome = 'cancelled', settled_at = started_at")
    found = reconcile()
    assert found.changed == ["CS-2026-00001: money had come that we had not heard of"]
    assert till.charge(charge_id).state == "captured"
    till.check()


def test_fees_that_are_told_later_are_booked_then(each_till: Till) -> None:
    till = each_till.open()
    till.fake.control("behave", late_lines=True)
    charge_id = paid(till)
    [row] = watching.revenue(charge_id)
    assert row.fee_minor == 0
    found = reconcile()
    assert (found.differences, found.waiting) == ({"USD": 450_000}, {"USD": 450_000})
    assert found.is_clean
    till.fake.control("lines")
    assert reconcile().differences == {}
    assert reconcile().differences == {}
    rows = {r.kind: r for r in watching.revenue(charge_id)}
    assert (rows["fee"].gross_minor, rows["fee"].net_minor) == (0, -13_080)
    assert till.account("fees") == {"USD": 13_080}
    till.check()


def test_an_account_that_settles_in_another_currency(till: Till) -> None:
    till.fake.control("behave", settles_in={"usd": ["eur", 9, 10]})
    charge_id = paid(till.open())
    assert till.account("fees") == {"EUR": 11_775}
    assert till.account("exchange") == {"USD": 450_000, "EUR": -405_000}
    assert watching.revenue(charge_id)[0].fee_minor == 0
    refund(charge_id, "100.00")
    till.hear()
    assert reconcile().is_clean
    till.check()


def test_it_runs_by_itself_every_quarter_of_an_hour(till: Till) -> None:
    charge_id = lost_everything(till.open())
    till.later(seconds=1)
    watching.write("UPDATE jobs SET done_at = due_at WHERE kind IN ('settle_attempt', 'sweep')")
    till.later(minutes=13)
    assert till.charge(charge_id).state == "approved"
    till.later(minutes=2)
    assert till.charge(charge_id).state == "captured"
    [round_] = watching.rows("reconciliations")
    assert json.loads(round_["result"])["problem"] == ""


def test_a_dollar_too_much_is_told(till: Till) -> None:
    paid(till.open())
    watching.write("UPDATE gateway_lines SET amount_minor = amount_minor - 100")
    found = reconcile()
    assert (found.differences, found.is_clean) == ({"USD": 100}, False)
    [need] = [n for n in needs_me_now() if n.kind == "books_differ"]
    assert "100 minor units of USD" in need.detail
    watching.write("UPDATE gateway_lines SET amount_minor = amount_minor + 100")
    assert reconcile().is_clean
    assert [n for n in needs_me_now() if n.kind == "books_differ"] == []


@pytest.mark.parametrize("how", ["revoked", "unknown"])
def test_a_refused_key_says_what_to_do_and_loses_nothing(
    till: Till, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    charge_id = lost_everything(till.open())
    good = settings.load().stripe_secret_key
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", f"sk_test_{how}")
    settings.forget()
    found = reconcile()
    assert found.problem.startswith("Stripe refuses the secret key.")
    [need] = [n for n in needs_me_now() if n.kind == "gateway_account"]
    assert "COUNTERSIGN_STRIPE_SECRET_KEY" in need.detail
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", good)
    settings.forget()
    assert reconcile().is_clean
    assert till.charge(charge_id).state == "captured"
    assert needs_me_now() == ()


def test_an_account_that_cannot_charge_is_told_until_it_can(till: Till) -> None:
    till.open().fake.control(
        "account", charges_enabled=False, requirements={"disabled_reason": "requirements.past_due"}
    )
    charge_id, step = till.approved()
    assert not step.to_gateway
    assert till.attempt(charge_id).outcome == "cancelled"
    reconcile()
    needs = {need.kind: need.detail for need in needs_me_now()}
    assert "requirements.past_due" in needs["gateway_account"]
    till.fake.control("account", charges_enabled=True)
    reconcile()
    assert "gateway_account" not in {need.kind for need in needs_me_now()}


def test_the_sandbox_is_gone_through_as_well(books: str) -> None:
    made = seeded.paid(seeded.seed())
    assert reconcile().is_clean
    assert watching.revenue(made.id)
