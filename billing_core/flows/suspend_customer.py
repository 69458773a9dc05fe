"""Suspend a customer: no fires, no approvals, no reminders; money that completes is settled."""

from __future__ import annotations

import logging
from dataclasses import replace

from billing_core.errors import Down, Misused
from billing_core.flows.end_attempt import end_alive_attempt
from billing_core.records import charges, customers, db, evidence, keys
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import standings
from billing_core.rules.nouns import Actor, Customer

log = logging.getLogger("countersign.suspend")
AT_ONCE = 1000


def suspend_customer(customer_id: str, *, actor: Actor, key: str | None = None) -> Customer:
    """Stop everything that could take money; every open gateway page is cancelled.

    Where the gateway does not answer, the sweep goes on cancelling until it does.
    """
    changed = _move(customer_id, "suspend", actor=actor, key=key)
    with db.read_only() as connection:
        approved = charges.search(
            connection, customer_id=customer_id, states=("approved",), limit=AT_ONCE
        )
        open_ids = [row.id for row in approved]
    for charge_id in open_ids:
        try:
            end_alive_attempt(charge_id, actor=actor)
        except (Down, Misused) as error:
            log.warning("charge %s is still payable: %s", charge_id, error.sentence)
    return changed


def restore_customer(customer_id: str, *, actor: Actor, key: str | None = None) -> Customer:
    """Active again; every enrolment has the status it had."""
    return _move(customer_id, "restore", actor=actor, key=key)


@patiently
def _move(customer_id: str, verb: str, *, actor: Actor, key: str | None) -> Customer:
    mark = keys.fingerprint(f"{verb}_customer", {"customer": customer_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        old = customers.lock(connection, customer_id)
        if keys.find(connection, actor, key, mark) is not None:
            return old
        changed = replace(old, standing=standings.move_customer(old.standing, verb))
        customers.save(connection, changed)
        fact = Fact(f"customer.{changed.standing}", actor, {"verb": verb})
        evidence.append(connection, customer_id, fact)
        keys.bind(connection, actor, key, mark, {"customer": customer_id})
        return changed
