"""Ask the gateway to send money back, or read what became of it, and book what it says.

Cash leaves our books when it left the gateway's; the refund counts, with its credit note and mail,
when it arrived.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from billing_core import clock, gateway
from billing_core.errors import Declined, Down
from billing_core.flows.book_refund import book_refund
from billing_core.gateway.port import Refunding, SeenRefund
from billing_core.records import attempts, charges, concerns, db, evidence, refunds, work
from billing_core.records.evidence import Fact
from billing_core.records.patience import repeatably
from billing_core.rules import refunds as rules
from billing_core.rules.nouns import Actor, Refund

#: A key that the gateway may have forgotten is never used again: from here on we only look.
KEY_LIFE = timedelta(hours=20)
OLDER_THAN, AT_ONCE = timedelta(seconds=90), 100


def settle_refund(refund_id: str, *, again: bool = False) -> Refund:
    """Bring one refund up to date; safe to repeat. Raises Down when the gateway is silent."""
    with db.read_only() as connection:
        refund = refunds.get(connection, refund_id)
        metadata = _metadata(connection, refund)
    if refund.state not in rules.OPEN and not (again and refund.reference):
        return refund
    outside = gateway.refunding()
    try:
        seen = _ask(outside, refund, metadata)
    except Declined as declined:
        return record_refund(refund_id, None, problem=declined.sentence)
    except Down:
        _record_unknown(refund_id)
        raise
    return record_refund(refund_id, seen)


def settle_open_refunds() -> int:
    """Look at every refund that has been open for a while; how many were asked about."""
    with db.read_only() as connection:
        waiting = refunds.open_before(connection, clock.now() - OLDER_THAN, AT_ONCE)
    for refund_id in waiting:
        settle_refund(refund_id)
    return len(waiting)


def _ask(outside: Refunding, refund: Refund, metadata: dict[str, str]) -> SeenRefund:
    if refund.reference is not None:
        return outside.read_refund(refund.reference)
    if clock.now() - refund.requested_at > KEY_LIFE:
        for seen in outside.recent_refunds(refund.requested_at - timedelta(minutes=10)):
            if seen.metadata.get("refund_id") == refund.id:
                return seen
        raise Declined("The refund never reached the gateway. Nothing was sent back.")
    return outside.refund(
        refund.payment_reference,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        reason=refund.reason,
        metadata=metadata,
        key=refund.idempotency_key,
    )


def _metadata(connection: Connection, refund: Refund) -> dict[str, str]:
    charge = charges.get(connection, refund.charge_id)
    attempt = attempts.find_by_payment(connection, refund.gateway, refund.payment_reference)
    asked = [
        event for event in evidence.of_stream(connection, charge.id)
        if event.kind == "refund.requested" and event.payload["refund"] == refund.id
    ]  # fmt: skip
    return {
        "charge_id": charge.id,
        "attempt_id": attempt.id if attempt else "",
        "refund_id": refund.id,
        "invoice_number": charge.invoice_number,
        "document_sha256": charge.document_sha256,
        "chain_head": asked[0].hash if asked else charge.chain_head,
    }


@repeatably
def record_refund(refund_id: str, seen: SeenRefund | None, *, problem: str = "") -> Refund:
    """Record what the gateway said of a refund; None: it refused and made nothing."""
    with db.begin() as connection:
        charge = charges.lock(connection, refunds.get(connection, refund_id).charge_id)
        refund = refunds.get(connection, refund_id)
        heard = seen.outcome if seen else "failed"
        state = rules.refund_after(refund.state, "processing" if heard == "pending" else heard)
        if state == refund.state and (seen is None or refund.reference):
            return refund
        settled = state not in rules.OPEN
        refunds.change(
            connection,
            refund_id,
            state=state,
            reference=seen.reference if seen else refund.reference,
            problem=(seen.problem if seen else problem) if state == "failed" else "",
            settled_at=clock.now() if settled else None,
        )
        actor = Actor("gateway", refund.gateway)
        payload = {"refund": refund.id, "reference": seen.reference if seen else None,
                   "problem": seen.problem if seen else problem}  # fmt: skip
        evidence.append(connection, charge.id, Fact(f"refund.{state}", actor, payload))
        if seen is not None:
            book_refund(connection, charge, refund, seen, state=state)
        if state == "failed":
            sentence = f"{charge.invoice_number}: {problem or 'the refund came back.'}"
            concerns.raise_up(connection, "refund_failed", refund.id, sentence, charge_id=charge.id)
        if settled:
            work.cancel(connection, f"refund:{refund.id}")
        return refunds.get(connection, refund_id)


@repeatably
def _record_unknown(refund_id: str) -> None:
    with db.begin() as connection:
        charge_id = refunds.get(connection, refund_id).charge_id
        charges.lock(connection, charge_id)
        refund = refunds.get(connection, refund_id)
        if refund.state != "pending":
            return
        refunds.change(connection, refund_id, state="unknown")
        actor = Actor("gateway", refund.gateway)
        evidence.append(connection, charge_id, Fact("refund.unknown", actor, {"refund": refund.id}))
