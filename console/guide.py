"""The newcomer's way to the first charge: one short form in empty books, then steps whose check
marks follow what really happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from billing_core.flows.set_up_first import set_up_first
from billing_core.reports import lists, needs, outbox
from billing_core.reports.needs import FirstSteps
from billing_core.rules.nouns import Customer
from console import access, cache, charge_now, forms, item_parts, places, widgets
from console.forms import Field
from console.item_parts import CURRENCIES

_FEW = 20


@dataclass(frozen=True, slots=True)
class _Step:
    """One step: what to do and why, whether it is done, and the button that leads there."""

    done: bool
    title: str
    why: str
    button: str
    go: Callable[..., None]
    query: dict[str, Any]


_FORM = "first"
_FIELDS = (
    Field("company", "Your company", placeholder="Northlight Studio", half=True),
    Field("currency", "Currency", "choice", CURRENCIES, half=True),
    Field("name", "Your client", placeholder="Harbor & Vine", half=True),
    Field("email", "Client's email", placeholder="dana@harborvine.example", half=True),
)


def first_charge() -> None:
    """In empty books the few fields a charge needs; then the steps, with what is done of them."""
    widgets.section("Your first charge")
    done = needs.first_steps()
    is_new = not (done.item or done.customer)
    if is_new:
        _form(named=done.company)
    _follow(is_new)


def _form(*, named: bool) -> None:
    fields = _FIELDS[1:] if named else _FIELDS
    with st.container(border=True):
        forms.draw(_FORM, fields, {"currency": cache.company().reporting_currency})
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                "Write the first charge", key="first", type="primary", icon=":material/draw:",
                on_click=forms.save, args=(_FORM, fields, _write, _charge),
            )  # fmt: skip
            with st.container(width="stretch"):
                st.caption(
                    "Makes an item for milestones, enrols your client in it and opens Charge Now. "
                    "Nothing is sent yet."
                )


def _write(values: forms.Values, key: str) -> Customer:
    return set_up_first(values, item=item_parts.template(), actor=access.actor(), key=key)


def _charge(customer: Customer) -> None:
    charge_now.open_for(customer.id)


@st.fragment(run_every=2)
def _follow(is_new: bool) -> None:
    """The six steps; the first open one has the button. Looks again every two seconds."""
    done = needs.first_steps()
    steps = _steps(done)
    open_ones = [step for step in steps if not step.done]
    if not open_ones or is_new == (done.item or done.customer):
        st.rerun()
    if is_new:
        st.caption("Or step by step:")
    with widgets.rows("guide"):
        for number, step in enumerate(steps):
            is_next = step is open_ones[0]
            _line(number, step, is_next=is_next, weight="secondary" if is_new else "primary")


def _line(number: int, step: _Step, *, is_next: bool, weight: Any) -> None:
    with widgets.row(f"step-{number}") as cells:
        icon = "check_circle" if step.done else "radio_button_unchecked"
        with cells.cell("mark", 28):
            colour = ":green" if step.done else ":gray"
            st.markdown(f"{colour}[:material/{icon}:]")
        with cells.cell("text"):
            (st.markdown(f"**{step.title}**") if is_next else st.text(step.title))
            if is_next:
                st.caption(step.why)
        if is_next:
            st.button(
                step.button,
                key=f"guide:{number}",
                type=weight,
                on_click=_go,
                args=(step.go,),
                kwargs=step.query,
            )


def _go(go: Callable[..., None], **query: Any) -> None:
    """Callback inside the fragment: the whole page follows."""
    go(**query)
    st.rerun()


def _steps(done: FirstSteps) -> list[_Step]:
    customer = _first_customer() if done.customer else ""
    return [*_set_up(done), *_bill(done, customer)]


def _set_up(done: FirstSteps) -> list[_Step]:
    return [
        _Step(
            done.company,
            "Say who bills",
            "Your company's name and address stand on every invoice.",
            "Fill in your company",
            places.turn,
            {"page": "settings"},
        ),
        _Step(
            done.item,
            "Make an item",
            "What you charge for. A template for milestones is filled in already.",
            "Make the item",
            places.turn,
            {"page": "items", "item": "new"},
        ),
        _Step(
            done.customer,
            "Add a customer",
            "Whom you bill: a name and a billing email are enough.",
            "Add the customer",
            places.turn,
            {"page": "customers", "customer": "new"},
        ),
    ]


def _bill(done: FirstSteps, customer: str) -> list[_Step]:
    return [
        _Step(
            done.enrolled,
            "Enrol the customer in the item",
            "One enrolment covers every milestone to come.",
            "Enrol",
            places.turn,
            {"page": "customers", "customer": customer},
        ),
        _Step(
            done.charged,
            "Charge Now",
            "Sum and words, a look at the mail, and one press. "
            "Nothing is charged until the client approves.",
            "Charge Now",
            charge_now.open_for,
            {"customer_id": customer},
        ),
        _Step(
            done.paid,
            "Open the mail as your client would, and pay",
            "The outbox holds it, with its Pay Now link. Number 4242 4242 4242 4242 pays.",
            "Open the mail",
            places.turn,
            {"page": "outbox", **_first_mail()},
        ),
    ]


def _first_mail() -> dict[str, str]:
    found = [mail.id for mail in outbox.mails(limit=_FEW) if mail.kind == "invoice"]
    return {"mail": found[0]} if found else {}


def _first_customer() -> str:
    rows = lists.customers()
    return rows[0].customer.id if rows else ""
