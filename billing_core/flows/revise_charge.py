"""Revise: this charge is voided, a successor points back, and the client sees the difference."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from billing_core import clock
from billing_core.errors import IllegalMove, NotAllowed
from billing_core.flows.check_fire import Approved, FireCommand, check_fire
from billing_core.flows.fire_charge import is_above_limit
from billing_core.flows.freeze_invoice import freeze_invoice
from billing_core.flows.void_charge import end_charge
from billing_core.records import charges, customers, db, deliverables, evidence, keys, rows
from billing_core.records.patience import patiently
from billing_core.rules import charge_states, invoice, texts
from billing_core.rules.nouns import Actor, Charge


@patiently
def revise_charge(
    charge_id: str,
    *,
    amount: str,
    description: str,
    answer: str,
    actor: Actor,
    key: str | None = None,
    expected_minor: int | None = None,
    origin: str = "manual_ui",
) -> Charge:
    """Void and fire anew in one transaction; returns the successor.

    ``amount`` is a decimal string, empty where the item fixes it. The whole gate of a fire holds
    for the successor; when it refuses, nothing was voided.
    """
    words = texts.check_block(answer, "Your answer", most=2000, required=False)
    values = {"charge": charge_id, "amount": amount, "description": description, "answer": words}
    mark = keys.fingerprint("revise", values)
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return charges.get(connection, bound["charge"])
        old = charges.lock(connection, charge_id)
        if not charge_states.can("revise", old.state):
            charge_states.move("revise", old.state)
        command = FireCommand(
            customer=old.customer_id,
            item=old.item_id,
            amount=amount,
            description=description,
            milestone=old.milestone_id or "",
            po_number=old.po_number,
            grouped=True,
            again=True,
            expected_minor=expected_minor,
        )
        dialogue = {"messages": _dialogue(connection, old, words, actor)}
        end_charge(connection, old, "revise", actor=actor, payload={}, why=words)
        fire = check_fire(connection, command)
        _check_alone(fire, old)
        same = fire.sums.line_minor == old.line_minor and fire.description == old.description
        if same and not _delivers_otherwise(connection, old):
            raise IllegalMove(
                "Nothing was changed. Change the amount or the description, "
                "or answer and send the same invoice again."
            )
        new, _ = freeze_invoice(
            connection, fire, actor=actor, origin=origin, revises=old, dialogue=dialogue
        )
        charges.change(connection, old.id, revised_by=new.id)
        keys.bind(connection, actor, key, mark, {"charge": new.id})
        return new


def _check_alone(fire: Approved, old: Charge) -> None:
    """A revision goes no higher than what was approved; a larger sum is asked for as a new fire."""
    if fire.sums.total_minor > old.total_minor and is_above_limit(fire):
        raise NotAllowed(
            "This sum is above what one person may charge alone. Void this charge and fire a new "
            "one: it waits for a second person.",
            code="SECOND_PERSON_NEEDED",
        )


def _delivers_otherwise(connection: Connection, old: Charge) -> bool:
    """True when the milestone's files and links are not those that were sent."""
    if old.milestone_id is None:
        return False
    frozen = rows.load(charges.get_canonical(connection, old.id))["milestone"]["deliverables"]
    now = invoice.delivered(deliverables.of_milestone(connection, old.milestone_id))
    return bool(frozen != now)


def _dialogue(
    connection: Connection, old: Charge, answer: str, actor: Actor
) -> list[dict[str, Any]]:
    """The client's words and our answer, as the successor's page shows them."""
    customer = customers.get(connection, old.customer_id)
    zone = clock.zone(customer.time_zone)
    opened = {(o.seq, o.path): o.value for o in evidence.openings_of(connection, old.id)}
    messages = [
        {
            "from": "client",
            "name": customer.billed_as(),
            "on": clock.read_stamp(event.at).astimezone(zone).date().isoformat(),
            "text": opened.get((event.seq, "/payload/message"), ""),
        }
        for event in evidence.of_stream(connection, old.id)
        if event.kind in ("changes.requested", "charge.declined_by_client")
    ]
    if answer:
        on = clock.now().astimezone(zone).date().isoformat()
        messages.append({"from": "staff", "name": actor.name, "on": on, "text": answer})
    return messages
