"""Customers: the list, a new one, and the profile under ``?customer=bc_…``."""

from __future__ import annotations

from functools import partial

import streamlit as st

from billing_core.flows.save_customer import save_customer
from billing_core.reports import lists
from billing_core.rules.nouns import Customer
from console import (
    access,
    charge_now,
    customer_parts,
    forms,
    method_parts,
    places,
    project_parts,
    widgets,
    wording,
)


def show_list() -> None:
    """All customers with what they owe and paid."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            widgets.title("Customers")
        st.button(
            "New customer",
            key="new",
            type="primary",
            icon=":material/person_add:",
            on_click=places.turn,
            args=("customers",),
            kwargs={"customer": "new"},
        )
    search = st.text_input(
        "Search",
        key="q",
        type="search",
        placeholder="Name, company or email",
        label_visibility="collapsed",
        bind="query-params",
        live="300ms",
    )
    found = lists.customers(search=search or "")
    if not found:
        widgets.empty(
            "Nobody by that name or email." if search else "No customer yet. Add the first one."
        )
        return
    with widgets.rows("customers"):
        for row in found:
            _row(row)


def _row(row: lists.CustomerRow) -> None:
    customer = row.customer
    with widgets.row(customer.id) as cells:
        cells.badge(wording.STANDING[customer.standing])
        cells.name(customer.billed_as())
        cells.text(customer.email)
        cells.amount(_balance(row), 280)
        cells.action("Open", places.turn, "customers", customer=customer.id)


def _balance(row: lists.CustomerRow) -> str:
    waiting = f"{widgets.sums(row.waiting)} waiting" if row.waiting else ""
    paid = f"{widgets.sums(row.paid)} paid" if row.paid else ""
    return " · ".join(part for part in (waiting, paid) if part) or "Not charged yet"


def show_form(customer: Customer | None) -> None:
    """A new customer, or the facts of one."""
    name = customer.id if customer else "new"
    widgets.title("Edit customer" if customer else "New customer")
    fields = customer_parts.FIELDS
    with st.form(f"customer-{name}"):
        forms.draw(f"customer:{name}", fields, customer_parts.values_of(customer))
        with st.container(horizontal=True):
            st.form_submit_button(
                "Save customer",
                key=f"save:{name}",
                type="primary",
                on_click=forms.save,
                args=(f"customer:{name}", fields, partial(_write, customer), _opened),
            )
    back = {"customer": customer.id} if customer else {}
    st.button("Cancel", key="cancel", on_click=places.turn, args=("customers",), kwargs=back)


def _write(customer: Customer | None, values: forms.Values, key: str) -> Customer:
    mine = customer.id if customer else None
    return save_customer(mine, values, actor=access.actor(), key=key)


def _opened(customer: Customer) -> None:
    places.turn("customers", customer=customer.id)


def show_profile(customer: Customer) -> None:
    """One customer: facts, charges, enrolments, projects, and the buttons."""
    st.button("All customers", key="back", type="tertiary", icon=":material/arrow_back:",
              on_click=places.turn, args=("customers",))  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            widgets.title(customer.billed_as())
        customer_parts.standing_button(customer)
        st.button(
            "Edit",
            key="edit",
            on_click=places.turn,
            args=("customers",),
            kwargs={"customer": customer.id, "edit": "yes"},
        )
        st.button(
            "Charge Now",
            key="charge-now",
            type="primary",
            icon=":material/draw:",
            on_click=charge_now.open_for,
            args=(customer.id,),
        )
    customer_parts.facts(customer)
    method_parts.draw(customer)
    customer_parts.enrolments(customer)
    project_parts.projects(customer)
    customer_parts.history(customer)


asked = places.asked("customer")
if asked == "new":
    show_form(None)
elif asked and places.asked("edit"):
    show_form(lists.customer(asked))
elif asked:
    show_profile(lists.customer(asked))
else:
    show_list()
