"""Overview: the first charge for a newcomer, then what needs the operator now, and the month."""

from __future__ import annotations

import streamlit as st

from billing_core import clock
from billing_core.documents import wording as spoken
from billing_core.reports import needs
from console import cache, charge_now, guide, money_parts, overview_parts, widgets

company = cache.company()
steps = needs.first_steps()
waiting = needs.needs_me_now()
today = clock.today(company.reporting_zone)
MONTHS = 12


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
    zone = spoken.moment(clock.now(), company.reporting_zone).rsplit(" ", 1)[-1]
    st.caption(f"{today:%A}, {spoken.day(today)}. Times are {zone}.")


def months() -> None:
    """The last months in the currency of the books."""
    frame = cache.revenue()
    drawn = money_parts.of_currency(frame, company.reporting_currency)
    if not drawn.empty:
        shown = money_parts.last_months(today, MONTHS)
        money_parts.by_month(
            drawn, company.reporting_zone, company.reporting_currency, months=shown
        )


head()
if not steps.paid:
    guide.first_charge()
if steps.charged or waiting:
    overview_parts.needs_you(waiting)
if steps.charged:
    overview_parts.month(today, company.reporting_zone)
    overview_parts.due_soon(today)
    with st.container(key="months"):
        months()
