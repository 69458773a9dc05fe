"""Make everything a first charge needs from a few typed fields: company, item, customer, enrolment.

Each part is made by its own flow, and may be changed where it lives. What is there already is
taken, so the same press again goes on where an interrupted one stopped; a wrong field stops it
before anything is stored.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import Connection

from billing_core.flows.enroll_customer import enroll_customer
from billing_core.flows.read_form import FormReader, Value
from billing_core.flows.save_company import save_company
from billing_core.flows.save_customer import save_customer
from billing_core.flows.save_item import save_item
from billing_core.records import customers, db, items, organisation
from billing_core.rules.nouns import Actor, Customer, Item

_LOOKED_AT = 200


def set_up_first(
    values: Mapping[str, Value], *, item: Mapping[str, Value], actor: Actor, key: str
) -> Customer:
    """The customer who can now be charged. FieldsRefused names every problem under its field.

    Fields: company (needed while the books name none), currency, name, email. ``item`` says what
    the item is made of, in the fields of ``save_item``, where none of this currency is there.
    """
    form = FormReader(values)
    with db.read_only() as connection:
        known = organisation.get_company(connection).name
        company = form.line("company", "The company name", most=120, required=not known)
        currency = form.currency("currency")
        name = form.line("name", "The client's name", required=True)
        email = form.email("email", "The client's email")
        form.check()
        offered = _item(connection, currency)
        customer = _customer(connection, name, email)
    if not known:
        save_company({"name": company, "reporting_currency": currency}, actor=actor)
    if offered is None:
        offered = save_item(None, {**item, "currency": currency}, actor=actor, key=f"{key}:item")
    if customer is None:
        told: dict[str, Value] = {"name": name, "email": email, "currency": currency}
        told["allow_trigger"] = True
        customer = save_customer(None, told, actor=actor, key=f"{key}:customer")
    enroll_customer(customer.id, offered.id, actor=actor)
    return customer


def _item(connection: Connection, currency: str) -> Item | None:
    found = items.search(connection, active_only=True, limit=_LOOKED_AT)
    return next((each for each in found if each.currency == currency), None)


def _customer(connection: Connection, name: str, email: str) -> Customer | None:
    found = customers.search(connection, email, _LOOKED_AT)
    return next((each for each in found if (each.name, each.email) == (name, email)), None)
