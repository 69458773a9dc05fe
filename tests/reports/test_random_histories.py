"""Random histories made through the flows: Revenue and the ledger agree to the last minor unit.

Several currencies and tax kinds, two reporting zones; whatever is cut by month adds up again.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing_core import reports
from billing_core.flows.record_payment import record_payment
from billing_core.flows.save_company import save_company
from billing_core.flows.void_charge import void_charge
from billing_core.reports.trial_balance import trial_balance
from tests import books as made
from tests.books import OPERATOR, Seeded
from tests.conftest import Clock

ZONES = ("America/New_York", "Asia/Tokyo")
#: Currency → the item's tax: none, added, included, and added to a currency without decimals.
TAXES: dict[str, dict[str, str | bool]] = {
    "USD": {},
    "GBP": {"tax_name": "VAT", "tax_rate": "20"},
    "EUR": {"tax_name": "VAT", "tax_rate": "19", "tax_included": True},
    "JPY": {"tax_name": "JCT", "tax_rate": "8"},
}
STEPS = st.tuples(
    st.sampled_from(sorted(TAXES)),
    st.integers(min_value=1, max_value=9_999_99),
    st.sampled_from(["pays", "declines", "by_hand", "nothing", "void"]),
    st.integers(min_value=1, max_value=900),
)


@pytest.fixture
def people(books: str, driven_clock: Clock) -> dict[str, Seeded]:
    """One customer with one item in each currency."""
    return {currency: _person(currency, tax) for currency, tax in TAXES.items()}


def _person(currency: str, tax: dict[str, str | bool]) -> Seeded:
    whole = currency == "JPY"
    price = {"unit_price": "5000" if whole else "5000.00"}
    price["max_capture"] = "20000000" if whole else "25000.00"
    return made.seed(item={"currency": currency, **price, **tax}, currency=currency)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(history=st.lists(STEPS, min_size=1, max_size=6), zone=st.sampled_from(ZONES))
def test_revenue_is_the_ledger(
    people: dict[str, Seeded],
    driven_clock: Clock,
    history: list[tuple[str, int, str, int]],
    zone: str,
) -> None:
    """The books grow from example to example, which only makes the history longer."""
    save_company({"reporting_zone": zone}, actor=OPERATOR)
    for currency, minor, ending, hours in history:
        live(people[currency], currency, minor, ending)
        driven_clock.advance(hours=hours / 10)
    revenue, ledger = reports.revenue(), reports.ledger()
    against = reports.metrics.against_ledger(revenue, ledger)
    assert (against["difference_minor"] == 0).all()
    assert trial_balance().balanced
    assert ledger.groupby(["set_id", "currency"])["amount_minor"].sum().abs().sum() == 0
    gross = revenue.groupby("currency")["gross_minor"].sum().to_dict()
    paid = reports.charges().query("state == 'captured'").groupby("currency")["total_minor"].sum()
    assert gross == paid.to_dict()
    for each in ZONES:
        months = reports.metrics.by_month(revenue, each, by="source")
        assert months.groupby("currency")["gross_minor"].sum().to_dict() == gross
    _add_up_by_halves(gross, driven_clock)


def _add_up_by_halves(gross: dict[str, int], clock: Clock) -> None:
    """Cut anywhere, the two parts are the whole."""
    middle = clock.now - timedelta(hours=30)
    parts = [reports.revenue(until=middle), reports.revenue(since=middle)]
    sums = [part.groupby("currency")["gross_minor"].sum().to_dict() for part in parts]
    for currency, minor in gross.items():
        assert sum(part.get(currency, 0) for part in sums) == minor


def live(seeded: Seeded, currency: str, minor: int, ending: str) -> None:
    """One charge from its fire to its ending."""
    whole = currency == "JPY"
    amount = str(minor) if whole else f"{minor // 100}.{minor % 100:02d}"
    fired = made.fire(seeded, amount, f"Charge of {amount}", again=True)
    assert fired.charge
    if ending in ("pays", "declines"):
        step = made.approve(made.token(fired))
        made.pay(step, made.PAYS if ending == "pays" else made.DECLINES)
        made.settle(fired.charge.id)
    elif ending == "by_hand":
        # the day where the customer is: there it cannot be tomorrow yet
        there = fired.charge.fired_at.astimezone(ZoneInfo(str(made.CUSTOMER["time_zone"])))
        day = there.date().isoformat()
        words = {"method": "bank_transfer", "paid_on": day, "reference": "R"}
        record_payment(fired.charge.id, **words, actor=OPERATOR)
    elif ending == "void":
        void_charge(fired.charge.id, reason="", actor=OPERATOR)
