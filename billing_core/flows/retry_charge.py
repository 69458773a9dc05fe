"""Try a failed charge once more with the method stored now: intend, call, record.

A retry passes the gate of a fire as far as that still says something: customer, enrolment and
stored method. Sum, document and number stay as they were fired.
"""

from __future__ import annotations

from sqlalchemy import Connection

from billing_core import clock, gateway
from billing_core.errors import Down, IllegalMove
from billing_core.flows.check_fire import check_customer, check_enrolment, no_method
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.flows.start_attempt import start_attempt
from billing_core.records import attempts, charges, db, items, keys
from billing_core.records.patience import patiently
from billing_core.rules import charge_states
from billing_core.rules.nouns import Actor, Charge, Customer


@patiently
def retry_charge(charge_id: str, *, actor: Actor, key: str | None = None) -> Charge:
    """Charge the stored method for a failed charge; the charge as it stands afterwards.

    Each retry is an attempt of its own, with its own key at the gateway. The same ``key`` again
    is the same retry. A gateway that does not answer leaves the charge ``charging``: the worker
    asks on. Raises IllegalMove, NotAllowed, NotFound.
    """
    attempt_id = _intend(charge_id, actor, key)
    try:
        return settle_attempt(attempt_id)
    except Down:
        with db.read_only() as connection:
            return charges.get(connection, charge_id)


def check_retry(connection: Connection, charge: Charge, *, lock: bool) -> Customer:
    """The customer whose stored method a retry would charge, or the refusal that comes first."""
    charge_states.move("retry", charge.state)
    customer = check_customer(connection, charge.customer_id, lock=lock)
    check_enrolment(connection, customer, items.get(connection, charge.item_id))
    if customer.payment_method is None:
        raise no_method(customer)
    gateway.check_amount(charge.total_minor, charge.currency)
    if attempts.find_alive(connection, charge.id):
        raise IllegalMove("A payment of this charge is still on its way. Wait for the outcome.")
    return customer


def _intend(charge_id: str, actor: Actor, key: str | None) -> str:
    """The attempt's id; under a lock, so that two operators make one attempt."""
    mark = keys.fingerprint("retry", {"charge": charge_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return str(bound["attempt"])
        charge = charges.lock(connection, charge_id)
        customer = check_retry(connection, charge, lock=True)
        state = charge_states.move("retry", charge.state)
        charges.change(connection, charge.id, state=state, ended_at=None)
        items.touch_enrolment(connection, charge.enrolment_id, clock.now(), state)
        attempt = start_attempt(
            connection, charge, customer, via="off_session", link=None, actor=actor
        )
        keys.bind(connection, actor, key, mark, {"attempt": attempt.id})
        return attempt.id
