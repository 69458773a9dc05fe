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
    """The stored method paid: the enrolment starts counting anew."""
    enrolment = items.get_enrolment(connection, charge.enrolment_id)
    items.save_enrolment(
        connection, replace(enrolment, consecutive_failures=0, last_result="captured")
    )


def _count_failure(connection: Connection, charge: Charge) -> None:
    enrolment = items.get_enrolment(connection, charge.enrolment_id)
    failures = enrolment.consecutive_failures + 1
    limit = organisation.get_company(connection).max_consecutive_failures
    status = "paused" if failures >= limit and enrolment.status == "active" else enrolment.status
    items.save_enrolment(
        connection,
        replace(enrolment, consecutive_failures=failures, status=status, last_result="declined"),
    )
