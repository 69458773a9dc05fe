"""The adapter alone: every way Stripe can fail us, as one of our own errors, and keys that hold."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from billing_core import settings
from billing_core.errors import Declined, Down, Misused
from billing_core.gateway import stripe_client
from billing_core.gateway.port import KEY_REUSED, Order, SeenRefund
from billing_core.gateway.stripe_gateway import StripeGateway
from paynow.security import policy
from tests.conftest import Clock
from tests.stripe_fake.running import KEY, Fake
from tests.support.processes import ROOT

CREATE = "/v1/checkout/sessions"


def order(begun: datetime) -> Order:
    """Something to collect."""
    metadata = {"charge_id": "sc_1", "attempt_id": "at_1", "invoice_number": "CS-1"}
    return Order(450_000, "USD", "Phase 2", "Northlight", "https://pay.example/x", email="a@b.c",
                 metadata=metadata, first_asked_at=begun)  # fmt: skip


@pytest.fixture
def stripe(fake: Fake) -> Iterator[StripeGateway]:
    """The adapter, which waits for an answer for half a second only."""
    yield StripeGateway(KEY, address=fake.address, answer_s=0.5)
    stripe_client.forget()


@pytest.mark.parametrize(
    ("kind", "asked"),
    [("hang_before", 0), ("hang_after", 2), ("drop_before", 0), ("drop_after", 1), ("limit", 0),
     ("error", 2), ("error_after", 2)],
)  # fmt: skip
def test_no_answer_is_down_with_bounded_repeats_under_one_key(
    fake: Fake, stripe: StripeGateway, driven_clock: Clock, kind: str, asked: int
) -> None:
    fake.control("fault", kind=kind, path=CREATE, times=9)
    with pytest.raises(Down):
        stripe.open_checkout(order(driven_clock.now), "key-1")
    tries = fake.asked("POST", CREATE)
    assert len(tries) == asked
    assert {a["key"] for a in tries} <= {"key-1"}
    fake.control("heal")
    if not kind.startswith("error"):
        first = stripe.open_checkout(order(driven_clock.now), "key-1")
        assert stripe.open_checkout(order(driven_clock.now), "key-1") == first
        assert len(fake.objects("checkout.session")) == 1


def test_a_500_is_replayed_until_the_key_is_too_old_then_only_looked_for(
    fake: Fake, stripe: StripeGateway, driven_clock: Clock
) -> None:
    begun = driven_clock.now
    fake.control("fault", kind="error_after", path=CREATE, times=1)
    with pytest.raises(Down):
        stripe.open_checkout(order(begun), "key-1")
    [made] = fake.objects("checkout.session")
    at = driven_clock.advance(hours=20, seconds=1)
    fake.control("clock", at=int(at.timestamp()))
    assert stripe.open_checkout(order(begun), "key-1").reference == made["id"]
    other = replace(order(begun), metadata=order(begun).metadata | {"attempt_id": "at_2"})
    gone = stripe.open_checkout(other, "key-2")
    assert (gone.reference, gone.outcome) == ("", "cancelled")
    assert len(fake.objects("checkout.session")) == 1


def test_the_same_key_with_another_order_is_misuse(
    fake: Fake, stripe: StripeGateway, driven_clock: Clock
) -> None:
    stripe.open_checkout(order(driven_clock.now), "key-1")
    with pytest.raises(Misused) as misused:
        stripe.open_checkout(replace(order(driven_clock.now), amount_minor=1000), "key-1")
    assert misused.value.code == KEY_REUSED


def test_a_refund_under_a_key_of_another_says_nothing_of_the_first(
    fake: Fake, stripe: StripeGateway
) -> None:
    paid = fake.control("pay", amount=9900, currency="usd")["id"]

    def refund(amount_minor: int, key: str) -> SeenRefund:
        sums = {"amount_minor": amount_minor, "currency": "USD"}
        return stripe.refund(paid, **sums, reason="other", metadata={}, key=key)  # type: ignore[arg-type]

    assert refund(100, "key-1") == refund(100, "key-1")
    with pytest.raises(Misused) as misused:
        refund(200, "key-1")
    assert misused.value.code == KEY_REUSED
    with pytest.raises(Declined):
        refund(9801, "key-2")


def test_a_refused_key_is_down_and_says_what_to_do(fake: Fake, driven_clock: Clock) -> None:
    for key in ("sk_test_revoked", "sk_test_unknown"):
        refused = StripeGateway(key, address=fake.address)
        with pytest.raises(Down, match="COUNTERSIGN_STRIPE_SECRET_KEY") as down:
            refused.account()
        assert key not in down.value.sentence
    nowhere = StripeGateway(KEY, address="http://127.0.0.1:9", answer_s=0.5)
    with pytest.raises(Down):
        nowhere.account()
    stripe_client.forget()


def test_what_is_not_there_and_what_has_ended(
    fake: Fake, stripe: StripeGateway, driven_clock: Clock
) -> None:
    for reference in ("cs_test_none", "pi_none"):
        with pytest.raises(Misused) as missing:
            stripe.read(reference)
        assert missing.value.code == "GATEWAY_MISSING"
    seen = stripe.open_checkout(order(driven_clock.now), "key-1")
    assert stripe.cancel(seen.reference).outcome == "expired"
    assert stripe.cancel(seen.reference).outcome == "expired"
    stripe.detach_method("pm_gone")


def test_every_page_of_a_long_list_is_read(
    fake: Fake, stripe: StripeGateway, driven_clock: Clock
) -> None:
    for _ in range(105):
        fake.control("pay", amount=1000, currency="usd")
    since = driven_clock.now - timedelta(days=1)
    assert len(list(stripe.recent_lines(since))) == 105
    assert len(fake.asked("GET", "/v1/balance_transactions")) == 2
    assert list(stripe.recent_lines(driven_clock.now + timedelta(days=1))) == []


def test_a_form_may_lead_to_where_the_api_says_its_pages_are() -> None:
    found = settings.Settings.model_construct(
        gateway="stripe", public_url="", stripe_api_base="http://127.0.0.1:12111"
    )
    assert policy(found, "a{}").endswith("form-action 'self' http://127.0.0.1:12111")


def test_the_sandbox_never_loads_stripes_library() -> None:
    code = "import sys, billing_core.jobs, paynow.app; print('stripe' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=True)  # fmt: skip
    assert done.stdout == "False\n"
