"""Operations in front of the stand-in: what is wrong says what to do, and nothing is lost."""

from __future__ import annotations

import pytest

from billing_core import jobs, settings
from billing_core.errors import WebhookRejected
from billing_core.flows.receive_webhook import receive_webhook
from billing_core.reports import operations, outbox
from billing_core.reports.needs import needs_me_now
from billing_core.reports.outside import latest_round, to_look_at
from console import wording
from tests.console.screen import Screen
from tests.flows import watching
from tests.stripe.till import Till
from tests.stripe_fake import courier


def test_every_need_has_its_badge() -> None:
    from billing_core.reports import needs

    assert set(needs._ORDER) == set(wording.NEEDS)


def test_a_key_that_is_wrong_or_revoked(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", "sk_test_revoked")
    settings.forget()
    said = Screen("operations").said()
    assert "COUNTERSIGN_STRIPE_SECRET_KEY" in said
    assert "Copy the secret key again" in said
    screen = Screen("operations").click("reconcile")
    _drain()
    assert "COUNTERSIGN_STRIPE_SECRET_KEY" in latest_round().problem
    assert [need.kind for need in needs_me_now()] == ["gateway_account"]
    assert latest_round().problem in screen.run().said()
    assert "The payment gateway" in Screen().said()


def test_an_account_that_cannot_charge(till: Till) -> None:
    reason = {"disabled_reason": "requirements.past_due"}
    till.fake.control("account", charges_enabled=False, requirements=reason)
    assert "(requirements.past_due)" in Screen("operations").said()


def test_a_wrong_webhook_secret_closed_by_hand_and_back_again(till: Till) -> None:
    till.open()
    _knock_wrongly(till)
    assert "STRIPE_WEBHOOK_SECRET" in Screen().said()
    (concern,) = to_look_at()
    screen = Screen("operations").fill(f"why:{concern.id}", "The tunnel was an old one")
    screen.click(f"aside:{concern.id}")
    assert to_look_at() == ()
    assert "The tunnel was an old one" in operations.staff_log()[0].after
    till.later(hours=1)
    _knock_wrongly(till)
    assert to_look_at() != ()


def test_reconcile_now_tells_how_far_it_is_and_what_it_found(till: Till) -> None:
    charge_id, step = till.open().approved()
    till.pay(step)
    screen = Screen("operations").click("reconcile")
    assert screen.at.button(key="reconcile").disabled
    assert "You can leave this page." in screen.said()
    Screen("operations").run()
    assert len(watching.rows("jobs", "kind = 'reconcile_now'")) == 1
    _drain()
    assert till.charge(charge_id).state == "captured"
    said = screen.run().said()
    assert "They agree." in said
    assert "the payment succeeded" in said


def test_a_set_up_link_is_mailed_from_the_profile(till: Till) -> None:
    till.open()
    screen = Screen("customers", customer=till.seeded.customer).click("setup-link")
    assert [mail.kind for mail in outbox.mails()] == ["setup"]
    assert "Asked for another one" in screen.run().said()


def _drain() -> None:
    """The screen's own thread goes by the real clock: what it asked for is due by the test's."""
    watching.write("UPDATE jobs SET due_at = '2026-03-01 00:00:00.000000'"
                   " WHERE kind IN ('reconcile_now', 'apply_webhook')")  # fmt: skip
    jobs.drain()


def _knock_wrongly(till: Till) -> None:
    body, now = b"{}", int(till.clock.now.timestamp())
    with pytest.raises(WebhookRejected):
        receive_webhook(body, courier.sign(body, now, ["whsec_wrong"]))
