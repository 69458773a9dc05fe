"""The parts of a customer's profile: facts, enrolments, projects with milestones, history.

Only shows and passes on: what a button may do is decided by its flow.
"""

from __future__ import annotations

from typing import Any

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.enroll_customer import change_enrolment, enroll_customer
from billing_core.flows.save_customer import LANGUAGES
from billing_core.flows.suspend_customer import restore_customer, suspend_customer
from billing_core.reports import lists
from billing_core.rules import money
from billing_core.rules.nouns import Customer, Enrolment
from console import access, cache, calm, charge_list, method_parts, widgets, wording
from console.forms import Field

_LANGUAGES = {code: str(spoken.locale(code).display_name) for code in LANGUAGES}
_CURRENCIES = {code: code for code in money.currencies()}

FIELDS = (
    Field("name", "Name", placeholder="Dana Whitfield", half=True),
    Field("company", "Company", placeholder="Harbor & Vine", half=True),
    Field("email", "Billing email", placeholder="accounts@harborandvine.example", half=True),
    Field("cc", "Copies to", help="Other addresses, separated by commas.", half=True),
    Field("currency", "Currency", "choice", _CURRENCIES, half=True),
    Field("language", "Language", "choice", _LANGUAGES, half=True),
    Field("line1", "Address", half=True),
    Field("line2", "Address, second line", half=True),
    Field("city", "City", half=True),
    Field("postal_code", "Postal code", half=True),
    Field("state", "State or region", half=True),
    Field("country", "Country", placeholder="US", help="Two letters, ISO 3166.", half=True),
    Field("tax_id", "Tax id", half=True),
    Field("time_zone", "Time zone", placeholder="America/New_York", half=True),
    Field(
        "payment_method",
        "Stored payment method",
        "choice",
        {"": "None, or as it is", **method_parts.TEST_METHODS},
        help="The sandbox gateway's test methods. A card number is never stored here.",
        half=True,
    ),
    Field("contact_id", "Your own id for them", help="Must be unique.", half=True),
    Field("allow_trigger", "May be charged", "switch"),
    Field("notes", "Notes for yourself", "area", help="Never shown to the client."),
)


def values_of(customer: Customer | None) -> dict[str, Any]:
    """What the form starts with."""
    if customer is None:
        company = cache.company()
        return {
            "currency": company.reporting_currency,
            "language": "en",
            "time_zone": company.reporting_zone,
            "allow_trigger": True,
        }
    return {
        **{name: getattr(customer, name) or "" for name in _PLAIN},
        **{name: getattr(customer.address, name) for name in _ADDRESS},
        "cc": ", ".join(customer.cc),
    }


_PLAIN = (
    "name",
    "company",
    "email",
    "currency",
    "language",
    "tax_id",
    "time_zone",
    "contact_id",
    "allow_trigger",
    "notes",
)
_ADDRESS = ("line1", "line2", "city", "postal_code", "state", "country")


def facts(customer: Customer) -> None:
    """Who they are and how they pay."""
    with st.container(horizontal=True):
        widgets.badge(wording.STANDING[customer.standing])
        if not customer.allow_trigger:
            st.badge("May not be charged", icon=":material/block:", color="orange")
    widgets.facts(
        [
            ("Contact", customer.name),
            ("Billing email", customer.email),
            ("Copies to", ", ".join(customer.cc)),
            ("Address", "\n".join(customer.address.lines())),
            ("Tax id", customer.tax_id),
            ("Currency", customer.currency),
            ("Time zone", customer.time_zone),
            ("Your own id", customer.contact_id or ""),
            ("Notes for yourself", customer.notes),
        ]
    )


def standing_button(customer: Customer) -> None:
    """Suspend, or restore."""
    if customer.standing == "suspended":
        st.button("Restore", key="restore", on_click=_restore, args=(customer.id,))
        return
    with st.popover("Suspend"):
        st.text("Nothing can be charged, approved or paid until you restore this customer.")
        st.button("Suspend now", key="suspend", on_click=_suspend, args=(customer.id,))


def enrolments(customer: Customer) -> None:
    """The items this customer can be charged for."""
    widgets.section("Enrolments")
    found = lists.enrolments(customer.id)
    if found:
        with widgets.rows("enrolments"):
            for row in found:
                _enrolment(row)
    held = {row.item.id for row in found if row.enrolment.status != "cancelled"}
    free = {i.id: i.name for i in lists.items(active_only=True) if i.id not in held}
    if not free:
        if not found:
            widgets.empty("There is no item to enrol in yet. Make one under Items.")
        return
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Enrol in",
            list(free),
            index=0 if len(free) == 1 else None,
            format_func=lambda item: free.get(item, ""),
            key=f"enrol-item:{customer.id}",
            placeholder="Choose an item",
            width=360,
        )
        st.button(
            "Enrol",
            key="enrol",
            type="secondary" if held else "primary",
            disabled=not chosen,
            on_click=_enrol,
            args=(customer.id, chosen),
        )


def _enrolment(row: lists.EnrolmentRow) -> None:
    enrolment, item = row.enrolment, row.item
    with widgets.row(enrolment.id) as cells:
        cells.badge(wording.ENROLMENT[enrolment.status])
        cells.name(item.name)
        cells.text(f"{wording.modes(item)}. {_last_fired(enrolment)}")
        cells.amount(spoken.money(item.unit_price_minor, item.currency))
        with cells.cell("action", 150), st.container(horizontal=True, horizontal_alignment="right"):
            for verb, words in _VERBS.get(enrolment.status, ()):
                st.button(
                    words,
                    key=f"{verb}:{enrolment.id}",
                    type="tertiary",
                    on_click=_change,
                    args=(enrolment.id, verb),
                )


_VERBS = {
    "active": (("pause", "Pause"), ("cancel", "Cancel")),
    "paused": (("resume", "Resume"), ("cancel", "Cancel")),
}


def _last_fired(enrolment: Enrolment) -> str:
    if enrolment.last_fired_at is None:
        return "Not charged yet."
    return f"Last charged {widgets.moment(enrolment.last_fired_at)}."


def history(customer: Customer) -> None:
    """Every charge of this customer."""
    widgets.section("Charges")
    found = lists.charges(customer_id=customer.id)
    if not found:
        widgets.empty("Not charged yet. Charge Now sends the first invoice.")
        return
    charge_list.draw(found, name="history", with_customer=False)


@calm.guarded
def _suspend(customer_id: str) -> None:
    suspend_customer(customer_id, actor=access.actor())


@calm.guarded
def _restore(customer_id: str) -> None:
    restore_customer(customer_id, actor=access.actor())


@calm.guarded
def _enrol(customer_id: str, item_id: str | None) -> None:
    if item_id:
        enroll_customer(customer_id, item_id, actor=access.actor(), key=None)


@calm.guarded
def _change(enrolment_id: str, verb: str) -> None:
    change_enrolment(enrolment_id, verb, actor=access.actor())
