"""Text from people on its way to paper and mail."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_core.documents import plain, twin
from billing_core.documents.phrases import count, phrase
from billing_core.documents.sheet import Row


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("  a \t b\r\nc ", "a b c"),
        ("a\x00b\x1bc", "a b c"),
        ("pay \u202e001$\u202c now", "pay 001$ now"),
        ("\ud800x", "x"),
        ("a\ufffeb", "ab"),
        ("🏳️‍🌈 🫨 e\u0301", "🏳️‍🌈 🫨 e\u0301"),
        ("Z" + "\u0351" * 50, "Z" + "\u0351" * 8),
    ],
)
def test_a_line(text: str, shown: str) -> None:
    assert plain.line(text) == shown


@given(text=st.text(st.characters(codec=None)))
def test_a_line_is_one_line_and_settles(text: str) -> None:
    once = plain.line(text)
    assert "\n" not in once
    assert plain.line(once) == once
    once.encode("utf-8")


def test_a_block_keeps_its_lines() -> None:
    assert plain.block("\r\na\r\n\r\n b \x00\rc\n") == "a\n\nb\nc"


def test_bounds() -> None:
    assert len(plain.line("x" * 5000)) == 1000
    assert plain.line("x" * 5000).endswith("…")
    assert len(plain.block("x" * 50000)) == 20000
    assert plain.cut("abcdef", 4) == "abc…"
    assert plain.cut("abcd", 4) == "abcd"


def test_only_long_runs_are_made_breakable() -> None:
    assert plain.breakable("a" * 32) == "a" * 32
    assert plain.breakable("a" * 40).replace("\u200b", "") == "a" * 40
    assert "\u200b" in plain.breakable("a" * 40)


@given(text=st.text(st.characters(categories=["L", "N", "P", "Zs"]), max_size=300))
def test_wrapping_loses_no_letter_and_keeps_to_the_width(text: str) -> None:
    line = plain.line(text)
    wrapped = twin.wrapped(line)
    assert "".join(wrapped.split()) == "".join(line.split())
    if "://" not in line and "{{" not in line:
        assert all(twin.columns(row) <= 72 for row in wrapped.split("\n"))


def test_an_address_is_never_broken() -> None:
    address = "https://pay.example/" + "x" * 100
    assert address in twin.wrapped(f"Open this: {address} now").split("\n")


def test_sums_stand_under_one_another_whatever_the_script() -> None:
    rows = [Row("消費税 10%", "¥45,000"), Row("Total", "¥495,000"), Row("long " * 20, "¥1")]
    printed = twin.ledger(rows, Row("Sum", "¥1")).split("\n")
    ends = {twin.columns(row) for row in printed if "¥" in row or "---" in row}
    assert len(ends) == 1
    assert printed[-2].strip() == "-" * 8


def test_numbers_to_twelve_are_words() -> None:
    assert count(1, "{n} day ago", "{n} days ago", language="en") == "one day ago"
    assert count(12, "{n} day ago", "{n} days ago", language="en") == "twelve days ago"
    assert count(13, "{n} day ago", "{n} days ago", language="en") == "13 days ago"


def test_a_language_without_a_catalogue_reads_english() -> None:
    assert phrase("tlh")("Total due") == "Total due"
