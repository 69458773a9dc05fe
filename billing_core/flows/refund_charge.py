"""Send money back, all of it or a part: intend, call, record.

The sum is checked under the charge's lock against everything that is refunded, on its way back or
held by a bank, so that no two operators can send back more than came (I10). Above the limit for one
person it becomes a request; what was refunded of the charge before counts, so that parts of a sum
do not get round the limit.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from billing_core import clock, gateway, ids
from billing_core.errors import Down, FieldsRefused, IllegalMove, NotAllowed, Refused
from billing_core.flows.hold_request import answered, hold_request, needed, seal_of
from billing_core.flows.settle_refund import settle_refund
from billing_core.records import (
    attempts,
    charges,
    db,
    disputes,
    evidence,
    keys,
    organisation,
    refunds,
    work,
)
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import charge_states, money, second_person, texts
from billing_core.rules import refunds as rules
from billing_core.rules.nouns import Actor, Attempt, Charge, Refund, Request


@dataclass(frozen=True, slots=True)
class Form:
    """What was typed, and the minor units that the button said."""

    amount: str
    reason: str
    note: str
    expected_minor: int | None


def refund_charge(
    charge_id: str,
    *,
    amount: str,
    reason: str,
    note: str = "",
    actor: Actor,
    key: str | None = None,
    approved: Request | None = None,
    expected_minor: int | None = None,
) -> Refund:
    """Refund ``amount`` (decimal text, "" for all that is left) of a paid charge.

    The refund as it stands afterwards; when the gateway is silent it is ``unknown`` and the worker
    asks again. ``approved`` is the request that a second person approved; ``expected_minor`` is
    what the presser read on the button. Raises AmountRefused,
    FieldsRefused, IllegalMove, NotAllowed, SecondPersonNeeded.
    """
    form = Form(amount, reason, note, expected_minor)
    refund = _intend(charge_id, form, actor, key, approved)
    try:
        return settle_refund(refund.id)
    except Down:
        with db.read_only() as connection:
            return refunds.get(connection, refund.id)


@patiently
def _intend(
    charge_id: str,
    form: Form,
    actor: Actor,
    key: str | None,
    approved: Request | None,
) -> Refund:
    if form.reason not in rules.REASONS:
        raise FieldsRefused({"reason": "Choose why this is refunded."})
    said = texts.check_line(form.note, "The note", most=300, required=False)
    values = {"charge": charge_id, "amount": form.amount, "reason": form.reason, "note": said}
    mark = keys.fingerprint("refund", values)
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            made = bound.get("refund") or answered(connection, bound["request"])
            return refunds.get(connection, made)
        charge = charges.lock(connection, charge_id)
        refund = _draft(connection, charge, form.amount, (form.reason, said), actor)
        if form.expected_minor not in (None, refund.amount_minor):
            raise Refused("What is left changed just as you pressed. Nothing was sent back: check "
                          "it and press again.", code="AMOUNT_CHANGED")  # fmt: skip
        held = None if approved else _hold(connection, charge, refund, values, key=key)
        if held is None:
            _store(connection, charge, refund, approved)
            keys.bind(connection, actor, key, mark, {"refund": refund.id})
            return refund
        keys.bind(connection, actor, key, mark, {"request": held.id})
    raise needed(held)


def check_refundable(connection: Connection, charge: Charge, amount: str) -> int:
    """The minor units that ``amount`` asks back, or the refusal that comes first."""
    _paid_attempt(connection, charge)
    left = left_minor(connection, charge)
    asked = money.parse_amount(amount, charge.currency, grouped=True) if amount else left
    captured = charge.total_minor
    rules.check_refund(
        asked, captured_minor=captured, gone_minor=captured - left, currency=charge.currency
    )
    gateway.check_amount(asked, charge.currency)
    return asked


def left_minor(connection: Connection, charge: Charge) -> int:
    """What of a paid charge is neither refunded, nor on its way back, nor held by a bank."""
    gone = refunds.taken_minor(connection, charge.id)
    return charge.total_minor - gone - disputes.held_minor(connection, charge.id)


def is_above_limit(connection: Connection, charge: Charge, asked_minor: int) -> bool:
    """True when this refund, with those before it, is more than one person may send back."""
    limit = organisation.get_company(connection).second_refund_above_major
    together = refunds.taken_minor(connection, charge.id) + asked_minor
    return second_person.is_above(together, charge.currency, limit)


def _hold(
    connection: Connection,
    charge: Charge,
    refund: Refund,
    values: dict[str, str],
    *,
    key: str | None,
) -> Request | None:
    """The request that this refund becomes, its sum frozen; None when it may go at once."""
    if not is_above_limit(connection, charge, refund.amount_minor):
        return None
    sum_text = money.to_text(refund.amount_minor, refund.currency)
    return hold_request(
        connection,
        "refund",
        values | {"amount": sum_text},
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        customer_id=charge.customer_id,
        charge_id=charge.id,
        actor=refund.actor,
        always_new=bool(key) and refund.actor.kind == "key",
    )


def _draft(
    connection: Connection, charge: Charge, amount: str, why: tuple[str, str], actor: Actor
) -> Refund:
    asked = check_refundable(connection, charge, amount)
    attempt = _paid_attempt(connection, charge)
    refund_id = ids.new_id("rf")
    return Refund(
        id=refund_id,
        charge_id=charge.id,
        gateway=attempt.gateway,
        idempotency_key=f"countersign-{refund_id}",
        payment_reference=attempt.payment_reference or attempt.reference or "",
        amount_minor=asked,
        tax_minor=rules.tax_share(
            asked,
            total_minor=charge.total_minor,
            tax_minor=charge.tax_minor,
            before_minor=refunds.taken_minor(connection, charge.id),
        ),
        currency=charge.currency,
        reason=why[0],
        note=why[1],
        state="pending",
        actor=actor,
        requested_at=clock.now(),
    )


def _store(
    connection: Connection, charge: Charge, refund: Refund, approved: Request | None
) -> None:
    refunds.append(connection, refund)
    payload = {"refund": refund.id, "amount_minor": refund.amount_minor,
               "currency": refund.currency, "reason": refund.reason}  # fmt: skip
    fact = Fact(
        "refund.requested", refund.actor, payload | seal_of(approved), {"note": refund.note}
    )
    evidence.append(connection, charge.id, fact)
    work.enqueue(connection, "settle_refund", f"refund:{refund.id}", {"refund": refund.id})


def _paid_attempt(connection: Connection, charge: Charge) -> Attempt:
    if disputes.is_contested(connection, charge.id):
        raise NotAllowed(
            "The payer's bank has opened a dispute. While it is open, a refund would pay twice: "
            "answer the dispute instead.",
            code="DISPUTE_OPEN",
        )
    if not charge_states.can("refund_all", charge.state):
        raise IllegalMove(
            f"This charge is {charge_states.WORDS[charge.state].lower()}: only what is paid, and "
            "not disputed, can be refunded."
        )
    # money that came a second time lies apart: none of it is this invoice's to send back
    every = attempts.of_charge(connection, charge.id)
    paid = [a for a in every if a.outcome == "succeeded" and not a.surplus]
    if not paid:
        raise NotAllowed("This was paid outside. Send it back the same way.", code="PAID_OUTSIDE")
    return paid[0]
