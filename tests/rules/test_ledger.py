"""Every set of postings sums to zero per currency, with the signs of document 1."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_core.errors import BooksBroken
from billing_core.rules import ledger, money
from billing_core.rules.ledger import Posting

quick = settings(max_examples=200, deadline=None)
amounts = st.integers(1, money.LARGEST_MINOR)
currencies = st.sampled_from(["USD", "JPY", "KWD"])
gateways = st.sampled_from(["sandbox", "stripe", "bank"])
postings = st.builds(
    Posting,
    account=st.sampled_from(["cash:sandbox", "sales", "tax", "fees"]),
    amount_minor=st.integers(-5, 5),
    currency=currencies,
)


def sums(lines: tuple[Posting, ...] | list[Posting]) -> dict[str, int]:
    """What each currency sums to."""
    totals: Counter[str] = Counter()
    for line in lines:
        totals[line.currency] += line.amount_minor
    return dict(totals)


@quick
@given(gateways, amounts, st.integers(0, money.LARGEST_MINOR), currencies)
def test_a_capture(gateway: str, net: int, tax: int, currency: str) -> None:
    lines = ledger.capture(gateway, net_minor=net, tax_minor=tax, currency=currency)
    found = {line.account: line.amount_minor for line in lines}
    assert found == {f"cash:{gateway}": net + tax, "sales": -net} | ({"tax": -tax} if tax else {})
    assert sums(lines) == {currency: 0}


@quick
@given(gateways, amounts, currencies)
def test_a_fee_and_money_a_second_time(gateway: str, amount: int, currency: str) -> None:
    cash = f"cash:{gateway}"
    fee = ledger.fee(gateway, fee_minor=amount, currency=currency)
    assert {p.account: p.amount_minor for p in fee} == {"fees": amount, cash: -amount}
    second = ledger.second_money(gateway, amount_minor=amount, currency=currency)
    assert {p.account: p.amount_minor for p in second} == {cash: amount, "suspense": -amount}
    assert sums(fee) == sums(second) == {currency: 0}


@quick
@given(st.lists(postings, max_size=8))
def test_a_set_is_balanced_per_currency_or_it_is_none(lines: list[Posting]) -> None:
    if any(sums(lines).values()):
        with pytest.raises(BooksBroken, match="does not sum to zero"):
            ledger.balanced(*lines)
    else:
        assert ledger.balanced(*lines) == tuple(p for p in lines if p.amount_minor)


def test_two_currencies_never_make_up_for_each_other() -> None:
    with pytest.raises(BooksBroken):
        ledger.balanced(Posting("cash:bank", 5, "USD"), Posting("sales", -5, "JPY"))
