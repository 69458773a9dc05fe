"""Send money back, all of it or a part: intend, call, record.

The sum is checked under the charge's lock against everything that is refunded, on its way back or
held by a bank, so that no two operators can send back more than came (I10).
"""

from __future__ import annotations

from sqlalchemy import Connection

from billing_core import clock, gateway, ids
from billing_core.errors import Down, FieldsRefused, IllegalMove, NotAllowed
from billing_core.flows.settle_refund import settle_refund
from billing_core.records import attempts, charges, db, disputes, evidence, keys, refunds, work
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import charge_states, money, texts
from billing_core.rules import refunds as rules
from billing_core.rules.nouns import Actor, Attempt, Charge, Refund


def refund_charge(
    charge_id: str,
    *,
    amount: str,
    reason: str,
    note: str = "",
    actor: Actor,
    key: str | None = None,
) -> Refund:
    """Refund ``amount`` (decimal text, "" for all that is left) of a paid charge.

    The refund as it stands afterwards; when the gateway is silent it is ``unknown`` and the worker
    asks again. Raises AmountRefused, FieldsRefused, IllegalMove, NotAllowed.
    """
    refund = _intend(charge_id, (amount, reason, note), actor, key)
    try:
        return settle_refund(refund.id)
    except Down:
        with db.read_only() as connection:
            return refunds.get(connection, refund.id)


@patiently
def _intend(charge_id: str, form: tuple[str, str, str], actor: Actor, key: str | None) -> Refund:
    amount, reason, note = form
    if reason not in rules.REASONS:
        raise FieldsRefused({"reason": "Choose why this is refunded."})
    said = texts.check_line(note, "The note", most=300, required=False)
    values = {"charge": charge_id, "amount": amount, "reason": reason, "note": said}
    mark = keys.fingerprint("refund", values)
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return refunds.get(connection, bound["refund"])
        charge = charges.lock(connection, charge_id)
        refund = _make(connection, charge, amount, (reason, said), actor)
        keys.bind(connection, actor, key, mark, {"refund": refund.id})
        return refund


def _make(
    connection: Connection, charge: Charge, amount: str, why: tuple[str, str], actor: Actor
) -> Refund:
    attempt = _paid_attempt(connection, charge)
    gone = refunds.taken_minor(connection, charge.id)
    held = disputes.held_minor(connection, charge.id)
    captured = charge.total_minor
    left = captured - gone - held
    asked = money.parse_amount(amount, charge.currency, grouped=True) if amount else left
    rules.check_refund(
        asked, captured_minor=captured, gone_minor=gone + held, currency=charge.currency
    )
    gateway.check_amount(asked, charge.currency)
    refund_id = ids.new_id("rf")
    refund = Refund(
        id=refund_id,
        charge_id=charge.id,
        gateway=attempt.gateway,
        idempotency_key=f"countersign-{refund_id}",
        payment_reference=attempt.payment_reference or attempt.reference or "",
        amount_minor=asked,
        tax_minor=rules.tax_share(
            asked, total_minor=captured, tax_minor=charge.tax_minor, before_minor=gone
        ),
        currency=charge.currency,
        reason=why[0],
        note=why[1],
        state="pending",
        actor=actor,
        requested_at=clock.now(),
    )
    refunds.append(connection, refund)
    payload = {"refund": refund.id, "amount_minor": asked, "currency": charge.currency,
               "reason": why[0]}  # fmt: skip
    evidence.append(
        connection, charge.id, Fact("refund.requested", actor, payload, {"note": why[1]})
    )
    work.enqueue(connection, "settle_refund", f"refund:{refund.id}", {"refund": refund.id})
    return refund


def _paid_attempt(connection: Connection, charge: Charge) -> Attempt:
    if not charge_states.can("refund_all", charge.state):
        raise IllegalMove(
            f"This charge is {charge_states.WORDS[charge.state].lower()}: only what is paid, and "
            "not disputed, can be refunded."
        )
    if disputes.is_contested(connection, charge.id):
        raise NotAllowed(
            "The payer's bank has opened a dispute. While it is open, a refund would pay twice: "
            "answer the dispute instead.",
            code="DISPUTE_OPEN",
        )
    paid = [a for a in attempts.of_charge(connection, charge.id) if a.outcome == "succeeded"]
    if not paid:
        raise NotAllowed("This was paid outside. Send it back the same way.", code="PAID_OUTSIDE")
    return paid[0]
