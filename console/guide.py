"""The newcomer's way to the first charge, with check marks that follow what really happened."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from billing_core.reports import lists, needs
from billing_core.reports.needs import FirstSteps
from console import charge_now, places, widgets


@dataclass(frozen=True, slots=True)
class _Step:
    """One step: what to do and why, whether it is done, and the button that leads there."""

    done: bool
    title: str
    why: str
    button: str
    go: Callable[..., None]
    query: dict[str, Any]


@st.fragment(run_every=2)
def first_charge() -> None:
    """The six steps; the first open one has the button. Looks again every two seconds."""
    steps = _steps(needs.first_steps())
    open_ones = [step for step in steps if not step.done]
    if not open_ones:
        st.rerun()
    widgets.section("Your first charge")
    with widgets.rows("guide"):
        for number, step in enumerate(steps):
            _line(number, step, is_next=bool(open_ones) and step is open_ones[0])


def _line(number: int, step: _Step, *, is_next: bool) -> None:
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
                type="primary",
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
            "Open the outbox",
            places.turn,
            {"page": "outbox"},
        ),
    ]


def _first_customer() -> str:
    rows = lists.customers()
    return rows[0].customer.id if rows else ""
