"""Void a charge before it is paid. It keeps its number; the client's page says withdrawn."""

from __future__ import annotations

from sqlalchemy import Connection

from billing_core import clock
from billing_core.errors import IllegalMove
from billing_core.flows.end_attempt import end_alive_attempt
from billing_core.flows.plan_reminders import drop_reminders
from billing_core.flows.queue_mail import queue_mail
from billing_core.records import attempts, charges, customers, db, evidence, keys
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import charge_states, texts
from billing_core.rules.nouns import Actor, Charge


@patiently
def void_charge(charge_id: str, *, reason: str, actor: Actor, key: str | None = None) -> Charge:
    """Withdraw the invoice and tell the client. The same key again gives the same charge.

    An open gateway page is cancelled first; one that was paid meanwhile means paid, and the void
    is refused (IllegalMove).
    """
    why = texts.check_line(reason, "The reason", most=300, required=False)
    mark = keys.fingerprint("void", {"charge": charge_id, "reason": why})
    end_alive_attempt(charge_id, key=key, actor=actor)
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        if keys.find(connection, actor, key, mark) is None:
            charge = charges.lock(connection, charge_id)
            if attempts.find_alive(connection, charge_id):
                raise IllegalMove("The client is paying at this moment. Wait for the outcome.")
            end_charge(connection, charge, "void", actor=actor, payload={}, why=why)
            customer = customers.get(connection, charge.customer_id)
            facts = {"reason": why}
            queue_mail(
                connection, "voided", charge=charge, customer=customer, link=None, facts=facts
            )
            keys.bind(connection, actor, key, mark, {"charge": charge_id})
        return charges.get(connection, charge_id)


def end_charge(
    connection: Connection,
    charge: Charge,
    move: str,
    *,
    actor: Actor,
    payload: dict[str, object],
    why: str,
) -> None:
    """Move a charge to void by ``void`` or ``revise``; its number and chain stay."""
    state = charge_states.move(move, charge.state)
    charges.change(connection, charge.id, state=state, ended_at=clock.now())
    fact = Fact("charge.voided", actor, {"by": move, **payload}, {"reason": why})
    evidence.append(connection, charge.id, fact)
    drop_reminders(connection, charge.id)
