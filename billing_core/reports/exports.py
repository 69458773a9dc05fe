"""Frames as files. Amounts also as decimal text; no cell is ever a live formula."""

from __future__ import annotations

import csv as stdlib_csv
import io
from typing import TYPE_CHECKING

from billing_core.rules import money

if TYPE_CHECKING:
    import pandas as pd

#: What spreadsheets take for a formula at the start of a cell.
_LIVE = ("=", "+", "-", "@", "\t", "\r")
_MINOR = "_minor"


def csv(frame: pd.DataFrame) -> bytes:
    """UTF-8 with a byte order mark, for spreadsheets; each ``x_minor`` has its ``x`` before it."""
    text = io.StringIO()
    writer = stdlib_csv.writer(text, lineterminator="\r\n")
    writer.writerow(_header(list(frame.columns)))
    for row in frame.to_dict("records"):
        writer.writerow(_cells({str(name): value for name, value in row.items()}))
    return text.getvalue().encode("utf-8-sig")


def without_formula(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(_LIVE) else text


def _header(columns: list[str]) -> list[str]:
    names = []
    for name in columns:
        if name.endswith(_MINOR):
            names.append(name.removesuffix(_MINOR))
        names.append(name)
    return names


def _cells(row: dict[str, object]) -> list[object]:
    cells: list[object] = []
    for name, value in row.items():
        if name.endswith(_MINOR) and isinstance(value, int):
            cells.append(money.to_text(value, str(row["currency"])))
            cells.append(value)
        elif isinstance(value, str):
            cells.append(without_formula(value))
        elif hasattr(value, "isoformat"):
            cells.append("" if str(value) == "NaT" else value.isoformat())
        else:
            cells.append("" if value is None or value != value else value)
    return cells
