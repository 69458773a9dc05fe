"""Add or change a billing customer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Connection

from billing_core import clock, gateway, ids
from billing_core.documents import phrases
from billing_core.errors import FieldsRefused
from billing_core.flows.read_form import FormReader, Value
from billing_core.records import customers, db, keys, organisation
from billing_core.records.patience import patiently
from billing_core.rules import money
from billing_core.rules.nouns import Actor, Address, Customer, PaymentMethod

#: What a customer can be written to in: English, and every language with a catalogue.
LANGUAGES = phrases.languages()
CONTACTS = Actor("contact", "contact")
_ADDRESS = {
    "line1": "Address",
    "line2": "Address, second line",
    "city": "City",
    "postal_code": "Postal code",
    "state": "State",
    "country": "Country",
}


@patiently
def save_customer(
    customer_id: str | None,
    values: Mapping[str, Value],
    *,
    actor: Actor,
    key: str | None = None,
) -> Customer:
    """Store a customer from typed fields; FieldsRefused names every problem under its field.

    A contact id that is known already gives the customer who has it. Fields: name, email, cc,
    company, line1, line2, city, postal_code, state, country, tax_id, language, time_zone,
    currency, contact_id, allow_trigger, notes, payment_method (a sandbox test method, or ""); for
    a new customer also require_initial and initial_amount: then it is pending at first.
    """
    read = _read(values)
    mark = keys.fingerprint("save_customer", {"id": customer_id, "values": dict(values)})
    with db.read_only() as connection:
        before = customers.get(connection, customer_id) if customer_id else None
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return customers.get(connection, bound["customer"])
        known = customers.find_by_contact(connection, read.contact_id) if read.contact_id else None
    # nothing is stored at the gateway for somebody who will not be stored here
    token = "" if known and not before else str(values.get("payment_method") or "")
    owner = before.id if before else read.id
    method = gateway.current().save_method(owner, token) if token else None
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        if read.contact_id:
            # two callers that bring the same contact take turns, so that the second one finds it
            keys.lock(connection, CONTACTS, ids.sha256_hex(read.contact_id))
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return customers.get(connection, bound["customer"])
        customer = _store(connection, customer_id, read, method)
        keys.bind(connection, actor, key, mark, {"customer": customer.id})
        return customer


def _store(
    connection: Connection, customer_id: str | None, read: Customer, method: PaymentMethod | None
) -> Customer:
    known = customers.find_by_contact(connection, read.contact_id) if read.contact_id else None
    if customer_id is None:
        if known is not None:
            keys.notice(existing=True)
            return known
        customer = replace(_with_initial(connection, read), payment_method=method)
        customers.append(connection, customer)
        return customer
    old = customers.lock(connection, customer_id)
    if known is not None and known.id != old.id:
        raise FieldsRefused({"contact_id": f"{known.billed_as()} has this contact id already."})
    customer = replace(
        read,
        id=old.id,
        standing=old.standing,
        created_at=old.created_at,
        gateway_customer=old.gateway_customer,
        payment_method=method or old.payment_method,
        require_initial=old.require_initial,
        initial_minor=old.initial_minor,
    )
    customers.save(connection, customer)
    if method is not None:
        customers.forget_declines(connection, customer.id)
    return customer


def _with_initial(connection: Connection, read: Customer) -> Customer:
    """A customer who has to be verified first waits as pending, with the sum that verifies."""
    if not read.require_initial:
        return replace(read, initial_minor=None)
    least = organisation.get_company(connection).minimum_initial_minor
    asked = least if read.initial_minor is None else read.initial_minor
    if asked < least:
        shown = money.to_text(least, read.currency)
        raise FieldsRefused({"initial_amount": f"The initial charge is at least {shown}."})
    return replace(read, standing="pending", initial_minor=asked)


def _read(values: Mapping[str, Value]) -> Customer:
    form = FormReader(values)
    currency = form.currency("currency")
    customer = Customer(
        id=ids.new_id("bc"),
        name=form.line("name", "The name", required=True),
        email=form.email("email", "The billing email"),
        cc=form.emails("cc", "Copies to"),
        company=form.line("company", "The company"),
        address=Address(**{f: form.line(f, what, most=120) for f, what in _ADDRESS.items()}),
        tax_id=form.line("tax_id", "The tax id", most=60),
        language=form.choice("language", "Language", LANGUAGES, "en"),
        time_zone=form.zone("time_zone", "UTC"),
        currency=currency,
        contact_id=form.line("contact_id", "The contact id") or None,
        allow_trigger=form.flag("allow_trigger"),
        require_initial=form.flag("require_initial"),
        initial_minor=form.amount("initial_amount", currency, required=False),
        notes=form.block("notes", "The notes", most=5000),
        standing="active",
        created_at=clock.now(),
    )
    form.check()
    return customer
