"""Disputes as a person works through them: whose payment, until when, what it holds and costs."""

from __future__ import annotations

from dataclasses import dataclass

from billing_core.records import charges, customers, db, disputes
from billing_core.rules.nouns import Dispute

LIMIT = 200


@dataclass(frozen=True, slots=True)
class Contested:
    """One dispute and the names around it."""

    dispute: Dispute
    charge_id: str
    invoice_number: str
    customer_name: str


def contested(*, decided: bool) -> tuple[Contested, ...]:
    """Undecided ones, the nearest deadline first; or decided ones, the latest first."""
    with db.read_only() as connection:
        read = disputes.decided if decided else disputes.undecided
        rows = []
        for dispute in read(connection, LIMIT):
            charge = charges.get(connection, dispute.charge_id)
            name = customers.get(connection, charge.customer_id).billed_as()
            rows.append(Contested(dispute, charge.id, charge.invoice_number, name))
    return tuple(rows)


def held(found: tuple[Contested, ...]) -> list[tuple[str, int]]:
    """What banks hold now, per currency in minor units."""
    sums: dict[str, int] = {}
    for row in found:
        dispute = row.dispute
        sums[dispute.currency] = sums.get(dispute.currency, 0) + dispute.held_minor
    return sorted((currency, minor) for currency, minor in sums.items() if minor)
