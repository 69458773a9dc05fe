"""Every journey that needs no browser at the gateway, at Stripe itself: ``make test-live``.

The very same tests run in front of the stand-in with everything else, so they are known to work.
Stripe wants a test key in COUNTERSIGN_STRIPE_SECRET_KEY; no real money moves, and what a test paid
it sends back.
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from billing_core import settings
from billing_core.errors import Misused
from billing_core.flows.examine_gateway import examine_gateway
from billing_core.flows.finish_setup import finish_setup
from billing_core.flows.reconcile import Reconciled, reconcile
from billing_core.flows.request_setup import request_setup
from billing_core.flows.start_attempt import order_of
from billing_core.flows.void_charge import void_charge
from billing_core.gateway import outside, stripe_client, stripe_reading
from billing_core.gateway.port import KEY_REUSED
from billing_core.records import customers, db
from billing_core.rules.nouns import Attempt, Charge
from tests import books as seeded
from tests.books import OPERATOR
from tests.flows import watching
from tests.stripe.test_refunds import refund
from tests.stripe.test_stored_method import OFF_SESSION
from tests.support.processes import ROOT

#: "" in front of the stand-in. Read here, because tests see no setting from outside.
LIVE_KEY = os.environ.get("COUNTERSIGN_STRIPE_SECRET_KEY", "") if os.environ.get("LIVE") else ""
PAYS, FAILS, ASKS = "pm_card_visa", "pm_card_chargeCustomerFail", "pm_card_authenticationRequired"
TRIES = 30


@dataclass
class Shop:
    """Books with one customer, and what that customer does at the gateway without us."""

    seeded: seeded.Seeded
    token: str = ""

    @property
    def theirs(self) -> Any:
        """The gateway's own API, under the same key."""
        here = settings.load()
        return stripe_client.client(here.stripe_secret_key, here.stripe_api_base).v1

    def keep_card(self, token: str) -> None:
        """The client stored a card, as if they had come from the set-up's page."""
        with db.read_only() as connection:
            customer = customers.get(connection, self.seeded.customer)
        made = outside().ensure_customer(
            customer.id, name=customer.billed_as(), email=customer.email, key=f"live-{customer.id}"
        )
        kept = stripe_reading.method(self.theirs.payment_methods.attach(token, {"customer": made}))
        with db.begin() as connection:
            customers.save(
                connection, replace(customer, gateway_customer=made, payment_method=kept)
            )

    def fire(self, amount: str = "12.00") -> Charge:
        """One charge, as it stands afterwards."""
        fired = seeded.fire(self.seeded, amount, again=True)
        assert fired.charge
        self.token = (fired.url or "").rpartition("/")[2]
        return seeded.charge(fired.charge.id)

    def approve(self, method: str) -> str:
        """The client approves what was fired last; where the press led."""
        return seeded.approve(self.token, method=method).url


@pytest.fixture(params=[{}])
def shop(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    """A shop at Stripe, or at the stand-in; its parameter is what differs in its item."""
    item: dict[str, Any] = request.param
    currency = str(item.get("currency", "USD"))
    if not LIVE_KEY:
        till = request.getfixturevalue("till").open(item=item, currency=currency)
        yield Shop(till.seeded)
        return
    assert "_test_" in LIVE_KEY, "only a test key: a live one moves real money"
    request.getfixturevalue("sqlite_books")
    monkeypatch.setenv("COUNTERSIGN_GATEWAY", "stripe")
    monkeypatch.setenv("COUNTERSIGN_STRIPE_SECRET_KEY", LIVE_KEY)
    monkeypatch.setenv("COUNTERSIGN_STRIPE_WEBHOOK_SECRET", "whsec_nobody_knocks_here")
    settings.forget()
    yield Shop(seeded.seed(item=item, currency=currency, payment_method=""))
    stripe_client.forget()


off_session = pytest.mark.parametrize("shop", [OFF_SESSION], indirect=True, ids=["off_session"])


def reconciled() -> Reconciled:
    """Our books against the gateway's, once it has written down everything that it did."""
    return eventually(reconcile, lambda found: not found.waiting)


def eventually(look: Callable[[], Any], holds: Callable[[Any], bool]) -> Any:
    """Look until it holds: Stripe books a payment moments after it answered, and tells nobody."""
    for _ in range(TRIES if LIVE_KEY else 1):
        found = look()
        if holds(found):
            return found
        time.sleep(1)
    raise AssertionError(f"it never held: {found}")


def attempt_of(charge: Charge) -> Attempt:
    """The latest attempt of a charge."""
    return seeded.attempts_of(charge.id)[-1]


def test_the_key_is_one_for_tests_and_the_account_answers(shop: Shop) -> None:
    [account] = [f for f in examine_gateway(settings.load()) if f.name == "stripe account"]
    assert "in test mode: no real money moves" in account.sentence


@off_session
def test_a_stored_card_is_charged_and_refunded_in_parts(shop: Shop) -> None:
    shop.keep_card(PAYS)
    charge = shop.fire()
    assert charge.state == "captured"
    held = shop.theirs.payment_intents.retrieve(attempt_of(charge).payment_reference)
    assert (held.amount_received, held.currency) == (1200, "usd")
    told = held.metadata.to_dict()
    assert (told["charge_id"], told["document_sha256"]) == (charge.id, charge.document_sha256)
    assert reconciled().is_clean
    assert sum(row.fee_minor for row in watching.revenue(charge.id)) > 0
    part = refund(charge.id, "5.00")
    assert (part.state, seeded.charge(charge.id).state) == ("succeeded", "captured")
    assert refund(charge.id).amount_minor == 700
    assert seeded.charge(charge.id).state == "refunded"
    assert reconciled().is_clean


@pytest.mark.parametrize(
    ("shop", "amount", "theirs"),
    [
        (OFF_SESSION | {"currency": "JPY", "unit_price": "900", "max_capture": "9000"}, "900", 900),
        (OFF_SESSION | {"currency": "ISK", "unit_price": "900", "max_capture": "9000"}, "900",
         90_000),
        (OFF_SESSION | {"currency": "HUF", "unit_price": "904.50"}, "904.50", 90_450),
    ],
    indirect=["shop"],
    ids=["JPY", "ISK", "HUF"],
)  # fmt: skip
def test_a_sum_in_another_currency_is_what_the_client_approved(
    shop: Shop, amount: str, theirs: int
) -> None:
    shop.keep_card(PAYS)
    charge = shop.fire(amount)
    assert charge.state == "captured"
    held = shop.theirs.payment_intents.retrieve(attempt_of(charge).payment_reference)
    assert held.amount_received == theirs
    assert refund(charge.id).state == "succeeded"
    assert reconciled().is_clean


@off_session
def test_a_card_that_declines_fails_the_charge(shop: Shop) -> None:
    shop.keep_card(FAILS)
    charge = shop.fire()
    assert charge.state == "failed"
    assert attempt_of(charge).problem
    assert watching.rows("enrolments")[0]["consecutive_failures"] == 1


@off_session
def test_a_bank_that_wants_the_client_gets_a_link(shop: Shop) -> None:
    shop.keep_card(ASKS)
    charge = shop.fire()
    assert charge.state == "pending_client"
    assert [mail.kind for mail in watching.mails_of(charge.id)] == ["invoice"]
    held = shop.theirs.payment_intents.retrieve(attempt_of(charge).reference)
    assert held.status == "canceled"


def test_one_press_pays_with_the_stored_card(shop: Shop) -> None:
    shop.keep_card(PAYS)
    charge = shop.fire()
    shop.approve("saved")
    assert seeded.charge(charge.id).state == "captured"
    assert refund(charge.id).state == "succeeded"
    assert reconciled().is_clean


def test_the_bank_asks_on_a_press_and_the_operator_withdraws(shop: Shop) -> None:
    shop.keep_card(ASKS)
    charge = shop.fire()
    assert shop.approve("saved").startswith("http")
    assert attempt_of(charge).outcome == "requires_action"
    assert void_charge(charge.id, reason="", actor=OPERATOR).state == "void"
    assert shop.theirs.payment_intents.retrieve(attempt_of(charge).reference).status == "canceled"


def test_a_checkout_page_opens_and_is_closed(shop: Shop) -> None:
    charge = shop.fire()
    url = shop.approve("new")
    held = shop.theirs.checkout.sessions.retrieve(attempt_of(charge).reference)
    assert (held.status, held.url, held.amount_total) == ("open", url, 1200)
    assert held.client_reference_id == charge.id
    assert void_charge(charge.id, reason="", actor=OPERATOR).state == "void"
    assert shop.theirs.checkout.sessions.retrieve(held.id).status == "expired"


def test_a_set_up_page_opens_and_runs_out(shop: Shop) -> None:
    setup = request_setup(shop.seeded.customer, actor=OPERATOR)
    assert setup.url
    assert finish_setup(setup.id).state == "open"
    shop.theirs.checkout.sessions.expire(setup.reference)
    assert finish_setup(setup.id).state == "expired"


def test_a_key_gives_its_own_object_and_no_other(shop: Shop) -> None:
    charge = shop.fire()
    shop.approve("new")
    attempt = attempt_of(charge)
    with db.read_only() as connection:
        order = order_of(connection, attempt)
    again = outside().open_checkout(order, attempt.idempotency_key)
    assert again.reference == attempt.reference
    with pytest.raises(Misused) as misused:
        outside().open_checkout(replace(order, amount_minor=900), attempt.idempotency_key)
    assert misused.value.code == KEY_REUSED
    assert outside().withdraw(order, attempt.idempotency_key).outcome == "expired"
    assert reconciled().is_clean


@pytest.mark.parametrize(
    ("key", "code", "said"),
    [
        ("", 0, "skipped, nothing was tested: set"),
        ("sk_live_x", 2, "refused: "),
        ("rk", 2, "refused"),
    ],
)
def test_without_a_test_key_nothing_is_asked_of_stripe(key: str, code: int, said: str) -> None:
    plain = {k: v for k, v in os.environ.items() if not k.startswith(("COUNTERSIGN_", "MAKE"))}
    done = subprocess.run(
        ["make", "--no-print-directory", "test-live"], cwd=ROOT, capture_output=True, text=True,
        env=plain | {"COUNTERSIGN_STRIPE_SECRET_KEY": key}, check=False,
    )  # fmt: skip
    assert done.returncode == code
    assert said in (done.stderr if code else done.stdout)
