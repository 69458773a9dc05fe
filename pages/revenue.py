"""Revenue: what was really collected, one currency at a time: cards, charts, rows, files.

Period, currency, cut and the bar that was clicked stand in the address.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from billing_core import clock
from console import cache, downloads, kinds, money_parts, periods, places, revenue_parts, widgets
from console.periods import Period

zone = cache.company().reporting_zone
today = clock.today(zone)


def choose_cut() -> str:
    """What the charts tell apart."""
    chosen = st.segmented_control(
        "By",
        list(kinds.BY),
        default="Item",
        required=True,
        key="by",
        label_visibility="collapsed",
        bind="query-params",
        on_change=places.say,
        kwargs={"of": ""},
    )
    return kinds.BY[chosen or "Item"]


def pick(mark: Any) -> None:
    """A bar was clicked: its rows below; clicked again, all rows."""
    month, _, of = str(mark).partition("|")
    if (month, of) == (places.asked("month"), places.asked("of")):
        month, of = "", ""
    places.say(month=month, of=of)


def draw_charts(drawn: Any, by: str, period: Period, currency: str) -> None:
    """By month and in all, and what stays of it."""
    month, of = places.asked("month"), places.asked("of")
    months = shown_months(period)
    if months is None or len(months) > 1:
        money_parts.by_month(
            drawn, zone, currency, by=by, months=months, chosen=(month, of), picked=pick
        )
    left, right = st.columns(2, gap="large")
    with left:
        revenue_parts.breakdown(drawn, by, currency, of, pick)
    with right:
        revenue_parts.waterfall(drawn, currency)


def shown_months(period: Period) -> list[str] | None:
    """The months of the period, empty ones too; None for those that have money."""
    if not (period.first and period.last):
        return None
    return money_parts.months_between(period.first, max(period.first, min(period.last, today)))


def draw_rows(drawn: Any, by: str) -> None:
    """The rows, and exactly these as files."""
    month, of = places.asked("month"), places.asked("of")
    rows = revenue_parts.chosen_rows(drawn, zone, by, month, of)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="stretch", gap=None):
            widgets.section("The rows")
            st.caption(downloads.counted(len(rows), downloads.SHOWN, "newest"))
        downloads.buttons(rows, "revenue")
    revenue_parts.filter_chip(drawn, by, month, of)
    revenue_parts.table(rows, zone)


def draw() -> None:
    """The page, as far as there is something to show."""
    everything = cache.revenue()
    if everything.empty:
        widgets.empty(
            "No money yet in this time. It appears here the moment a client's payment is there; "
            "Charge Now on Overview sends the first invoice."
        )
        return
    period = periods.choose("Period")
    currency = money_parts.choose_currency(sorted(everything["currency"].unique()))
    if period is None:
        return
    st.caption(period.words())
    frame = cache.worked_out(revenue_parts.within, everything, period)
    revenue_parts.cards(frame, currency)
    drawn = money_parts.of_currency(frame, currency)
    if drawn.empty:
        widgets.empty(f"No money in {currency} in this time. Choose a longer one, or All time.")
        return
    by = choose_cut()
    draw_charts(drawn, by, period, currency)
    whole = money_parts.of_currency(everything, currency)
    revenue_parts.cumulative(whole, zone, today, currency)
    draw_rows(drawn, by)


widgets.title("Revenue")
st.caption("Cash basis: only money that is there. What is still owed stands under Receivables.")
draw()
