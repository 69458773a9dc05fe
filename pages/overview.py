"""Overview: the first charge for a newcomer, then what needs the operator now, and the month."""

from __future__ import annotations

import streamlit as st

from billing_core import clock
from billing_core.documents import wording as spoken
from billing_core.reports import needs
from console import cache, charge_now, guide, money_parts, places, project_parts, widgets, wording

company = cache.company()
steps = needs.first_steps()
waiting = needs.needs_me_now()


def head() -> None:
    """Title, day and zone, and the one button that matters."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            widgets.title("Overview")
        if steps.enrolled:
            st.button(
                "Charge Now",
                key="charge-now",
                type="primary",
                icon=":material/draw:",
                on_click=charge_now.open_for,
            )
    today = clock.today(company.reporting_zone)
    zone = spoken.moment(clock.now(), company.reporting_zone).rsplit(" ", 1)[-1]
    st.caption(f"{today:%A}, {spoken.day(today)}. Times are {zone}.")


def money_of_the_month() -> None:
    """What came in, what waits for clients, what is late."""
    with st.grid(4, min_column_width=220):
        money_parts.month_cards(cache.revenue(), company.reporting_zone)
        money_parts.owed_cards()


def needs_you() -> None:
    """Each line leads to its place."""
    widgets.section("Needs you now")
    if not waiting:
        widgets.empty("Nothing waits for you. New answers from clients appear here.")
        return
    with widgets.rows("needs"):
        for number, need in enumerate(waiting):
            with widgets.row(f"need-{number}") as cells:
                cells.badge(wording.NEEDS[need.kind])
                cells.name(need.title)
                cells.text(need.detail)
                cells.amount(widgets.money(need.amount_minor, need.currency))
                words = "Read" if need.kind == "changes_requested" else "Open"
                cells.action(words, places.turn, "charges", charge=need.charge_id or "")


def month_and_plan() -> None:
    """The months in the currency of the books, and the milestones that are due soon."""
    left, right = st.columns([1.5, 1], gap="large")
    frame = cache.revenue()
    currency = company.reporting_currency
    drawn = frame[frame["currency"] == currency]
    with left:
        if not drawn.empty:
            money_parts.by_month(drawn, company.reporting_zone, currency)
    with right:
        widgets.section("Due in 14 days")
        project_parts.due_soon(clock.today(company.reporting_zone))


head()
if not steps.paid:
    guide.first_charge()
if steps.charged:
    money_of_the_month()
    needs_you()
    month_and_plan()
