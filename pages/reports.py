"""Reports: any public frame, cut and pivoted; its chart, its rows as files, its code for pandas.

What is chosen stands in the address.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from billing_core.reports import exports, pivots
from billing_core.reports.pivots import Pivot
from console import cache, downloads, report_parts, widgets
from console.report_parts import Cut


def draw_result(frame: Any, name: str) -> None:
    """The rows, and exactly these as files."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="stretch", gap=None):
            widgets.section("The rows")
            st.caption(downloads.counted(len(frame), downloads.SHOWN, "first"))
        downloads.buttons(frame, name)
    amounts = [each.removesuffix("_minor") for each in frame.columns if each.endswith("_minor")]
    right = {each: st.column_config.TextColumn(alignment="right") for each in amounts}
    shown = exports.records(frame.head(downloads.SHOWN))
    downloads.table(shown, key="report-table", columns=right)


def draw_code(cut: Cut, wanted: Pivot | None) -> None:
    """The same rows in a notebook."""
    with st.expander("Copy as pandas", icon=":material/code:"):
        st.code(cut.code(wanted), language="python")
        st.caption("Run where Countersign is installed; it gives the rows of the files above.")


def draw(cut: Cut) -> None:
    """What was asked for."""
    frame = cut.rows()
    if frame.empty:
        widgets.empty(
            "No row like that. Take a filter off or choose a longer time; with empty books, "
            "Charge Now on Overview sends the first invoice."
        )
        return
    with st.container(border=True):
        wanted = report_parts.choose_pivot(frame, cache.company().reporting_zone)
    if wanted and report_parts.too_wide(frame, wanted):
        widgets.problem(f"More than {report_parts.WIDEST} columns. Choose another one for them.")
        return
    if wanted:
        report_parts.chart(frame, wanted)
    draw_result(pivots.pivot(frame, wanted) if wanted else frame, cut.frame)
    draw_code(cut, wanted)


widgets.title("Reports")
st.caption("The frames that notebooks get, here with filters. Sums are per currency, never mixed.")
chosen = report_parts.choose_cut()
if chosen:
    draw(chosen)
