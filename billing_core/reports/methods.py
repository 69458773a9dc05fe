"""How a customer's stored payment method stands: what the profile and Overview say about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from billing_core import clock, settings
from billing_core.records import customers, db, items, organisation, setups
from billing_core.rules import cards
from billing_core.rules.nouns import Customer


@dataclass(frozen=True, slots=True)
class MethodStanding:
    """``state`` is none, fine, expiring, expired or declined; ``paused`` counts the enrolments
    that declines paused; ``asked_at`` is when the client was last asked for a new method and has
    not answered; ``has_page``: the gateway has a page where clients store one."""

    state: str
    declines: int
    paused: int
    asked_at: datetime | None
    has_page: bool


def method_standing(customer: Customer) -> MethodStanding:
    """Read from the books."""
    with db.read_only() as connection:
        company = organisation.get_company(connection)
        declines = customers.declines_of(connection, customer.id)
        held = [each for each, _ in items.enrolments_of(connection, customer.id)]
        setup = setups.find_newest(connection, customer.id)
    method, state = customer.payment_method, "none"
    if method is not None:
        state = cards.standing(method, clock.today(company.reporting_zone))
        if state == "fine" and declines >= company.max_consecutive_failures:
            state = "declined"
    return MethodStanding(
        state=state,
        declines=declines,
        paused=sum(each.status == "paused" and bool(each.paused_why) for each in held),
        asked_at=setup.created_at if setup and setup.state == "open" else None,
        has_page=settings.load().gateway == "stripe",
    )
