"""Rows as one XLSX sheet. Text is written as text, whatever it says: no formula, no link."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

import xlsxwriter

_SHEET = "Countersign"
_WIDEST, _NARROWEST = 44, 9
_LOOKED_AT = 200


def written(names: Sequence[str], columns: Sequence[Sequence[Any]]) -> bytes:
    """A workbook whose first row holds ``names``; cells are text, numbers, dates, times or None.

    ``columns`` are equally long.
    """
    file = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_SHEET)
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True, "bottom": 1})
        forms: dict[type, Any] = {
            date: book.add_format({"num_format": "yyyy-mm-dd"}),
            datetime: book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"}),
        }
        for column, name in enumerate(names):
            sheet.write_string(0, column, name, bold)
            sheet.set_column(column, column, _width(name, columns[column]))
        for place, row in enumerate(zip(*columns, strict=True), start=1):
            for column, cell in enumerate(row):
                _write(sheet, place, column, cell, forms)
    return file.getvalue()


def _write(sheet: Any, row: int, column: int, cell: Any, forms: dict[type, Any]) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(row, column, cell)
    elif isinstance(cell, int | float):
        sheet.write_number(row, column, cell)
    elif isinstance(cell, date):
        sheet.write_datetime(row, column, cell, forms[type(cell)])
    else:
        sheet.write_string(row, column, str(cell))


def _width(name: str, cells: Sequence[Any]) -> int:
    longest = max((len(str(cell)) for cell in cells[:_LOOKED_AT] if cell is not None), default=0)
    return max(_NARROWEST, min(_WIDEST, max(len(name), longest) + 2))
