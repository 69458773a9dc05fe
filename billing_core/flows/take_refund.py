"""A refund the gateway tells of: ours as it is now, or one that was made on its dashboard."""

from __future__ import annotations

from sqlalchemy import Connection

from billing_core import clock, gateway, ids
from billing_core.errors import Misused, NotFound, Parked
from billing_core.flows.settle_refund import record_refund
from billing_core.gateway.port import SeenRefund
from billing_core.records import attempts, charges, db, evidence, refunds
from billing_core.records.evidence import Fact
from billing_core.records.patience import repeatably
from billing_core.rules import refunds as rules
from billing_core.rules.nouns import Actor, Attempt, Charge, Refund


def take_refund(reference: str) -> str | None:
    """Read one refund and record it: "" when done, a reason when there is nothing to do.

    None when its payment is not known here (yet). Raises Down; Parked when our rules refuse it.
    """
    try:
        seen = gateway.refunding().read_refund(reference)
    except Misused as refused:
        return None if refused.code == "GATEWAY_MISSING" else refused.sentence
    return record_any_refund(seen)


def record_any_refund(seen: SeenRefund) -> str | None:
    """As ``take_refund``, for a refund that was read already."""
    try:
        refund_id = _known(seen) or _adopt(seen)
    except NotFound:
        return None
    record_refund(refund_id, seen)
    return ""


def _known(seen: SeenRefund) -> str | None:
    with db.read_only() as connection:
        found = refunds.find_by_reference(connection, seen.reference)
        if found is not None:
            return found.id
        ours = seen.metadata.get("refund_id", "")
        return refunds.get(connection, ours[:40]).id if ours else None


@repeatably
def _adopt(seen: SeenRefund) -> str:
    """Somebody refunded on the gateway's dashboard: the money has moved, so it is booked here."""
    name = gateway.current().name
    with db.begin() as connection:
        attempt = attempts.find_by_payment(connection, name, seen.payment_reference)
        if attempt is None:
            raise NotFound("This refund is about no payment of ours.")
        charge = charges.lock(connection, attempt.charge_id)
        found = refunds.find_by_reference(connection, seen.reference)
        if found is not None:
            return found.id
        payment = attempt.payment_reference or ""
        gone = refunds.taken_of_payment_minor(connection, name, payment)
        if (
            seen.outcome in ("succeeded", "pending")
            and gone + seen.amount_minor > attempt.amount_minor
        ):
            raise Parked("More was refunded than was taken.", charge=charge.id)
        return _append(connection, charge, attempt, seen)


def _append(connection: Connection, charge: Charge, attempt: Attempt, seen: SeenRefund) -> str:
    charge_id, refund_id, name = charge.id, ids.new_id("rf"), attempt.gateway
    gone = refunds.taken_minor(connection, charge_id)
    actor = Actor("gateway", name)
    # no invoice asked for what came twice, so there is no tax in it
    tax_minor = (
        0
        if attempt.surplus
        else rules.tax_share(
            seen.amount_minor,
            total_minor=charge.total_minor,
            tax_minor=charge.tax_minor,
            before_minor=gone,
        )
    )
    refunds.append(
        connection,
        Refund(
            id=refund_id,
            charge_id=charge_id,
            gateway=name,
            idempotency_key=f"seen-{seen.reference}",
            payment_reference=seen.payment_reference,
            amount_minor=seen.amount_minor,
            tax_minor=tax_minor,
            currency=seen.currency,
            reason="other",
            note="Refunded on the gateway's own dashboard.",
            state="pending",
            actor=actor,
            requested_at=seen.booked_at or clock.now(),
            reference=seen.reference,
            surplus=attempt.surplus,
        ),
    )
    payload = {"refund": refund_id, "amount_minor": seen.amount_minor, "currency": seen.currency,
               "reference": seen.reference}  # fmt: skip
    evidence.append(connection, charge_id, Fact("refund.found", actor, payload))
    return refund_id
