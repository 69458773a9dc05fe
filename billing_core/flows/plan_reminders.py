"""When a waiting client is reminded: jobs in the future, dropped once the charge has moved on."""

from __future__ import annotations

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.records import work
from billing_core.rules import schedule
from billing_core.rules.nouns import Charge, Company, Customer


def plan_reminders(
    connection: Connection, charge: Charge, customer: Customer, company: Company
) -> None:
    """One job per reminder day, at 09:00 in the customer's zone; days already past are left out.

    Takes the place of what was planned before. Each plan has a key of its own: the jobs of one that
    was dropped keep theirs, and would stand in the way of a charge that waits again.
    """
    if charge.chain_length:  # one that this transaction has just made has none
        drop_reminders(connection, charge.id)
    plan = ids.new_id("rp")
    zone, now = clock.zone(customer.time_zone), clock.now()
    planned = [
        work.New(
            "remind_client",
            f"remind:{charge.id}:{days}:{plan}",
            {"charge": charge.id, "days": str(days)},
            due_at,
        )
        for days in company.reminder_days
        if (due_at := schedule.reminder_at(charge.fired_at, days, zone)) > now
    ]
    work.enqueue_new(connection, planned)


def drop_reminders(connection: Connection, charge_id: str) -> None:
    """No more reminders for this charge."""
    work.cancel(connection, f"remind:{charge_id}:")
