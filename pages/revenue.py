"""Revenue: what was really collected, per currency: cards, charts, the rows, and their export."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import streamlit as st

from billing_core import clock
from billing_core.reports import exports
from console import cache, money_parts, widgets

zone = cache.company().reporting_zone
today = clock.today(zone)
PERIODS = {
    "All time": None,
    "This month": today.replace(day=1),
    "Last 90 days": today - timedelta(days=90),
    "This year": date(today.year, 1, 1),
}


def choose_period() -> date | None:
    """The first day shown; None for all time. Kept in the address."""
    chosen = st.segmented_control(
        "Period",
        list(PERIODS),
        default="All time",
        required=True,
        key="period",
        label_visibility="collapsed",
        bind="query-params",
    )
    return PERIODS[chosen or "All time"]


def choose_currency(currencies: list[str]) -> str:
    """One currency at a time is drawn; nothing is ever converted."""
    preferred = cache.company().reporting_currency
    first = preferred if preferred in currencies else currencies[0]
    if len(currencies) == 1:
        return first
    chosen = st.segmented_control(
        "Currency",
        currencies,
        default=first,
        required=True,
        key="currency",
        label_visibility="collapsed",
        bind="query-params",
    )
    return chosen or first


widgets.title("Revenue")
st.caption("Cash basis: only money that is there. What is still waiting stands under Charges.")
since = choose_period()
frame = cache.revenue(datetime.combine(since, time(), tzinfo=clock.zone(zone)) if since else None)
if frame.empty:
    widgets.empty(
        "No money yet in this time. It appears here the moment a client's payment is there."
    )
    st.stop()
money_parts.cards(frame)
currency = choose_currency(sorted(set(frame["currency"])))
drawn = frame[frame["currency"] == currency]
money_parts.by_month(drawn, zone, currency)
left, right = st.columns(2, gap="large")
with left:
    money_parts.by_item(drawn, currency)
with right:
    money_parts.by_customer(drawn, currency)
with st.container(horizontal=True, vertical_alignment="center"):
    with st.container(width="stretch"):
        widgets.section("The rows")
    st.download_button(
        "Download CSV",
        exports.csv(frame),
        f"revenue-{today.isoformat()}.csv",
        "text/csv",
        key="csv",
        icon=":material/download:",
        on_click="ignore",
    )
money_parts.table(frame, zone)
