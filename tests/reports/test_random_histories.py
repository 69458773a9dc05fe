"""Random histories made through the flows: Revenue and the ledger agree to the last minor unit.

Several currencies and tax kinds, two reporting zones; whatever is cut by month adds up again.
"""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from billing_core import gateway, reports
from billing_core.flows.record_payment import record_payment
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.save_company import save_company
from billing_core.flows.take_dispute import take_dispute
from billing_core.flows.void_charge import void_charge
from billing_core.records import db, tables
from billing_core.reports.dossier import dossier
from billing_core.reports.trial_balance import trial_balance
from billing_core.rules import money
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
REFUNDED = (
    select(tables.refunds.c.currency, func.sum(tables.refunds.c.amount_minor))
    .where(tables.refunds.c.state == "succeeded")
    .group_by(tables.refunds.c.currency)
)
#: What becomes of money that came: sent back, in part, in two parts; objected to and decided.
AFTERWARDS = ("refunded", "partly", "twice", "disputed", "lost", "won", "partly_then_lost")
STEPS = st.tuples(
    st.sampled_from(sorted(TAXES)),
    st.integers(min_value=1, max_value=9_999_99),
    st.sampled_from(["pays", "declines", "by_hand", "nothing", "void", *AFTERWARDS]),
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
    _is_what_stayed(gross)
    for each in ZONES:
        months = reports.metrics.by_month(revenue, each, by="source")
        assert months.groupby("currency")["gross_minor"].sum().to_dict() == gross
    _add_up_by_halves(gross, driven_clock)


def _is_what_stayed(gross: dict[str, int]) -> None:
    """Paid, less what went back and what was lost: counted from the charges and disputes."""
    told, disputes = reports.charges(), reports.disputes()
    paid = told[told["captured_at"].notna()].groupby("currency")["total_minor"].sum()
    lost = disputes[disputes["state"] == "lost"].groupby("currency")["amount_minor"].sum()
    with db.read_only() as connection:
        back = {currency: int(minor) for currency, minor in connection.execute(REFUNDED)}
    for currency, minor in paid.items():
        stayed = minor - lost.get(currency, 0) - back.get(str(currency), 0)
        assert gross[str(currency)] == stayed, currency


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
    if ending in ("pays", "declines", *AFTERWARDS):
        step = made.approve(made.token(fired))
        made.pay(step, made.DECLINES if ending == "declines" else made.PAYS)
        made.settle(fired.charge.id)
        afterwards(fired.charge.id, amount_minor=minor, currency=currency, ending=ending)
    elif ending == "by_hand":
        # the day where the customer is: there it cannot be tomorrow yet
        there = fired.charge.fired_at.astimezone(ZoneInfo(str(made.CUSTOMER["time_zone"])))
        day = there.date().isoformat()
        words = {"method": "bank_transfer", "paid_on": day, "reference": "R"}
        record_payment(fired.charge.id, **words, actor=OPERATOR)
    elif ending == "void":
        void_charge(fired.charge.id, reason="", actor=OPERATOR)


def afterwards(charge_id: str, *, amount_minor: int, currency: str, ending: str) -> None:
    """Refunds, then a dispute and its end, as the ending says."""
    if ending in ("refunded", "twice", "partly", "partly_then_lost"):
        part = money.to_text(max(1, amount_minor // 3), currency)
        parts = {"refunded": [""], "twice": [part, ""]}.get(ending, [part])
        for each in parts if amount_minor > 1 else [""]:
            refund_charge(charge_id, amount=each, reason="other", actor=OPERATOR)
    if ending not in ("disputed", "lost", "won", "partly_then_lost") or amount_minor == 1:
        return
    company, (attempt,) = gateway.sandbox(), dossier(charge_id).attempts
    reference = company.open_dispute(attempt.payment_reference or "", "fraudulent")
    take_dispute(reference)
    if ending != "disputed":
        company.decide_dispute(reference, won=ending == "won")
        take_dispute(reference)
