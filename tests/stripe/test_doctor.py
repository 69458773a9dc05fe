"""``doctor`` on Stripe: what is wrong, in a sentence that says what to do."""

from __future__ import annotations

import pytest

from billing_core import settings
from billing_core.errors import SettingsWrong, WebhookRejected
from billing_core.flows.examine import examine
from billing_core.flows.examine_settings import Finding
from billing_core.flows.receive_webhook import receive_webhook
from billing_core.flows.reconcile import reconcile
from billing_core.reports.needs import needs_me_now
from tests.stripe.test_refunds import paid
from tests.stripe.till import Till
from tests.stripe_fake import courier
from tests.stripe_fake.running import LIVE_KEY


def found(name: str) -> Finding:
    """Doctor's finding about the gateway under this name."""
    return next(f for f in examine() if f.name == f"stripe {name}")


def test_all_is_well(till: Till) -> None:
    paid(till.open())
    reconcile()
    assert found("account").sentence == (
        "Northlight Studio (US) answers, in test mode: no real money moves."
    )
    assert (found("webhooks").grade, found("books").grade) == ("ok", "ok")
    assert found("address").sentence.startswith(
        f"Requests go to {till.fake.address}, not to Stripe"
    )


def test_a_wrong_key(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", "sk_test_revoked")
    settings.forget()
    assert found("account").grade == "bad"
    assert "COUNTERSIGN_STRIPE_SECRET_KEY" in found("account").sentence


def test_an_account_that_cannot_charge(till: Till) -> None:
    reason = {"disabled_reason": "requirements.past_due"}
    till.fake.control("account", charges_enabled=False, requirements=reason)
    assert found("account").grade == "bad"
    assert "(requirements.past_due)" in found("account").sentence


def test_a_wrong_webhook_secret_is_said_until_a_right_one_signs(till: Till) -> None:
    till.open().fake.control("pay", amount=9900, currency="usd")
    assert found("webhooks").sentence == "No message of Stripe's has come yet."
    body, now = b"{}", int(till.clock.now.timestamp())
    for _ in range(3):
        with pytest.raises(WebhookRejected):
            receive_webhook(body, courier.sign(body, now, ["whsec_wrong"]))
    assert found("webhooks").grade == "bad"
    assert "STRIPE_WEBHOOK_SECRET" in found("webhooks").sentence
    assert [need.kind for need in needs_me_now()] == ["webhook_secret"]
    till.hear()
    assert found("webhooks").grade == "ok"
    assert needs_me_now() == ()


def test_test_and_live_mixed_up(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    """A payment begun in test mode, and then a live key: nothing is lost, and the cure is said."""
    charge_id, step = till.open().approved()
    till.pay(step)
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", LIVE_KEY)
    settings.forget()
    till.later(minutes=2)
    assert till.attempt(charge_id).outcome == "requires_action"
    reconcile()
    said = " ".join(need.detail for need in needs_me_now())
    assert "test and live keys are mixed up" in said
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", "sk_test_countersign")
    settings.forget()
    assert reconcile().is_clean
    assert till.charge(charge_id).state == "captured"
    till.check()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("SECRET_KEY", "", "STRIPE_SECRET_KEY is missing"),
        ("SECRET_KEY", "pk_test_x", "a publishable key"),
        ("SECRET_KEY", "whsec_x", "starts with sk_ or rk_"),
        ("WEBHOOK_SECRET", "whsec_a, sk_test_b", "must start with whsec_"),
        ("API_BASE", "api.stripe.com", "must start with http"),
    ],
)
def test_settings_that_cannot_work(
    in_stripe_mode: None, monkeypatch: pytest.MonkeyPatch, name: str, value: str, said: str
) -> None:
    monkeypatch.setenv(f"COUNTERSIGN_STRIPE_{name}", value)
    settings.forget()
    with pytest.raises(SettingsWrong, match=said):
        settings.load()


def test_no_secret_is_ever_said(till: Till, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    charge_id, step = till.open().approved()
    till.pay(step)
    till.hear()
    # the test's own client writes down where it was sent
    ours = [r.getMessage() for r in caplog.records if not r.name.startswith("http")]
    said = " ".join(ours) + " ".join(f.sentence + f.cure for f in examine())
    assert till.charge(charge_id).state == "captured"
    assert "sk_test_countersign" not in said
    assert "whsec_countersign" not in said
    assert "/pay/" not in said
