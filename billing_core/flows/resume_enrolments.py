"""Resume all: what a dead card paused comes back at one press, once there is a card that pays."""

from __future__ import annotations

from billing_core.errors import NotAllowed
from billing_core.flows.check_fire import no_method
from billing_core.records import customers, db, items, keys
from billing_core.records.patience import patiently
from billing_core.rules.nouns import Actor, Enrolment

#: What declines paused, of one enrolment or of the method; not what a person paused.
BY_DECLINES = ("method", "declines")


@patiently
def resume_enrolments(
    customer_id: str, *, actor: Actor, key: str | None = None
) -> tuple[Enrolment, ...]:
    """Every enrolment that declines paused is active again, its failures counted anew; returns
    all of the customer's. What a person paused stays paused. Raises NotAllowed without a stored
    method, or when nothing is paused by declines.
    """
    mark = keys.fingerprint("resume_enrolments", {"customer": customer_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        customer = customers.lock(connection, customer_id)
        if keys.find(connection, actor, key, mark) is None:
            if customer.payment_method is None:
                raise no_method(customer)
            found = items.enrolments_of(connection, customer_id)
            if not any(e.status == "paused" and e.paused_why in BY_DECLINES for e, _ in found):
                raise NotAllowed("No enrolment is paused by declines.", code="NOTHING_PAUSED")
            items.resume_all(connection, customer_id, BY_DECLINES)
            customers.forget_declines(connection, customer_id)
            keys.bind(connection, actor, key, mark, {"customer": customer_id})
        return tuple(enrolment for enrolment, _ in items.enrolments_of(connection, customer_id))
