"""Call the gateway for one attempt, or read what became of it, and record what it says.

A redirect, a webhook, a poll and a restart after a crash are hints about one fact: all end here.
Where the gateway was never reached, the same call goes out again with the same key.
"""

from __future__ import annotations

import logging

from billing_core import clock, gateway
from billing_core.errors import Down, Misused
from billing_core.flows.book_capture import capture_move
from billing_core.flows.book_line import book_with_line
from billing_core.flows.settle_off_session import forget_failures, settle_off_session
from billing_core.flows.start_attempt import order_of
from billing_core.gateway.port import KEY_REUSED, Gateway, Order, Seen
from billing_core.records import attempts, charges, db, evidence, work
from billing_core.records.evidence import Fact
from billing_core.records.patience import repeatably
from billing_core.rules import charge_states
from billing_core.rules.nouns import Actor, Attempt, Charge

log = logging.getLogger("countersign.settle")
NOT_ACCEPTED = "The payment provider did not accept our request"
GATEWAY_ACTOR = Actor("gateway", "gateway")


def settle_attempt(attempt_id: str, *, again: bool = False) -> Charge:
    """Bring one attempt up to date; safe to repeat at any time. Returns the charge as it is now.

    Raises Down when the gateway does not answer: then the outcome is ``unknown`` and the worker
    asks again. Where the gateway refuses our request and nothing was made, the attempt ends here
    and a person is told; Misused about an object that may hold money is raised, and ends nothing.
    ``again`` looks at a settled one too: money may have come after all.
    """
    with db.read_only() as connection:
        attempt = attempts.get(connection, attempt_id)
        settled = attempt.outcome in charge_states.SETTLED
        if settled and not (again and attempt.reference):
            return charges.get(connection, attempt.charge_id)
        order = order_of(connection, attempt)
    outside = gateway.current()
    try:
        seen = _ask(outside, attempt, order)
        if attempt.via == "off_session" and seen.outcome == "requires_action" and not settled:
            # nobody is there to answer the bank: the client pays on the invoice's own page instead
            seen = outside.cancel(seen.reference)
    except Down:
        _record_unknown(attempt_id)
        raise
    return record_seen(attempt_id, seen)


def _ask(outside: Gateway, attempt: Attempt, order: Order) -> Seen:
    if attempt.reference is not None:
        return outside.read(attempt.reference)
    try:
        if attempt.via == "checkout":
            return outside.open_checkout(order, attempt.idempotency_key)
        return outside.charge_saved(order, attempt.idempotency_key)
    except Misused as error:
        if error.code == KEY_REUSED:
            # by a withdrawal that died unrecorded, or by a version of ours that asked otherwise:
            # what the key made is ended, and what it took is told
            return outside.withdraw(order, attempt.idempotency_key)
        log.error("the gateway refused attempt %s: %s", attempt.id, error.sentence)
        return _refused(attempt, error)


def _refused(attempt: Attempt, error: Misused) -> Seen:
    """Nothing was made, nothing can be paid: off session the charge failed, a client may retry."""
    outcome = "declined" if attempt.via == "off_session" else "cancelled"
    problem = f"{NOT_ACCEPTED}: {error.sentence}"
    return Seen("", outcome, attempt.amount_minor, attempt.currency, problem=problem)


@repeatably
def record_seen(attempt_id: str, seen: Seen) -> Charge:
    """Record what the gateway said of an attempt's object; older news never move it back (I8)."""
    with db.begin() as connection:
        attempt = attempts.get(connection, attempt_id)
        charge = charges.lock(connection, attempt.charge_id)
        attempt = attempts.get(connection, attempt_id)
        outcome = charge_states.attempt_after(attempt.outcome, seen.outcome)
        if outcome == attempt.outcome and attempt.reference is not None:
            return charge
        overtaken = attempt.reference is not None or attempt.outcome in charge_states.SETTLED
        if overtaken and not seen.reference:
            return charge
        settled = outcome in charge_states.SETTLED
        move = capture_move(connection, charge, seen) if outcome == "succeeded" else ""
        values = {
            "outcome": outcome,
            "surplus": outcome == "succeeded" and not move,
            "reference": seen.reference or None,
            "url": None if settled else seen.url,
            "method_label": seen.method_label or attempt.method_label,
            "problem": seen.problem,
            "payment_reference": seen.payment_reference,
            "settled_at": clock.now() if settled else None,
        }
        attempts.change(connection, attempt_id, **values)
        if outcome != attempt.outcome:
            evidence.append(connection, charge.id, _fact(attempt, outcome, seen))
        attempt = attempts.get(connection, attempt_id)
        if outcome == "succeeded":
            book_with_line(connection, charge, attempt, seen, move=move)
            if attempt.via == "off_session":
                forget_failures(connection, charge)
        elif charge.state == "charging":
            settle_off_session(connection, charge, attempt)
        if settled and not seen.reference:
            work.bury_key(connection, f"settle:{attempt_id}", seen.problem or NOT_ACCEPTED)
        elif settled:
            work.cancel(connection, f"settle:{attempt_id}")
        return charges.get(connection, charge.id)


def _fact(attempt: Attempt, outcome: str, seen: Seen) -> Fact:
    payload = {
        "attempt": attempt.id,
        "gateway": attempt.gateway,
        "reference": seen.reference or None,
        "payment": seen.payment_reference,
        "problem": seen.problem,
    }
    return Fact(f"attempt.{outcome}", GATEWAY_ACTOR, payload)


@repeatably
def _record_unknown(attempt_id: str) -> None:
    with db.begin() as connection:
        charge_id = attempts.get(connection, attempt_id).charge_id
        charges.lock(connection, charge_id)
        attempt = attempts.get(connection, attempt_id)
        if attempt.outcome != "pending":
            return
        attempts.change(connection, attempt_id, outcome="unknown")
        payload = {"attempt": attempt.id, "gateway": attempt.gateway}
        evidence.append(connection, charge_id, Fact("attempt.unknown", GATEWAY_ACTOR, payload))
        work.hasten(connection, f"settle:{attempt_id}")
