"""Amounts as text and as minor units: what is read, what is refused, and how it is written."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from billing_core.errors import AmountRefused
from billing_core.rules import money

# ISO 4217's own lists: everything that is not a hundredth
WHOLE = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
THOUSANDTHS = "BHD IQD JOD KWD LYD OMR TND"

codes = st.sampled_from(money.currencies())
amounts = st.integers(min_value=1, max_value=money.LARGEST_MINOR)
quick = settings(max_examples=150, deadline=None)

# what 5-reliability calls hostile, and its neighbours: refused in dollars, however it was typed
HOSTILE: list[object] = [
    "", " ", "\t\n", "-1", "-0.01", "−5", "0", "0.00", "000", "NaN", "nan", "sNaN", "Infinity",
    "-Infinity", "inf", "1e309", "1e3", "1E2", "1_000", "0x10", "1,000", "4,500", "1,00", "1,0000",
    "1,000,00", "4.500,00", "4 500.00", "4500.000", "0.001", "1.005", ".5", "5.", ".", "1..2",
    "1.2.3", "+5", "$5", "5 USD", "5%", "=1+1", "１２", "٤٥٠٠", "४५००", "4500\x00", "4500\u200b",
    "4\n500", "1" * 16, "9" * 400, "1" + "0" * 15, "1000000000000.01", "<b>5</b>", None, True,
    False, 5, 5.0, Decimal(5), b"5", ["5"], {"amount": "5"},
]  # fmt: skip


def test_exponents_are_iso_4217s() -> None:
    known = money.currencies()
    assert " ".join(code for code in known if money.exponent(code) == 0) == WHOLE
    assert " ".join(code for code in known if money.exponent(code) == 3) == THOUSANDTHS
    assert {money.exponent(code) for code in known} == {0, 2, 3}
    assert {"USD", "EUR", "GBP", "CHF", "HUF", "TWD", "MGA", "CNY", "INR", "BRL"} <= set(known)
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in known)


@pytest.mark.parametrize("code", ["", "usd", "US", "USDX", "XXX", "BTC", "Ü" * 99, "U\u202eSD"])
def test_an_unknown_currency_is_refused_and_not_guessed(code: str) -> None:
    with pytest.raises(AmountRefused) as refused:
        money.exponent(code)
    assert refused.value.code == "CURRENCY_UNKNOWN"
    assert len(refused.value.sentence) < 90
    with pytest.raises(AmountRefused):
        money.parse_amount("5", code)


@quick
@given(amounts, codes)
@example(1, "JPY")
@example(1, "USD")
@example(1, "KWD")
@example(money.LARGEST_MINOR, "KWD")
def test_what_is_written_is_read_back(amount_minor: int, currency: str) -> None:
    text = money.to_text(amount_minor, currency)
    assert money.parse_amount(text, currency) == amount_minor
    assert len(text.partition(".")[2]) == money.exponent(currency)
    assert "e" not in text.lower()


@quick
@given(amounts, codes)
def test_grouped_as_a_person_writes_it_means_the_same(amount_minor: int, currency: str) -> None:
    places = money.exponent(currency)
    grouped = f"{money.to_decimal(amount_minor, currency):,.{places}f}"
    if "," in grouped and places:
        assert money.parse_amount(grouped, currency, grouped=True) == amount_minor
    if "," in grouped:
        with pytest.raises(AmountRefused, match="without thousands separators"):
            money.parse_amount(grouped, currency)


@quick
@given(st.integers(-(10**15), 10**15), codes)
def test_decimal_is_exact(amount_minor: int, currency: str) -> None:
    exact = money.to_decimal(amount_minor, currency)
    assert exact * Decimal(10) ** money.exponent(currency) == amount_minor
    assert Decimal(money.to_text(amount_minor, currency)) == exact


@quick
@given(st.text(max_size=20) | st.from_regex(r"[-+]?[0-9., _]{1,12}(e[0-9]{1,3})?"), codes)
def test_any_text_is_an_exact_amount_or_refused(text: str, currency: str) -> None:
    for grouped in (False, True):
        with suppress(AmountRefused):
            found = money.parse_amount(text, currency, grouped=grouped)
            bare = text.strip().replace(",", "") if grouped else text.strip()
            assert bare.isascii()
            assert money.to_decimal(found, currency) == Decimal(bare)


@pytest.mark.parametrize("grouped", [False, True], ids=["machine", "person"])
@pytest.mark.parametrize("typed", HOSTILE, ids=lambda typed: repr(typed)[:24])
def test_hostile_amounts_are_refused(typed: object, grouped: bool) -> None:
    with pytest.raises(AmountRefused) as refused:
        money.parse_amount(typed, "USD", grouped=grouped)
    assert refused.value.code == "AMOUNT_INVALID"
    assert refused.value.sentence.endswith(".")


@pytest.mark.parametrize(
    ("typed", "currency", "says"),
    [
        ("", "USD", "for example 4500.00"),
        ("", "JPY", "for example 4500."),
        ("", "KWD", "for example 4500.000"),
        ("-1", "USD", "more than zero"),
        ("0", "USD", "more than zero"),
        ("1,000", "USD", "without thousands separators"),
        ("4500.000", "USD", "USD has 2 decimals at most"),
        ("4500.0", "JPY", "JPY has no decimals"),
        ("4500.0000", "KWD", "KWD has 3 decimals at most"),
        ("1e309", "USD", "not an amount"),
        ("999999999999999", "USD", "larger than any we can handle"),
    ],
)
def test_the_refusal_says_what_to_write_instead(typed: str, currency: str, says: str) -> None:
    with pytest.raises(AmountRefused) as refused:
        money.parse_amount(typed, currency, grouped=True)
    assert says in refused.value.sentence


@pytest.mark.parametrize(
    ("typed", "currency", "amount_minor"),
    [
        ("4500", "USD", 450_000),
        ("4500.5", "USD", 450_050),
        (" 4500.00 ", "USD", 450_000),
        ("0.01", "USD", 1),
        ("007.10", "USD", 710),
        ("4500", "JPY", 4500),
        ("4500.125", "KWD", 4_500_125),
        ("4500.1", "KWD", 4_500_100),
        ("1000000000000.00", "USD", 10**14),
        ("100000000000000", "JPY", 10**14),
    ],
)
def test_plain_amounts(typed: str, currency: str, amount_minor: int) -> None:
    assert money.parse_amount(typed, currency) == amount_minor


@pytest.mark.parametrize("typed", ["4,500.00", "1,234,567.89", "12,345.6"])
def test_thousands_only_for_people_and_only_with_decimals(typed: str) -> None:
    bare = typed.replace(",", "")
    expected = int(Decimal(bare).scaleb(2))
    assert money.parse_amount(typed, "USD", grouped=True) == expected
    with pytest.raises(AmountRefused):
        money.parse_amount(typed, "USD")


@pytest.mark.parametrize(
    "sent", [0, -1, True, False, 1.0, "1", None, Decimal(1), money.LARGEST_MINOR + 1]
)
def test_minor_units_are_whole_positive_and_bounded(sent: object) -> None:
    with pytest.raises(AmountRefused):
        money.check_amount(sent)


def test_minor_units_up_to_the_bound_are_taken() -> None:
    assert money.check_amount(1) == 1
    assert money.check_amount(money.LARGEST_MINOR) == 10**14


@quick
@given(st.integers(0, 10**20), st.integers(1, 10**8))
@example(5, 10)
@example(15, 10)
@example(25, 10)
def test_division_rounds_half_away_from_zero(numerator: int, denominator: int) -> None:
    found = money.divide_rounded(numerator, denominator)
    doubled = 2 * (numerator - found * denominator)
    assert -denominator <= doubled < denominator
