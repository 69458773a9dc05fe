"""What follows when a stored method was charged without the client and did not simply pay."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from billing_core import clock
from billing_core.flows.mint_link import add_link
from billing_core.flows.plan_reminders import plan_reminders
from billing_core.flows.queue_mail import queue_mail
from billing_core.records import charges, customers, items, organisation
from billing_core.rules import charge_states
from billing_core.rules.nouns import Attempt, Charge


def settle_off_session(connection: Connection, charge: Charge, attempt: Attempt) -> None:
    """Declined: the charge failed and the enrolment counts it. Authentication: ask the client."""
    if attempt.outcome == "declined":
        state = charge_states.move("decline", charge.state)
        charges.change(connection, charge.id, state=state, ended_at=clock.now())
        if attempt.reference:
            # without one the gateway refused our request: that is no fault of the card
            _count_failure(connection, charge)
    elif attempt.outcome in charge_states.SETTLED:
        state = charge_states.move("ask_client", charge.state)
        charges.change(connection, charge.id, state=state)
        customer = customers.get(connection, charge.customer_id)
        company = organisation.get_company(connection)
        link = add_link(connection, charge, customer, company)
        queue_mail(connection, "invoice", charge=charge, customer=customer, link=link)
        plan_reminders(connection, charge, customer, company)


def forget_failures(connection: Connection, charge: Charge) -> None:
    """The stored method paid: enrolment and customer start counting anew."""
    enrolment = items.get_enrolment(connection, charge.enrolment_id)
    items.save_enrolment(
        connection, replace(enrolment, consecutive_failures=0, last_result="captured")
    )
    customers.forget_declines(connection, charge.customer_id)


def _count_failure(connection: Connection, charge: Charge) -> None:
    """One decline more, for the enrolment and for the method: a dead card is dead for everything
    that it pays, so then all of the customer's enrolments pause at once."""
    limit = organisation.get_company(connection).max_consecutive_failures
    declines = customers.count_decline(connection, charge.customer_id)
    enrolment = items.get_enrolment(connection, charge.enrolment_id)
    failures = enrolment.consecutive_failures + 1
    failed = replace(enrolment, consecutive_failures=failures, last_result="declined")
    if failures >= limit and enrolment.status == "active":
        failed = replace(failed, status="paused", paused_why="declines")
    if declines >= limit and enrolment.status == "active":
        failed = replace(failed, status="paused", paused_why="method")
    items.save_enrolment(connection, failed)
    if declines >= limit:
        items.pause_all(connection, charge.customer_id, "method")
