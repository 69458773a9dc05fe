"""Answer a change request and re-send the same document."""

from __future__ import annotations

from billing_core.flows.mint_link import current_link
from billing_core.flows.plan_reminders import plan_reminders
from billing_core.flows.queue_mail import queue_mail
from billing_core.records import charges, customers, db, evidence, keys, organisation
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import charge_states, texts
from billing_core.rules.nouns import Actor, Charge


@patiently
def answer_changes(charge_id: str, *, answer: str, actor: Actor, key: str | None = None) -> Charge:
    """Back to the client with an answer (1–2000 characters), under the link the client knows."""
    words = texts.check_block(answer, "Your answer", most=2000)
    mark = keys.fingerprint("answer", {"charge": charge_id, "answer": words})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        if keys.find(connection, actor, key, mark) is None:
            charge = charges.lock(connection, charge_id)
            state = charge_states.move("answer", charge.state)
            charges.change(connection, charge_id, state=state)
            fact = Fact("changes.answered", actor, {}, {"answer": words})
            evidence.append(connection, charge_id, fact)
            charge = charges.get(connection, charge_id)
            customer = customers.get(connection, charge.customer_id)
            link = current_link(connection, charge, actor=actor)
            facts = {"answer": words, "answered_by": actor.name}
            queue_mail(
                connection, "answered", charge=charge, customer=customer, link=link, facts=facts
            )
            plan_reminders(connection, charge, customer, organisation.get_company(connection))
            keys.bind(connection, actor, key, mark, {"charge": charge_id})
        return charges.get(connection, charge_id)
