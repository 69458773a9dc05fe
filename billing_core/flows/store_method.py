"""Store a payment method that a machine names by the gateway's token; the one before goes."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from billing_core import gateway
from billing_core.errors import NotAllowed
from billing_core.records import customers, db, evidence, keys
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules.nouns import Actor, Customer, PaymentMethod


@patiently
def store_method(customer_id: str, token: str, *, actor: Actor, key: str | None = None) -> Customer:
    """The customer with the method behind ``token``. Raises FieldsRefused for a token that the
    gateway does not take (a real one takes none: there the client stores it), NotAllowed while
    suspended."""
    mark = keys.fingerprint("store_method", {"customer": customer_id, "token": token})
    with db.read_only() as connection:
        customer = customers.get(connection, customer_id)
        if keys.find(connection, actor, key, mark) is not None:
            return customer
        _check(customer)
    method = gateway.current().save_method(customer_id, token)
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        customer = customers.lock(connection, customer_id)
        if keys.find(connection, actor, key, mark) is not None:
            return customer
        _check(customer)
        return _record(connection, customer, method, (actor, key, mark))


def _record(
    connection: Connection,
    customer: Customer,
    method: PaymentMethod,
    asked: tuple[Actor, str | None, str],
) -> Customer:
    actor, key, mark = asked
    old, changed = customer.payment_method, replace(customer, payment_method=method)
    customers.save(connection, changed)
    customers.forget_declines(connection, customer.id)
    payload = {"method": method.reference, "replaces": old.reference if old else ""}
    personal = {"label": method.label()}
    evidence.append(connection, customer.id, Fact("method.stored", actor, payload, personal))
    keys.bind(connection, actor, key, mark, {"customer": customer.id})
    return changed


def _check(customer: Customer) -> None:
    if customer.standing == "suspended":
        raise NotAllowed(
            f"{customer.billed_as()} is suspended. Restore the customer first.",
            code="CUSTOMER_NOT_ACTIVE",
        )
