"""A frame as a bounded table, and whole as files: the same rows in the same order.

Files are made when they are asked for, not when the page is drawn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from billing_core import clock
from billing_core.reports import exports
from console import cache

if TYPE_CHECKING:
    import pandas as pd

#: Rows of a table on a screen; the files have them all.
SHOWN = 500
#: What a workbook can hold, less its heading.
_SHEET_ROWS = 1_048_575
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def kinds(frame: pd.DataFrame) -> dict[str, tuple[str, str, Callable[[], bytes]]]:
    """Per kind of file: its ending, its media type, and what makes it from exactly ``frame``."""
    return {
        "CSV": ("csv", "text/csv", partial(exports.csv, frame)),
        "Parquet": ("parquet", "application/vnd.apache.parquet", partial(exports.parquet, frame)),
        "XLSX": ("xlsx", _SHEET, partial(exports.xlsx, frame)),
    }


def buttons(frame: pd.DataFrame, name: str) -> None:
    """One button per kind of file; ``name`` begins the file's name."""
    today = clock.today(cache.company().reporting_zone)
    with st.container(horizontal=True, gap="small", width="content"):
        for words, (ending, mime, make) in kinds(frame).items():
            too_long = words == "XLSX" and len(frame) > _SHEET_ROWS
            st.download_button(
                words,
                make,
                f"{name}-{today.isoformat()}.{ending}",
                mime,
                key=f"download-{name}-{ending}",
                icon=":material/download:",
                on_click="ignore",
                disabled=too_long,
                help="More rows than a sheet can hold." if too_long else f"All rows as {words}",
            )


def counted(count: int, shown: int, order: str) -> str:
    """How many rows there are, and how many of them stand here."""
    if count > shown:
        return f"The {order} {shown:,} of {count:,} rows. The files have them all."
    return "1 row" if count == 1 else f"{count:,} rows"


def table(rows: list[dict[str, Any]], *, key: str, columns: dict[str, Any]) -> None:
    """The rows as people read them."""
    st.dataframe(rows, hide_index=True, column_config=columns, key=key)


def charge_address(charge_id: str, number: str) -> str:
    """Where a charge is, for a cell of ``charge_column``."""
    return f"/charges?charge={charge_id}#{number}"


def charge_column() -> Any:
    """A column whose cells show an invoice's number and lead to its charge."""
    return st.column_config.LinkColumn(display_text="#(.+)$")
