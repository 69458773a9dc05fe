"""A cardholder's bank objects: take the dispute in as the gateway has it now, and book its money.

An inquiry only asks; a chargeback takes the money at once. Both have a deadline, which is shown.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from billing_core import clock, gateway, ids
from billing_core.documents.wording import money
from billing_core.errors import NotFound
from billing_core.flows.book_line import fee_row
from billing_core.gateway.port import SeenDispute
from billing_core.records import (
    attempts,
    books,
    charges,
    concerns,
    db,
    disputes,
    evidence,
    gateway_lines,
    refunds,
)
from billing_core.records.evidence import Fact
from billing_core.records.patience import repeatably
from billing_core.rules import charge_states, ledger
from billing_core.rules import disputes as rules
from billing_core.rules.nouns import Actor, Attempt, Charge, Dispute, Line, Revenue


def take_dispute(reference: str) -> Dispute:
    """Read one dispute at the gateway and record it. NotFound when it is about no payment of ours.

    Raises Down when the gateway is silent.
    """
    return record_dispute(gateway.disputing().read_dispute(reference))


@repeatably
def record_dispute(seen: SeenDispute) -> Dispute:
    """Record a dispute as it is now; older news never move it back."""
    name = gateway.current().name
    with db.begin() as connection:
        attempt = attempts.find_by_payment(connection, name, seen.payment_reference)
        if attempt is None:
            raise NotFound("This dispute is about no payment of ours.")
        charge = charges.lock(connection, attempt.charge_id)
        old = disputes.find_by_reference(connection, seen.reference)
        new = _merged(old, seen, attempt, name)
        if old is None:
            disputes.append(connection, new)
        else:
            disputes.change(connection, new.id, kind=new.kind, status=new.status, due_by=new.due_by,
                            held_minor=new.held_minor, changed_at=new.changed_at,
                            closed_at=new.closed_at)  # fmt: skip
        _tell(connection, charge, old, new)
        for line in seen.lines:
            _book(connection, charge, name, line)
        if not attempt.surplus:
            _move(connection, charge, new)
        if new.status == "lost" and (old is None or old.status != "lost"):
            _lose(connection, charge, attempt, new, seen)
        _show(connection, charge, new)
        return new


def _merged(old: Dispute | None, seen: SeenDispute, attempt: Attempt, name: str) -> Dispute:
    now = clock.now()
    # of money that came a second time nothing was the charge's to hold
    kept = not attempt.surplus and -sum(line.amount_minor for line in seen.lines) > 0
    if old is None:
        old = Dispute(
            id=ids.new_id("dp"),
            charge_id=attempt.charge_id,
            gateway=name,
            reference=seen.reference,
            kind=seen.kind,
            status="open",
            reason=seen.reason[:80],
            amount_minor=seen.amount_minor,
            currency=seen.currency,
            held_minor=0,
            opened_at=seen.opened_at,
            changed_at=now,
        )
    status = rules.status_after(old.status, seen.status)
    if status != seen.status:
        # an answer that others overtook says nothing of what is held now
        return replace(old, kind=rules.kind_after(old.kind, seen.kind), changed_at=now)
    decided = status in rules.DECIDED
    return replace(
        old,
        kind=rules.kind_after(old.kind, seen.kind),
        status=status,
        due_by=seen.due_by or old.due_by,
        held_minor=seen.amount_minor if kept else 0,
        changed_at=now,
        closed_at=old.closed_at or (now if decided else None),
    )


def _tell(connection: Connection, charge: Charge, old: Dispute | None, new: Dispute) -> None:
    """What the chain says: opened, updated or closed; nothing when nothing changed."""
    before = (old.kind, old.status) if old else None
    if before == (new.kind, new.status):
        return
    payload = {
        "dispute": new.id,
        "reference": new.reference,
        "kind": new.kind,
        "status": new.status,
        "reason": new.reason,
        "amount_minor": new.amount_minor,
        "currency": new.currency,
        "due_by": clock.stamp(new.due_by) if new.due_by else None,
    }
    verb = "opened" if old is None else "closed" if new.status in rules.DECIDED else "updated"
    actor = Actor("gateway", new.gateway)
    evidence.append(connection, charge.id, Fact(f"dispute.{verb}", actor, payload))


def _book(connection: Connection, charge: Charge, name: str, line: Line) -> None:
    """Money that the bank took, or gave back, and what the dispute cost."""
    if not gateway_lines.take(connection, line, charge.id):
        return
    taken = line.amount_minor < 0
    event = "dispute_withdrawn" if taken else "dispute_reinstated"
    held, fee = -line.amount_minor, line.fee_minor
    for account, minor, said in (
        ("dispute_held", held, event),
        ("dispute_fees", fee, "dispute_fee"),
    ):
        postings = ledger.moved(account, name, amount_minor=minor, currency=line.currency)
        books.append_postings(
            connection, postings, event=said, charge_id=charge.id, booked_at=line.booked_at
        )
    if fee and line.currency == charge.currency:
        row = fee_row(_alike(connection, charge, name), line, "dispute_fee")
        books.append_revenue(connection, row)
    payload = {"line": line.id, "amount_minor": line.amount_minor, "fee_minor": line.fee_minor,
               "currency": line.currency}  # fmt: skip
    word = "funds_withdrawn" if taken else "funds_reinstated"
    evidence.append(connection, charge.id, Fact(f"dispute.{word}", Actor("gateway", name), payload))


def _move(connection: Connection, charge: Charge, new: Dispute) -> None:
    refunded = refunds.taken_minor(connection, charge.id) == charge.total_minor
    move = rules.charge_move(
        kind=new.kind, status=new.status, state=charge.state, is_refunded=refunded
    )
    if not move and charge.state in ("captured", "refunded") and new.status in ("won", "lost"):
        # both ends were heard of at once
        charges.change(connection, charge.id, state=charge_states.move("dispute", charge.state))
        charge = charges.get(connection, charge.id)
        move = rules.charge_move(
            kind=new.kind, status=new.status, state=charge.state, is_refunded=refunded
        )
    if move:
        ended = clock.now() if move == "lose" else charge.ended_at
        state = charge_states.move(move, charge.state)
        charges.change(connection, charge.id, state=state, ended_at=ended)


def _lose(
    connection: Connection, charge: Charge, attempt: Attempt, lost: Dispute, seen: SeenDispute
) -> None:
    """What was held is gone for good, and revenue with it; money that came twice was no revenue."""
    into = "suspense" if attempt.surplus else "dispute_losses"
    for currency in {line.currency for line in seen.lines}:
        gone = -sum(line.amount_minor for line in seen.lines if line.currency == currency)
        postings = ledger.dispute_lost(into, amount_minor=gone, currency=currency)
        books.append_postings(
            connection, postings, event="dispute_lost", charge_id=charge.id, booked_at=clock.now()
        )
    if not attempt.surplus:
        books.append_revenue(connection, _lost(_alike(connection, charge, lost.gateway), lost))


def _alike(connection: Connection, charge: Charge, name: str) -> Revenue:
    """What collected the charge, for a row beside it; an empty one where it was paid elsewhere."""
    for row in books.revenue_of(connection, charge.id):
        if row.kind == "capture":
            return row
    return Revenue(
        id="",
        charge_id=charge.id,
        customer_id=charge.customer_id,
        item_id=charge.item_id,
        project_id=charge.project_id,
        kind="",
        gross_minor=0,
        tax_minor=0,
        fee_minor=0,
        net_minor=0,
        currency=charge.currency,
        method="",
        gateway=name,
        reference="",
        source="gateway",
        booked_at=clock.now(),
        recorded_at=clock.now(),
    )


def _lost(paid: Revenue, lost: Dispute) -> Revenue:
    return replace(
        paid,
        id=ids.new_id("rev"),
        kind="dispute",
        gross_minor=-lost.amount_minor,
        tax_minor=0,
        fee_minor=0,
        net_minor=-lost.amount_minor,
        reference=lost.reference,
        booked_at=clock.now(),
        recorded_at=clock.now(),
    )


def _show(connection: Connection, charge: Charge, dispute: Dispute) -> None:
    if dispute.status in rules.DECIDED:
        concerns.settle(connection, "dispute", dispute.reference)
        return
    total = money(dispute.amount_minor, dispute.currency)
    what = "Chargeback" if dispute.kind == "chargeback" else "Inquiry (no money has moved)"
    until = f", answer by {dispute.due_by.date().isoformat()}" if dispute.due_by else ""
    if dispute.status == "under_review":
        until = ", the bank is deciding"
    sentence = f"{charge.invoice_number}: {what} over {total} ({dispute.reason}){until}."
    concerns.raise_up(connection, "dispute", dispute.reference, sentence, charge_id=charge.id)
