"""Frames as files. Amounts also as decimal text; no cell is ever a live formula.

Column by column, since a frame of a hundred thousand rows has millions of cells.
"""

from __future__ import annotations

import csv as stdlib_csv
import io
from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from billing_core.rules import money

if TYPE_CHECKING:
    import pandas as pd

#: What spreadsheets take for a formula at the start of a cell.
_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MINOR = "_minor"
#: A column's name and the column, made into the cells of one kind of file.
Cells = Callable[[str, "pd.Series[Any]"], list[Any]]


def csv(frame: pd.DataFrame) -> bytes:
    """UTF-8 with a byte order mark, for spreadsheets; each ``x_minor`` has its ``x`` before it.

    Days are ``2026-03-16``, moments ``2026-03-16T14:00:00.000000Z``; what is missing is empty.
    """
    text = io.StringIO()
    writer = stdlib_csv.writer(text, lineterminator="\r\n")
    names, columns = _columns(frame, _in_csv)
    writer.writerow(map(without_formula, names))
    writer.writerows(zip(*columns, strict=True))
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

    names, columns = _columns(frame, _in_sheet)
    return workbook.written([without_formula(name) for name in names], columns)


def records(frame: pd.DataFrame) -> list[dict[str, Any]]:
    """One JSON object per row, with the columns of ``csv``: days and times as ISO 8601 in UTC."""
    names, columns = _columns(frame, _plain)
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def table(frame: pd.DataFrame) -> tuple[list[str], list[list[str]]]:
    """Headings and rows of text for a terminal: no ids but the first, amounts as decimal text."""
    names = [str(name) for name in frame.columns]
    shown = [n for n in names if n == names[0] or not (n.endswith("_id") or n == "exponent")]
    columns = [_shown(n, frame) for n in shown]
    rows = [list(row) for row in zip(*columns, strict=True)]
    return [name.removesuffix(_MINOR) for name in shown], rows


def without_formula(text: str) -> str:
    """The text with an apostrophe before it where a spreadsheet would run it."""
    return f"'{text}" if text.startswith(_LIVE) else text


def _columns(frame: pd.DataFrame, cells: Cells) -> tuple[list[str], list[list[Any]]]:
    """Names and columns as they are exported: each amount twice, first in major units."""
    names: list[str] = []
    columns: list[list[Any]] = []
    for name in map(str, frame.columns):
        if _is_amount(name, frame):
            names.append(name.removesuffix(_MINOR))
            amounts = _amounts(frame, name)
            # a sheet's own numbers are floats, for counting there; the exact one stands beside it
            columns.append([_float(a) for a in amounts] if cells is _in_sheet else amounts)
        names.append(name)
        columns.append(cells(name, frame[name]))
    return names, columns


def _in_csv(name: str, column: pd.Series[Any]) -> list[Any]:
    """Cells for a CSV file, whose writer leaves None empty; no text of theirs is live."""
    return [without_formula(c) if isinstance(c, str) else c for c in _plain(name, column)]


def _in_sheet(name: str, column: pd.Series[Any]) -> list[Any]:
    """Cells for a sheet: text, numbers, dates, naive times in UTC, None."""
    if not _is_moment(column):
        return _in_csv(name, column)
    naive = _known(column.dt.tz_convert("UTC").dt.tz_localize(None))
    days = name.endswith("_on")
    return [m and (m.date() if days else m.to_pydatetime(warn=False)) for m in naive]


def _plain(name: str, column: pd.Series[Any]) -> list[Any]:
    """Cells as JSON has them: text, numbers, truths, days and moments as text, None."""
    if _is_moment(column):
        return _written(name, column, "%Y-%m-%dT%H:%M:%S.%fZ")
    return [c.isoformat() if isinstance(c, date) else c for c in _known(column)]


def _shown(name: str, frame: pd.DataFrame) -> list[str]:
    """Cells as a terminal shows them."""
    if _is_amount(name, frame):
        cells: list[Any] = _amounts(frame, name)
    elif _is_moment(frame[name]):
        cells = _written(name, frame[name], "%Y-%m-%d %H:%MZ")
    else:
        cells = _known(frame[name])
    return ["" if c is None else f"{c:.1f}" if isinstance(c, float) else str(c) for c in cells]


def _is_amount(name: str, frame: pd.DataFrame) -> bool:
    """True where the currency stands beside it, without which minor units say nothing."""
    return name.endswith(_MINOR) and "currency" in frame


def _amounts(frame: pd.DataFrame, name: str) -> list[str | None]:
    """Decimal text of whole minor units."""
    pairs = zip(_known(frame[name]), frame["currency"], strict=True)
    return [None if minor is None else money.to_text(int(minor), str(c)) for minor, c in pairs]


def _float(amount: str | None) -> float | None:
    return None if amount is None else float(amount)


def _written(name: str, column: pd.Series[Any], form: str) -> list[Any]:
    """Days where the column holds days, else moments in UTC as ``form`` has them."""
    moments = column.dt.tz_convert("UTC")
    return _known(moments.dt.strftime("%Y-%m-%d" if name.endswith("_on") else form))


def _known(column: pd.Series[Any]) -> list[Any]:
    """The cells as Python's own values; None where there is nothing."""
    pairs = zip(column.astype(object), column.isna(), strict=True)
    return [None if gone else value for value, gone in pairs]


def _is_moment(column: pd.Series[Any]) -> bool:
    import pandas as pd

    return isinstance(column.dtype, pd.DatetimeTZDtype)
