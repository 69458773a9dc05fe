"""Frames as files. Amounts also as decimal text; no cell is ever a live formula."""

from __future__ import annotations

import csv as stdlib_csv
import io
from datetime import UTC
from typing import TYPE_CHECKING, Any

from billing_core.rules import money

if TYPE_CHECKING:
    import pandas as pd

#: What spreadsheets take for a formula at the start of a cell.
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MINOR = "_minor"


def csv(frame: pd.DataFrame) -> bytes:
    """UTF-8 with a byte order mark, for spreadsheets; each ``x_minor`` has its ``x`` before it."""
    text = io.StringIO()
    writer = stdlib_csv.writer(text, lineterminator="\r\n")
    writer.writerow(_header(list(frame.columns)))
    for row in frame.to_dict("records"):
        writer.writerow(_cells({str(name): value for name, value in row.items()}))
    return text.getvalue().encode("utf-8-sig")


def parquet(frame: pd.DataFrame) -> bytes:
    """The frame as it is, types and all, as one Parquet file."""
    file = io.BytesIO()
    frame.to_parquet(file, index=False)
    return file.getvalue()


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One JSON object per row, with the columns of ``csv``: days and times as ISO 8601 in UTC."""
    return [
        dict(zip(_header([str(name) for name in row]), _values(row), strict=True))
        for row in frame.to_dict("records")
    ]


def table(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of text for a terminal: no ids but the first, amounts as decimal text."""
    names = [str(name) for name in frame.columns]
    shown = [n for n in names if n == names[0] or not (n.endswith("_id") or n == "exponent")]
    rows = [
        [_shown(name, row) for name in shown]
        for row in ({str(n): v for n, v in r.items()} for r in frame.to_dict("records"))
    ]
    return [name.removesuffix(_MINOR) for name in shown], rows


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


def _values(row: dict[Any, Any]) -> list[Any]:
    values: list[Any] = []
    for name, value in row.items():
        if str(name).endswith(_MINOR):
            values.append(money.to_text(int(value), str(row["currency"])))
            values.append(int(value))
        elif hasattr(value, "isoformat"):
            values.append(_when(str(name), value, "T%H:%M:%S.%fZ") or None)
        else:
            values.append(None if value is None or value != value else value)
    return values


def _shown(name: str, row: dict[str, Any]) -> str:
    value = row[name]
    if name.endswith(_MINOR):
        return money.to_text(int(value), str(row["currency"]))
    if hasattr(value, "isoformat"):
        return _when(name, value, " %H:%MZ")
    return "" if value is None or value != value else str(value)


def _when(name: str, moment: Any, time: str) -> str:
    """A day where the column holds days, else a moment in UTC with ``time`` as its second half."""
    if str(moment) == "NaT":
        return ""
    return str(moment.astimezone(UTC).strftime("%Y-%m-%d" + ("" if name.endswith("_on") else time)))


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
