"""Send the invoice mail again with a new link; also brings an expired charge back."""

from __future__ import annotations

from sqlalchemy import Connection

from billing_core.errors import IllegalMove
from billing_core.flows.check_fire import check_contract, check_milestone
from billing_core.flows.mint_link import replace_link
from billing_core.flows.plan_reminders import plan_reminders
from billing_core.flows.queue_mail import queue_mail
from billing_core.records import charges, customers, db, evidence, keys, organisation, projects
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import charge_states
from billing_core.rules.nouns import Actor, Charge


@patiently
def resend_invoice(charge_id: str, *, actor: Actor, key: str | None = None) -> Charge:
    """The same document under a new link, by mail. Expired: back to waiting (no date any more).

    Raises IllegalMove, TooMany, and for an expired one Duplicate or AmountRefused where its
    milestone or the contract were billed meanwhile.
    """
    mark = keys.fingerprint("resend", {"charge": charge_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        if keys.find(connection, actor, key, mark) is None:
            charge = charges.lock(connection, charge_id)
            customer = customers.get(connection, charge.customer_id)
            if charge.state == "expired":
                _check_place(connection, charge)
                state = charge_states.move("reissue", charge.state)
                charges.change(connection, charge_id, state=state, valid_until=None, ended_at=None)
                evidence.append(connection, charge_id, Fact("charge.reissued", actor))
                charge = charges.get(connection, charge_id)
                company = organisation.get_company(connection)
                plan_reminders(connection, charge, customer, company)
            elif charge.state not in ("pending_client", "approved"):
                word = charge_states.WORDS[charge.state].lower()
                raise IllegalMove(f"This charge is {word}: there is nothing to send again.")
            link = replace_link(connection, charge, actor=actor)
            queue_mail(connection, "invoice", charge=charge, customer=customer, link=link)
            keys.bind(connection, actor, key, mark, {"charge": charge_id})
        return charges.get(connection, charge_id)


def _check_place(connection: Connection, charge: Charge) -> None:
    """An expired charge had given its place up: it must still be free in plan and contract."""
    if charge.milestone_id is not None:
        milestone = projects.get_milestone(connection, charge.milestone_id, lock=True)
        standing = charges.find_live_for_milestone(connection, milestone.id)
        check_milestone(milestone, standing)
    if charge.project_id is not None:
        project = projects.get(connection, charge.project_id, lock=True)
        check_contract(connection, project, charge.line_minor)
