"""Sums as Stripe counts them: what the client approved is what is charged, in every currency."""

from __future__ import annotations

import pytest

from billing_core.errors import AmountRefused
from billing_core.flows.reconcile import reconcile
from billing_core.gateway.stripe_amounts import from_stripe, to_stripe
from billing_core.rules import money
from tests import books as seeded
from tests.flows import watching
from tests.stripe.test_refunds import refund
from tests.stripe.till import Till

#: Our minor units, and Stripe's amount: from its page on currencies, by hand.
PAIRS = {
    "USD": (450_000, 450_000),
    "EUR": (1, 1),
    "JPY": (500, 500),
    "KRW": (1_000_000, 1_000_000),
    "KWD": (5_120, 5_120),
    "BHD": (10, 10),
    "ISK": (5, 500),
    "UGX": (5, 500),
    "HUF": (104_500, 104_500),
    "TWD": (80_045, 80_045),
    "MGA": (500, 5),
}


@pytest.mark.parametrize("currency", PAIRS)
def test_there_and_back(currency: str) -> None:
    ours, theirs = PAIRS[currency]
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency) == ours
    assert from_stripe(-theirs, currency) == -ours


def test_every_currency_we_know_is_taken_whole_or_refused() -> None:
    for currency in money.currencies():
        unit = 10 ** money.exponent(currency)
        try:
            theirs = to_stripe(1230 * unit, currency)
        except AmountRefused:
            assert currency in ("IQD", "LYD", "UYI")
            continue
        assert from_stripe(theirs, currency) == 1230 * unit


@pytest.mark.parametrize(("currency", "ours"), [("KWD", 5_124), ("MGA", 550), ("IQD", 1000)])
def test_a_sum_that_does_not_fit_is_refused_never_rounded(currency: str, ours: int) -> None:
    with pytest.raises(AmountRefused):
        to_stripe(ours, currency)


@pytest.mark.parametrize(
    ("currency", "amount", "theirs"),
    [("JPY", "45000", 45_000), ("KWD", "450.120", 450_120), ("ISK", "600000", 60_000_000)],
)
def test_a_charge_from_approved_to_refunded(
    till: Till, currency: str, amount: str, theirs: int
) -> None:
    item: dict[str, str | bool] = {"currency": currency, "unit_price": amount,
                                   "max_capture": "9000000"}  # fmt: skip
    charge_id, step = till.open(item=item, currency=currency).approved(amount)
    till.pay(step)
    till.hear()
    assert till.charge(charge_id).state == "captured"
    [intent] = till.fake.objects("payment_intent")
    assert (intent["amount"], intent["currency"]) == (theirs, currency.lower())
    assert reconcile().is_clean
    assert watching.revenue(charge_id)[0].gross_minor == money.parse_amount(amount, currency)
    assert refund(charge_id).state == "succeeded"
    assert till.charge(charge_id).state == "refunded"
    assert sum(r.gross_minor for r in watching.revenue(charge_id)) == 0


def test_a_sum_stripe_cannot_take_is_refused_before_anything_is_sent(till: Till) -> None:
    item: dict[str, str | bool] = {"currency": "KWD", "unit_price": "10.000"}
    till.open(item=item, currency="KWD")
    before = watching.everything()
    with pytest.raises(AmountRefused, match="third decimal is 0"):
        seeded.fire(till.seeded, "10.001")
    assert watching.changed(before) == {}
