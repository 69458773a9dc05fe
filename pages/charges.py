"""Charges: the list with filters in the address, and one charge under ``?charge=sc_…``."""

from __future__ import annotations

import streamlit as st

from billing_core import clock
from billing_core.reports import dossier, lists, money_back
from console import (
    cache,
    charge_list,
    charge_now,
    charge_parts,
    money_back_parts,
    places,
    widgets,
)

#: Filters by the word people see, and the states behind it.
FILTERS = {
    "Waiting": ("pending_client",),
    "Changes requested": ("changes_requested",),
    "Approved": ("approved", "charging"),
    "Paid": ("captured",),
    "Failed": ("failed", "disputed", "lost"),
    "Ended": ("void", "expired", "refunded"),
}


def show_list() -> None:
    """All charges; search and state stand in the address."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            widgets.title("Charges")
        st.button(
            "Charge Now",
            key="charge-now",
            type="primary",
            icon=":material/draw:",
            on_click=charge_now.open_for,
        )
    search = st.text_input(
        "Search",
        key="q",
        type="search",
        placeholder="Invoice number, customer or description",
        label_visibility="collapsed",
        bind="query-params",
        live="300ms",
    )
    state = st.pills(
        "State", list(FILTERS), key="state", label_visibility="collapsed", bind="query-params"
    )
    found = lists.charges(search=search or "", states=FILTERS.get(state or "", ()))
    if found:
        charge_list.draw(found, name="charges")
    elif search or state:
        widgets.empty("No charge like that. Take a filter off, or search for less.")
    else:
        widgets.empty("No charge yet. Charge Now sends the first invoice.")


def show_charge(charge_id: str) -> None:
    """One charge: what it is, what comes next, what happened."""
    shown = dossier.dossier(charge_id)
    charge = shown.charge
    with st.container(horizontal=True, gap="small"):
        st.button(
            "All charges",
            key="back",
            type="tertiary",
            icon=":material/arrow_back:",
            on_click=places.turn,
            args=("charges",),
        )
        st.button(
            "Customer",
            key="customer",
            type="tertiary",
            icon=":material/person:",
            on_click=places.turn,
            args=("customers",),
            kwargs={"customer": charge.customer_id},
        )
    today = clock.today(cache.company().reporting_zone)
    back = money_back.money_back(charge_id)
    charge_parts.head(shown, back, overdue=lists.is_overdue(charge, today))
    charge_parts.next_steps(shown)
    charge_parts.request(shown)
    left, right = st.columns([1.25, 1], gap="large")
    with left:
        money_back_parts.draw(charge, back)
        charge_parts.timeline(shown)
        widgets.section("Payments tried")
        charge_parts.attempts(shown)
        widgets.section("Mails")
        charge_parts.mails(shown)
    with right:
        # as the heading beside it stands, so that both are on one line
        with st.container(horizontal=True, vertical_alignment="center"):
            widgets.section("Invoice")
        charge_parts.papers(shown)
        charge_parts.evidence(shown)
        charge_parts.link(shown)
        charge_parts.facts(shown)
        charge_parts.note(charge)


asked = places.asked("charge")
if asked:
    show_charge(asked)
else:
    show_list()
