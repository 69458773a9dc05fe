"""The parts of Reports for who writes SQL: the question, examples, the tables there are, the code.

Questions are answered by ``reports.sql``, which reads frames alone and has bounds.
"""

from __future__ import annotations

import streamlit as st

from billing_core import clock, reports
from billing_core.documents import wording as spoken
from billing_core.errors import Refused
from billing_core.reports import shapes, sql
from billing_core.reports.sql import Answer
from console import cache, widgets

_KEY = "sql"
#: Seconds an answer stays as it is; what this console writes is seen at once.
_LIFE_S = 60
EXAMPLES = {
    "Best customers": "SELECT customer, currency, sum(net_minor) AS net_minor\n"
    "FROM revenue\nGROUP BY ALL\nORDER BY net_minor DESC",
    "Days to pay": "SELECT customer, count(*) AS invoices, round(median(days_to_pay), 1) AS days\n"
    "FROM approvals\nWHERE paid_at IS NOT NULL\nGROUP BY customer\nORDER BY days DESC",
    "Sent back or lost": "SELECT strftime(booked_at, '%Y-%m') AS month, kind, currency,\n"
    "    sum(gross_minor) AS gross_minor\nFROM revenue\nWHERE gross_minor < 0\nGROUP BY ALL\n"
    "ORDER BY ALL",
    "Delivered, not billed": "SELECT customer, project, title, planned_minor, currency,\n"
    "    delivered_on\nFROM milestones\nWHERE shown_state = 'delivered'\nORDER BY delivered_on",
    "Trial balance": "SELECT account, currency, sum(amount_minor) AS amount_minor\nFROM ledger\n"
    "GROUP BY ALL\nORDER BY ALL",
}


def question() -> str:
    """What is asked; it stands in the address. The examples overwrite it."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.caption("Begin with", width="content")
        for name, text in EXAMPLES.items():
            st.button(name, key=f"sql-{name}", on_click=_begin_with, args=(text,), type="tertiary")
    asked = st.text_area(
        "One SELECT over the frames",
        height=190,
        max_chars=sql.MOST_CHARACTERS,
        key=_KEY,
        bind="query-params",
        placeholder=EXAMPLES["Best customers"],
        help=f"Read-only, in memory: up to {sql.MOST_S:g} seconds and {sql.MOST_ROWS:,} rows.",
    )
    st.button("Run", key="sql-run", type="primary", icon=":material/play_arrow:")
    return (asked or "").strip()


def answer(asked: str) -> Answer | None:
    """Its rows; None, and why, where there are none to be had."""
    try:
        at, told = _answered(asked, cache.company().reporting_zone)
    except Refused as refused:
        widgets.problem(refused.sentence)
        return None
    st.caption(f"Read from the books at {at}. Months and days are cut in this zone.")
    if told.is_cut:
        st.warning(f"There are more than {sql.MOST_ROWS:,} rows; the first ones stand here.")
    return told


def tables() -> None:
    """The tables a question can name, with their columns."""
    with st.expander("The tables and their columns", icon=":material/table:"):
        st.caption(
            "Amounts end in _minor: whole minor units of the currency beside them. Sum them per "
            "currency. Times end in _at, days in _on. The notebooks get the same frames."
        )
        for name in reports.__all__:
            st.markdown(f"**{name}**")
            st.caption(" · ".join(shapes.SHAPES[name]))


def code(asked: str) -> None:
    """The same answer in a notebook."""
    lines = ["import duckdb", "", "from billing_core import reports", ""]
    lines += [f"{name} = reports.{name}()" for name in sql.named(asked)]
    zone = cache.company().reporting_zone
    lines += ["", f'duckdb.sql("SET TimeZone = {zone!r}")', f"frame = duckdb.sql({asked!r}).df()"]
    with st.expander("Copy as pandas", icon=":material/code:"):
        st.code("\n".join(lines) + "\n", language="python")


def _begin_with(text: str) -> None:
    st.session_state[_KEY] = text


@st.cache_data(ttl=_LIFE_S, max_entries=8, show_spinner="Reading the books …")
def _answered(asked: str, zone: str) -> tuple[str, Answer]:
    at = spoken.moment(clock.now(), zone)
    return at, sql.ask(asked, cache.frame, zone=zone)
