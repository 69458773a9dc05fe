"""From a request to the fields of the shape that /v1 answers. As ``telling`` has it."""

from __future__ import annotations

from billing_core.rules import money
from billing_core.rules.nouns import Request
from paynow.api.telling import Fields, moment


def request(found: Request) -> Fields:
    """The fields of ``shapes_money.Request``; ids of people and keys, never their names."""
    return {
        "id": found.id,
        "verb": found.verb,
        "state": found.state,
        "amount": money.to_text(found.amount_minor, found.currency),
        "amount_minor": found.amount_minor,
        "currency": found.currency,
        "customer": found.customer_id,
        "charge": found.result if found.verb == "fire" else found.charge_id,
        "refund": found.result if found.verb == "refund" else None,
        "asked_by": found.asked_by.id,
        "asked_at": moment(found.asked_at),
        "decided_by": found.decided_by.id if found.decided_by else None,
        "decided_at": moment(found.decided_at),
        "reason": found.reason,
        "problem": found.problem,
    }
