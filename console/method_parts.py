"""A customer's stored payment method: how it stands, and how to come by another one."""

from __future__ import annotations

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.request_setup import request_setup
from billing_core.flows.resume_enrolments import resume_enrolments
from billing_core.flows.store_method import store_method
from billing_core.reports.methods import MethodStanding, method_standing
from billing_core.rules import cards
from billing_core.rules.nouns import Customer
from console import access, cache, calm, widgets, wording

TEST_METHODS = {
    "pm_card_visa": "Test Visa •••• 4242, always pays",
    "pm_card_chargeDeclined": "Test card, always declined",
    "pm_card_authenticationRequired": "Test card, asks the client to confirm",
}


def draw(customer: Customer) -> None:
    """The method with its badge; mail a set-up link, or in the sandbox store a test card."""
    widgets.section("Payment method")
    standing = method_standing(customer)
    with widgets.rows("method"), widgets.row("method") as cells:
        cells.badge(wording.METHOD[standing.state])
        with cells.cell("text-whole"):
            method = customer.payment_method
            st.text(method.label() if method else "No payment method is stored.")
            widgets.soft("\n".join(_said(customer, standing)))
        with cells.cell("buttons", "content"), st.container(horizontal=True, gap="small"):
            if standing.paused:
                st.button(
                    f"Resume all ({standing.paused})",
                    key="resume-all",
                    disabled=method is None,
                    on_click=_resume,
                    args=(customer.id,),
                )
            _another(customer, standing)


def _said(customer: Customer, standing: MethodStanding) -> list[str]:
    method, said = customer.payment_method, []
    if method is not None:
        ends = spoken.day(cards.last_day(method))
        stored = widgets.day(method.saved_on)
        said.append(f"Can be charged until {ends}; stored {stored}")
    if standing.declines:
        times = "once" if standing.declines == 1 else f"{standing.declines} times in a row"
        said.append(f"Declined {times}")
    if standing.paused:
        many = "One enrolment is" if standing.paused == 1 else f"{standing.paused} enrolments are"
        dead = standing.state in ("none", "declined", "expired")
        cure = "Store another method first, then resume." if dead else "They can be resumed now."
        said.append(f"{many} paused by declines. {cure}")
    if standing.asked_at is not None:
        said.append(f"Asked for another one {widgets.moment(standing.asked_at)}")
    return said


def _another(customer: Customer, standing: MethodStanding) -> None:
    if customer.standing == "suspended":
        return
    if standing.has_page:
        st.button(
            "Mail a set-up link",
            key="setup-link",
            icon=":material/forward_to_inbox:",
            on_click=_ask,
            args=(customer.id,),
        )
        return
    with st.popover("Store a test card"):
        st.selectbox(
            "Test card",
            list(TEST_METHODS),
            format_func=TEST_METHODS.__getitem__,
            key="test-method",
        )
        st.button("Store it", key="store-method", on_click=_store, args=(customer.id,))


@calm.guarded
def _ask(customer_id: str) -> None:
    request_setup(customer_id, actor=access.actor())
    st.toast("The mail with the set-up link is on its way.")


@calm.guarded
def _store(customer_id: str) -> None:
    store_method(customer_id, str(st.session_state["test-method"]), actor=access.actor())
    cache.clear()
    st.toast("Stored.")


@calm.guarded
def _resume(customer_id: str) -> None:
    resume_enrolments(customer_id, actor=access.actor())
    st.toast("All enrolments that declines paused are active again.")
