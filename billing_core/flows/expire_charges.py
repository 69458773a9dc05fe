"""Charges whose ``valid_until`` has passed expire; an operator may re-send them."""

from __future__ import annotations

from billing_core import clock
from billing_core.flows.plan_reminders import drop_reminders
from billing_core.records import charges, customers, db, evidence
from billing_core.records.evidence import Fact
from billing_core.records.patience import repeatably
from billing_core.rules import charge_states, schedule
from billing_core.rules.nouns import SYSTEM

_OPEN = ("pending_client", "changes_requested")
AT_ONCE = 200


def expire_charges() -> int:
    """Expire what is due now; returns how many."""
    with db.read_only() as connection:
        waiting = charges.with_validity(connection, _OPEN, AT_ONCE)
        due = [
            charge.id
            for charge in waiting
            if charge.valid_until is not None
            and schedule.end_of_day(
                charge.valid_until,
                clock.zone(customers.get(connection, charge.customer_id).time_zone),
            )
            <= clock.now()
        ]
    return sum(_expire(charge_id) for charge_id in due)


@repeatably
def _expire(charge_id: str) -> bool:
    with db.begin() as connection:
        charge = charges.lock(connection, charge_id)
        if not charge_states.can("expire", charge.state):
            return False
        state = charge_states.move("expire", charge.state)
        charges.change(connection, charge_id, state=state, ended_at=clock.now())
        evidence.append(connection, charge_id, Fact("charge.expired", SYSTEM))
        drop_reminders(connection, charge_id)
        return True
