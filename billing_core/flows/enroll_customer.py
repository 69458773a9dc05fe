"""Enrol a customer in an item, and pause, resume or cancel the enrolment."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.errors import NotAllowed, Refused
from billing_core.records import customers, db, items, keys
from billing_core.records.patience import patiently, repeatably
from billing_core.rules import standings
from billing_core.rules.nouns import Actor, Enrolment


@repeatably
def enroll_customer(
    customer_id: str, item_id: str, *, actor: Actor, key: str | None = None
) -> Enrolment:
    """The customer's one standing enrolment in the item; enrolling twice gives the first."""
    mark = keys.fingerprint("enroll", {"customer": customer_id, "item": item_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return items.get_enrolment(connection, bound["enrolment"])
        enrolment = _enroll(connection, customer_id, item_id)
        keys.bind(connection, actor, key, mark, {"enrolment": enrolment.id})
        return enrolment


@patiently
def change_enrolment(
    enrolment_id: str, verb: str, *, actor: Actor, key: str | None = None
) -> Enrolment:
    """``pause``, ``resume`` or ``cancel`` (for good). Resuming starts counting failures anew."""
    mark = keys.fingerprint(f"{verb}_enrolment", {"enrolment": enrolment_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        old = items.get_enrolment(connection, enrolment_id)
        if keys.find(connection, actor, key, mark) is not None:
            return old
        status = standings.move_enrolment(old.status, verb)
        failures = 0 if verb == "resume" else old.consecutive_failures
        changed = replace(old, status=status, consecutive_failures=failures, paused_why="")
        items.save_enrolment(connection, changed)
        if verb == "resume":
            customers.forget_declines(connection, old.customer_id)
        keys.bind(connection, actor, key, mark, {"enrolment": old.id})
        return changed


def _enroll(connection: Connection, customer_id: str, item_id: str) -> Enrolment:
    customer = customers.lock(connection, customer_id)
    item = items.get(connection, item_id)
    if customer.standing == "suspended":
        raise NotAllowed(f"{customer.billed_as()} is suspended.", code="CUSTOMER_NOT_ACTIVE")
    if not item.active:
        raise NotAllowed(f"The item “{item.name}” is not active.", code="ITEM_INACTIVE")
    if item.currency != customer.currency:
        raise Refused(
            f"The item is in {item.currency}, the customer in {customer.currency}.",
            code="CURRENCY_MISMATCH",
        )
    standing = items.find_enrolment(connection, customer_id, item_id)
    if standing is not None and standing.status != "cancelled":
        keys.notice(existing=True)
        return standing
    enrolment = Enrolment(
        id=ids.new_id("ts"),
        customer_id=customer_id,
        item_id=item_id,
        status="active",
        created_at=clock.now(),
    )
    items.append_enrolment(connection, enrolment)
    return enrolment
