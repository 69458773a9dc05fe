"""A client stored a payment method, or let the page run out: read it, record it, let the old go."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from billing_core import clock, gateway
from billing_core.gateway.port import SeenSetup
from billing_core.records import customers, db, evidence, setups, work
from billing_core.records.evidence import Fact
from billing_core.records.patience import repeatably
from billing_core.rules.nouns import Actor, Setup

OLDER_THAN, AT_ONCE = timedelta(minutes=2), 50


def finish_setup(setup_id: str) -> Setup:
    """Bring one set-up up to date; safe to repeat. Raises Down when the gateway is silent."""
    with db.read_only() as connection:
        setup = setups.get(connection, setup_id)
    if setup.state != "open" or setup.reference is None:
        return setup
    return _record(setup_id, gateway.outside().read_setup(setup.reference))


def finish_newest_setup(customer_id: str) -> Setup | None:
    """As ``finish_setup``, for what a customer was asked for last; None when there is nothing."""
    with db.read_only() as connection:
        newest = setups.find_newest(connection, customer_id)
    return finish_setup(newest.id) if newest else None


def finish_open_setups() -> int:
    """Look at every set-up that has been open for a while; how many were asked about."""
    with db.read_only() as connection:
        waiting = setups.open_before(connection, clock.now() - OLDER_THAN, AT_ONCE)
    for setup in waiting:
        finish_setup(setup.id)
    return len(waiting)


def detach_method(reference: str) -> None:
    """Have the gateway forget a method that was replaced."""
    gateway.outside().detach_method(reference)


@repeatably
def _record(setup_id: str, seen: SeenSetup) -> Setup:
    with db.begin() as connection:
        setup = setups.get(connection, setup_id)
        customer = customers.lock(connection, setup.customer_id)
        setup = setups.get(connection, setup_id)
        if setup.state != "open" or seen.outcome == "open":
            return setup
        setups.change(connection, setup_id, state=seen.outcome, url=None, settled_at=clock.now())
        actor = Actor("gateway", gateway.current().name)
        payload = {"setup": setup_id, "reference": setup.reference}
        if seen.method is None:
            evidence.append(connection, customer.id, Fact("method.expired", actor, payload))
            return setups.get(connection, setup_id)
        old = customer.payment_method
        customers.save(
            connection,
            replace(customer, payment_method=seen.method, gateway_customer=seen.gateway_customer),
        )
        customers.forget_declines(connection, customer.id)
        payload |= {"method": seen.method.reference, "replaces": old.reference if old else ""}
        personal = {"label": seen.method.label()}
        evidence.append(connection, customer.id, Fact("method.stored", actor, payload, personal))
        if old is not None and old.reference != seen.method.reference:
            # outside the transaction, and again until the gateway has heard it
            gone = {"method": old.reference}
            work.enqueue(connection, "detach_method", f"detach:{old.reference}", gone)
        return setups.get(connection, setup_id)
