"""Word by word: both texts can be read back out of the pieces, and the work is bounded."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paynow.differences import words


def _before(before: str, after: str) -> str:
    return "".join(p.text for p in words(before, after) if p.kind != "added")


def _after(before: str, after: str) -> str:
    return "".join(p.text for p in words(before, after) if p.kind != "removed")


@settings(deadline=None)
@given(before=st.text(max_size=200), after=st.text(max_size=200))
def test_both_texts_stand_in_the_pieces(before: str, after: str) -> None:
    assert _before(before, after) == before
    assert _after(before, after) == after


@settings(deadline=None)
@given(st.text(max_size=200))
def test_the_same_text_has_no_differences(text: str) -> None:
    assert all(piece.kind == "same" for piece in words(text, text))


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ("delivered March 15", "delivered March 19", "delivered March [15]{19}"),
        ("March 16, 2026", "March 19, 2026", "March [16]{19}, 2026"),
        ("phone, with it", "phone with it", "phone[,] with it"),
        ("one two three", "one 2 3", "one [two three]{2 3}"),
        ("", "HV-7731", "{HV-7731}"),
        ("HV-7731", "", "[HV-7731]"),
        ("$4,500.00 now", "$4,200.00 now", "$[4,500.00]{4,200.00} now"),
    ],
)
def test_marks_stand_on_whole_words(before: str, after: str, shown: str) -> None:
    marks = {"same": "{}", "removed": "[{}]", "added": "{{{}}}"}
    assert "".join(marks[p.kind].format(p.text) for p in words(before, after)) == shown


def test_very_long_texts_are_one_removal_and_one_addition() -> None:
    before, after = "a b " * 5_000, "b a " * 5_000
    started = time.monotonic()
    pieces = words(before, after)
    assert [p.kind for p in pieces] == ["removed", "added"]
    assert time.monotonic() - started < 2
