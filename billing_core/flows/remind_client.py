"""Remind a client who has not answered: the same link, one mail, written into the chain."""

from __future__ import annotations

from sqlalchemy import Connection

from billing_core import clock
from billing_core.flows.queue_mail import queue_mail
from billing_core.records import charges, customers, db, evidence, links
from billing_core.records.evidence import Fact
from billing_core.rules import schedule
from billing_core.rules.nouns import SYSTEM, Charge, Customer


def remind_client(charge_id: str, days: int) -> bool:
    """Queue the reminder if the charge still waits and its customer stands; True when queued.

    A repetition (a worker died after it) finds the first one in the chain and writes no second.
    """
    with db.begin() as connection:
        charge = charges.lock(connection, charge_id)
        customer = customers.get(connection, charge.customer_id)
        link = links.find_live(connection, charge_id)
        alive = link is not None and link.expires_at > clock.now()
        if charge.state != "pending_client" or customer.standing != "active" or not alive:
            return False
        if _is_over(charge, customer) or _was_reminded(connection, charge_id, days):
            return False
        fact = Fact("reminder.sent", SYSTEM, {"days": days})
        evidence.append(connection, charge_id, fact)
        facts = {"days": days}
        queue_mail(connection, "reminder", charge=charge, customer=customer, link=link, facts=facts)
        return True


def _is_over(charge: Charge, customer: Customer) -> bool:
    """True when the charge's own date has passed, though no sweep has come by yet."""
    if charge.valid_until is None:
        return False
    zone = clock.zone(customer.time_zone)
    return schedule.end_of_day(charge.valid_until, zone) <= clock.now()


def _was_reminded(connection: Connection, charge_id: str, days: int) -> bool:
    return any(
        event.kind == "reminder.sent" and event.payload["days"] == days
        for event in evidence.of_stream(connection, charge_id)
    )
