"""Reports: any public frame, cut and pivoted, or asked in SQL; its chart, its rows as files.

What is chosen stands in the address.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from billing_core.reports import exports, pivots
from billing_core.reports.pivots import Pivot
from console import cache, downloads, places, report_parts, sql_parts, widgets
from console.report_parts import Cut

FILTERS, SQL = "Filters", "SQL"


def draw_result(frame: Any, name: str) -> None:
    """The rows, and exactly these as files."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="stretch", gap=None):
            widgets.section("The rows")
            st.caption(downloads.counted(len(frame), downloads.SHOWN, "first"))
        downloads.buttons(frame, name)
    amounts = [each.removesuffix("_minor") for each in frame.columns if each.endswith("_minor")]
    right = {each: st.column_config.TextColumn(alignment="right") for each in amounts}
    # on the screen once, as people read them; the files have the exact minor units too
    twice = {f"{each}_minor" for each in amounts} if "currency" in frame else set()
    shown = [
        {name: cell for name, cell in row.items() if name not in twice}
        for row in exports.records(frame.head(downloads.SHOWN))
    ]
    downloads.table(shown, key="report-table", columns=right)


def draw_code(cut: Cut, frame: Any, wanted: Pivot | None) -> None:
    """The same rows in a notebook, and as a question in SQL."""
    with st.expander("Copy as pandas", icon=":material/code:"):
        st.code(cut.code(wanted), language="python")
        st.caption("Run where Countersign is installed; it gives the rows of the files above.")
    with st.expander("Copy as SQL", icon=":material/database:"):
        question = cut.sql(frame, wanted)
        st.code(question, language="sql")
        st.button(
            "Go on in SQL", key="to-sql", on_click=places.turn, args=("reports",),
            kwargs={"ask": SQL, "sql": question},
        )  # fmt: skip


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
    draw_code(cut, frame, wanted)


def draw_asked() -> None:
    """The answer to a question in SQL."""
    asked = sql_parts.question()
    told = sql_parts.answer(asked) if asked else None
    if told is not None and told.frame.empty:
        widgets.empty("No row like that.")
    elif told is not None:
        draw_result(told.frame, "answer")
        sql_parts.code(asked)
    sql_parts.tables()


widgets.title("Reports")
st.caption("The frames that notebooks get, here with filters. Sums are per currency, never mixed.")
ask = st.segmented_control(
    "Ask by",
    [FILTERS, SQL],
    default=FILTERS,
    required=True,
    key="ask",
    label_visibility="collapsed",
    bind="query-params",
)
if ask == SQL:
    draw_asked()
elif chosen := report_parts.choose_cut():
    draw(chosen)
