"""Sums, dates and names read as people of each locale write them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core.documents import wording
from billing_core.errors import AmountRefused
from billing_core.rules import money as rules_money


@pytest.mark.parametrize(
    ("amount_minor", "currency", "language", "shown"),
    [
        (450000, "USD", "en", "$4,500.00"),
        (5, "USD", "en", "$0.05"),
        (0, "USD", "en", "$0.00"),
        (-30000, "USD", "en", "−$300.00"),
        (495000, "JPY", "en", "¥495,000"),
        (4500000, "KWD", "en", "KWD\u00a04,500.000"),
        (450000, "EUR", "de", "4.500,00\u00a0€"),
        (450000, "EUR", "de-AT", "€\u00a04.500,00"),
        (450000, "USD", "xx-unknown", "$4,500.00"),
        (450000, "USD", "", "$4,500.00"),
        # CLDR rounds these to whole units, ISO 4217 does not
        (12345, "HUF", "en", "HUF\u00a0123.45"),
        (12345, "IDR", "en", "IDR\u00a0123.45"),
    ],
)
def test_money(amount_minor: int, currency: str, language: str, shown: str) -> None:
    assert wording.money(amount_minor, currency, language) == shown


@given(
    amount_minor=st.integers(-(10**14), 10**14), currency=st.sampled_from(rules_money.currencies())
)
def test_no_digit_of_a_sum_is_ever_lost(amount_minor: int, currency: str) -> None:
    shown = wording.money(amount_minor, currency)
    digits = "".join(c for c in shown if c.isascii() and (c.isdigit() or c == "."))
    assert abs(Decimal(digits.strip("."))) == abs(rules_money.to_decimal(amount_minor, currency))
    assert ("−" in shown) is (amount_minor < 0)


def test_a_currency_we_do_not_know_is_refused() -> None:
    with pytest.raises(AmountRefused):
        wording.money(1, "ZZZ")


def test_days() -> None:
    assert wording.day("2026-03-16") == wording.day(date(2026, 3, 16)) == "March 16, 2026"
    assert wording.day("2026-03-16", "de") == "16. März 2026"
    assert wording.day_short("2026-04-15") == "April 15"
    assert wording.day_short("2026-04-15", near="2026-03-16") == "April 15"
    assert wording.day_short("2027-01-04", near="2026-12-05") == "January 4, 2027"


@pytest.mark.parametrize(
    ("zone", "language", "shown"),
    [
        ("America/New_York", "en", "March 16, 2026, 9:12 AM EDT"),
        ("UTC", "en", "March 16, 2026, 1:12 PM UTC"),
        ("Europe/Berlin", "de", "16. März 2026, 14:12 MEZ"),
        ("Asia/Riyadh", "en", "March 16, 2026, 4:12 PM UTC+3"),
        ("Asia/Kathmandu", "en", "March 16, 2026, 6:57 PM UTC+5:45"),
        ("America/Sao_Paulo", "en", "March 16, 2026, 10:12 AM UTC−3"),
        ("No/Such_Zone", "en", "March 16, 2026, 1:12 PM UTC"),
    ],
)
def test_moment(zone: str, language: str, shown: str) -> None:
    assert wording.moment(datetime(2026, 3, 16, 13, 12, tzinfo=UTC), zone, language) == shown


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (38_000, "38 kB"),
        (999_700, "1 MB"),
        (8_200_000, "8.2 MB"),
        (56_000_000, "56 MB"),
        (1_900_000_000, "1.9 GB"),
    ],
)
def test_file_size(size_bytes: int, shown: str) -> None:
    assert wording.file_size(size_bytes) == shown


def test_small_words() -> None:
    assert wording.currency_name("USD") == "US dollars"
    assert wording.percent(82500) == "8.25%"
    assert wording.percent(190000, "de") == "19\u00a0%"
    assert wording.fingerprint("e41b9d0277ac" + "5" * 52) == "e41b 9d02 77ac"
    assert wording.fingerprint("") == ""


def test_a_title_splits_at_its_first_dash_only() -> None:
    assert wording.split_title("Phase 2: Designs — delivered — twice") == (
        "Phase 2: Designs",
        "delivered — twice",
    )
    assert wording.split_title("Phase 2—Designs") == ("Phase 2—Designs", "")
    assert wording.split_title(" — delivered") == (" — delivered", "")


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("accounts@harborandvine.example", "ac•••@harborandvine.example"),
        ("abc@x.example", "a•••@x.example"),
        ("a@x.example", "a•••@x.example"),
    ],
)
def test_masked_email(address: str, shown: str) -> None:
    assert wording.masked_email(address) == shown


def test_the_sentence_agreed_to_names_the_head_the_buyer_and_the_sum() -> None:
    sentence = wording.agreement_sentence(
        "Phase 2: Homepage designs — delivered March 15", "Harbor & Vine", "$4,500.00"
    )
    assert sentence == (
        "I have reviewed Phase 2: Homepage designs, I may approve it for Harbor & Vine, "
        "and I agree to pay $4,500.00."
    )


def test_braces_in_names_are_words_not_places_to_fill() -> None:
    assert "{total}" in wording.agreement_sentence("{total} {0}", "{buyer}", "$1.00")
