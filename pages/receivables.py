"""Receivables: what clients still owe, how late, how they answer, and what should come in.

Currency, the bucket that was clicked, the time and the what-if stand in the address.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from billing_core import clock
from console import cache, downloads, money_parts, owed_parts, periods, places, widgets

zone = cache.company().reporting_zone
today = clock.today(zone)
LONGEST_DELAY = 90


def pick(mark: Any) -> None:
    """A bucket was clicked: its rows below; clicked again, all rows."""
    bucket = str(mark).partition("|")[2]
    places.say(bucket="" if bucket == places.asked("bucket") else bucket)


def draw_owed(owed: Any, currency: str) -> None:
    """How old what is owed is, and the rows of it, exactly these also as files."""
    bucket = places.asked("bucket")
    owed_parts.ageing(owed, today, currency, bucket, pick)
    rows = owed_parts.in_bucket(owed, bucket)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        with st.container(width="stretch", gap=None):
            widgets.section("Open invoices")
            st.caption(downloads.counted(len(rows), owed_parts.SHOWN, "longest overdue"))
        downloads.buttons(rows, "receivables")
    if bucket:
        money_parts.filter_chip(owed_parts.bucket_words(bucket), "bucket")
    if len(rows):
        owed_parts.rows(rows)
    else:
        widgets.empty("No invoice here.")


def draw_expected(owed: Any, milestones: Any, currency: str) -> None:
    """What should come in, and what if it comes later."""
    widgets.section("What should come in")
    delay = st.slider(
        "What if everything is paid so many days late?",
        0,
        LONGEST_DELAY,
        0,
        step=5,
        format="%d days",
        key="delay",
        bind="query-params",
        width=420,
    )
    owed_parts.expected(owed, milestones, today, int(delay), currency)
    st.caption(
        "A what-if from due dates, not a forecast: nothing is said about who will pay. What is "
        "late counts from today. Planned amounts are without tax that is added on top."
        + owed_parts.left_out(milestones)
    )


def draw_answers(currency: str) -> None:
    """How far the invoices of a time came, and how long that took."""
    widgets.section("How clients answer")
    period = periods.choose("Invoices sent")
    if period is None:
        return
    st.caption(f"Invoices sent: {period.words()}")
    approvals = cache.frame("approvals", period.since, period.until, None, currency)
    if approvals.empty:
        widgets.empty(f"No invoice in {currency} was sent in this time. Choose a longer one.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        owed_parts.funnel(approvals, currency)
    with right:
        owed_parts.slowest(approvals, currency)


def draw() -> None:
    """The page, as far as there is something to show."""
    everything = cache.frame("approvals")
    owed, milestones = cache.frame("receivables"), cache.frame("milestones")
    known = {*everything["currency"], *owed["currency"], *milestones["currency"]}
    if not known:
        widgets.empty(
            "Nothing is owed yet. An invoice stands here from the moment it is sent until it is "
            "paid; Charge Now on Overview sends the first one."
        )
        return
    currency = money_parts.choose_currency(sorted(known))
    owed, milestones = (f[f["currency"] == currency] for f in (owed, milestones))
    owed_parts.cards(owed, everything[everything["currency"] == currency], currency)
    if len(owed):
        draw_owed(owed, currency)
    else:
        widgets.empty(f"Nothing is owed in {currency}.")
    draw_expected(owed, milestones, currency)
    draw_answers(currency)


widgets.title("Receivables")
st.caption("What clients still owe, with tax: sent, not paid. It is no revenue until it is there.")
draw()
