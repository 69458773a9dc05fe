"""Until when an invoice is good: the operator sets a day, or takes it away again."""

from __future__ import annotations

from datetime import date

from billing_core import clock
from billing_core.errors import FieldsRefused, IllegalMove
from billing_core.records import charges, customers, db, evidence
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import charge_states
from billing_core.rules.nouns import Actor, Charge


@patiently
def set_validity(charge_id: str, valid_until: str, *, actor: Actor) -> Charge:
    """The charge expires when ``valid_until`` (ISO date, "" for never) is over for the customer.

    Raises FieldsRefused for a day that is past or none, IllegalMove once the charge has moved on.
    """
    with db.begin() as connection:
        charge = charges.lock(connection, charge_id)
        if not charge_states.can("expire", charge.state):
            word = charge_states.WORDS[charge.state].lower()
            raise IllegalMove(f"This charge is {word}: it cannot expire.", state=charge.state)
        zone = customers.get(connection, charge.customer_id).time_zone
        day = _day(valid_until, clock.today(zone))
        charges.change(connection, charge_id, valid_until=day)
        payload = {"valid_until": day.isoformat() if day else None}
        evidence.append(connection, charge_id, Fact("charge.validity_set", actor, payload))
        return charges.get(connection, charge_id)


def _day(typed: str, today: date) -> date | None:
    if not typed:
        return None
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        raise FieldsRefused({"valid_until": "Write the day as year-month-day."}) from None
    if day < today:
        raise FieldsRefused({"valid_until": "This day is over already."})
    return day
