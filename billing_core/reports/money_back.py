"""What of a charge's money went back, is held by a bank, or waits for somebody's approval."""

from __future__ import annotations

from dataclasses import dataclass

from billing_core.records import charges, db, disputes, refunds, requests
from billing_core.rules.nouns import Dispute, Refund, Request

_LIMIT = 50


@dataclass(frozen=True, slots=True)
class MoneyBack:
    """Refunds and disputes of one charge, oldest first; sums in minor units of its currency."""

    refunds: tuple[Refund, ...]
    disputes: tuple[Dispute, ...]
    requests: tuple[Request, ...]
    refunded_minor: int
    is_partly_refunded: bool


def money_back(charge_id: str) -> MoneyBack:
    """Read from the books."""
    with db.read_only() as connection:
        charge = charges.get(connection, charge_id)
        sent = refunds.of_charge(connection, charge_id)
        held = disputes.of_charge(connection, charge_id)
        asked = requests.search(connection, waiting=True, charge_id=charge_id, limit=_LIMIT)
    arrived = sum(refund.amount_minor for refund in sent if refund.state == "succeeded")
    return MoneyBack(
        refunds=tuple(sent),
        disputes=tuple(held),
        requests=tuple(asked),
        refunded_minor=arrived,
        is_partly_refunded=0 < arrived < charge.total_minor,
    )
