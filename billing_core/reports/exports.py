"""Frames as files. Amounts also as decimal text; no cell is ever a live formula."""

from __future__ import annotations

import csv as stdlib_csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime
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


def xlsx(frame: pd.DataFrame) -> bytes:
    """One sheet with the columns of ``csv``; amounts are numbers, days and times (UTC) are dates.

    A text that a spreadsheet would run stands behind an apostrophe, as in ``csv``: it stays
    harmless when the sheet is saved in another form.
    """
    from billing_core.reports import workbook

    rows = [_plain(row) for row in frame.to_dict("records")]
    return workbook.written(_header([str(name) for name in frame.columns]), rows)


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
    """The cells of one row for JSON; nothing is None."""
    return [
        _when(name, value, "T%H:%M:%S.%fZ") if isinstance(value, date) else value
        for name, value in _pairs(row)
    ]


def _cells(row: dict[Any, Any]) -> list[Any]:
    """The cells of one row for a CSV file; nothing is empty, no text of theirs is live."""
    return [_cell(name, value, row) for name, value in _pairs(row)]


def _cell(name: str, value: Any, row: dict[Any, Any]) -> Any:
    if value is None:
        return ""
    if isinstance(value, str) and not _is_amount(name, row):
        return without_formula(value)
    return value.isoformat() if isinstance(value, date) else value


def _plain(row: dict[Any, Any]) -> list[Any]:
    """The cells of one row for a sheet: text, numbers, dates, naive times in UTC, None."""
    return [_sheet_cell(name, value, row) for name, value in _pairs(row)]


def _sheet_cell(name: str, value: Any, row: dict[Any, Any]) -> Any:
    if isinstance(value, datetime):
        utc = value.astimezone(UTC).replace(tzinfo=None)
        return utc.date() if name.endswith("_on") else utc
    if not isinstance(value, str):
        return value
    # for counting in the sheet, whose numbers are floats; the exact one stands beside it
    return float(value) if _is_amount(name, row) else without_formula(value)


def _pairs(row: dict[Any, Any]) -> Iterator[tuple[str, Any]]:
    """Names and values as they are exported: each amount twice, what is missing as None."""
    for given, value in row.items():
        name, gone = str(given), _is_gone(value)
        if name.endswith(_MINOR):
            yield name.removesuffix(_MINOR), None if gone else _amount(value, row)
        if gone:
            yield name, None
        elif name.endswith(_MINOR):
            yield name, int(value)
        else:
            yield name, value.to_pydatetime() if hasattr(value, "to_pydatetime") else value


def _amount(value: Any, row: dict[Any, Any]) -> str:
    return money.to_text(int(value), str(row["currency"]))


def _shown(name: str, row: dict[str, Any]) -> str:
    value = row[name]
    if _is_gone(value):
        return ""
    if name.endswith(_MINOR):
        return _amount(value, row)
    if isinstance(value, date):
        return _when(name, value, " %H:%MZ")
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _is_amount(name: str, row: dict[Any, Any]) -> bool:
    """True for the decimal text that ``_pairs`` puts before an amount."""
    return f"{name}{_MINOR}" in row


def _when(name: str, moment: Any, time: str) -> str:
    """A day where the column holds days, else a moment in UTC with ``time`` as its second half."""
    if not isinstance(moment, datetime):
        return str(moment.isoformat())
    return moment.astimezone(UTC).strftime("%Y-%m-%d" + ("" if name.endswith("_on") else time))


def _is_gone(value: Any) -> bool:
    import pandas as pd

    return bool(pd.isna(value))
