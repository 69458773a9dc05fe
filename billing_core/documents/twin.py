"""The layout of a mail's plain-text twin: 72 columns, sums right-aligned under one another."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache

from billing_core.documents.sheet import Row

WIDTH = 72
_LABEL_MOST = 46
_GAP = 5


def columns(text: str) -> int:
    """How many columns ``text`` takes in a fixed-width face: wide letters take two."""
    return len(text) if text.isascii() else sum(map(_columns_of, text))


def wrapped(text: str, width: int = WIDTH, indent: str = "") -> str:
    """``text`` broken at spaces into lines of at most ``width`` columns; addresses stay whole.

    Every line but the first begins with ``indent``.
    """
    rows = [row for line in text.split("\n") for row in _wrapped_row(line, width - len(indent))]
    return f"\n{indent}".join(rows)


def ledger(rows: Sequence[Row], total: Row | None = None) -> str:
    """``rows`` as labels with right-aligned values; a rule above ``total`` when there is one."""
    every = [*rows, total] if total else [*rows]
    labels = [wrapped(row.label, _LABEL_MOST).split("\n") for row in every]
    left = max(columns(line) for lines in labels for line in lines) + _GAP
    right = max(columns(row.value) for row in every)
    printed = [
        _entry(lines, row.value, left=left, right=right)
        for lines, row in zip(labels, every, strict=True)
    ]
    if total:
        printed.insert(-1, " " * left + "-" * right)
    return "\n".join(printed)


def _entry(label: list[str], value: str, *, left: int, right: int) -> str:
    first = label[0] + " " * (left - columns(label[0])) + " " * (right - columns(value)) + value
    return "\n".join([first, *label[1:]])


@lru_cache(maxsize=4096)
def _columns_of(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) == "Cf":
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _wrapped_row(row: str, width: int) -> list[str]:
    if row.isascii() and len(row) <= width:
        return [row]
    rows: list[str] = []
    current = ""
    for word in _pieces(row, width):
        joined = f"{current} {word}" if current else word
        if current and columns(joined) > width:
            rows.append(current)
            joined = word
        current = joined
    return [*rows, current]


def _pieces(row: str, width: int) -> list[str]:
    # only an address may stick out: cut in two, nobody could open it
    pieces: list[str] = []
    for word in row.split(" "):
        whole = "://" in word or "{{" in word or columns(word) <= width
        pieces += [word] if whole else _chopped(word, width)
    return pieces


def _chopped(word: str, width: int) -> list[str]:
    parts, current, used = [], "", 0
    for character in word:
        takes = _columns_of(character)
        if used + takes > width:
            parts.append(current)
            current, used = "", 0
        current, used = current + character, used + takes
    return [*parts, current]
