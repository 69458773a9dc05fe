"""Customers: reads and writes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select, update

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.nouns import Address, Customer, PaymentMethod

_T = tables.customers
_ONE = select(_T).where(_T.c.id == bindparam("customer"))
_ONE_LOCKED = _ONE.with_for_update()
_SAME = [
    "id",
    "name",
    "email",
    "company",
    "tax_id",
    "language",
    "time_zone",
    "currency",
    "contact_id",
    "gateway_customer",
    "allow_trigger",
    "require_initial",
    "initial_minor",
    "notes",
    "standing",
    "created_at",
]


def append(connection: Connection, customer: Customer) -> None:
    """Store a new customer."""
    rows.add(connection, _T, _values(customer))


def save(connection: Connection, customer: Customer) -> None:
    """Overwrite a customer's row (not its chain)."""
    rows.change(connection, _T, customer.id, _values(customer))


def get(connection: Connection, customer_id: str) -> Customer:
    """The customer, or NotFound with code CUSTOMER_NOT_FOUND."""
    row = connection.execute(_ONE, {"customer": customer_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such customer.", code="CUSTOMER_NOT_FOUND")
    return of(row)


def lock(connection: Connection, customer_id: str) -> Customer:
    """As ``get``, and nobody else may change the customer until the commit."""
    row = connection.execute(_ONE_LOCKED, {"customer": customer_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such customer.", code="CUSTOMER_NOT_FOUND")
    return of(row)


def count_decline(connection: Connection, customer_id: str) -> int:
    """One more decline of the stored method in a row; how many they are now."""
    counted = update(_T).where(_T.c.id == customer_id)
    declines = _T.c.method_declines
    more = counted.values(method_declines=declines + 1).returning(declines)
    return int(connection.execute(more).scalar_one())


def forget_declines(connection: Connection, customer_id: str) -> None:
    """The stored method paid, or is another one now."""
    rows.change(connection, _T, customer_id, {"method_declines": 0})


def declines_of(connection: Connection, customer_id: str) -> int:
    """How often in a row the stored method was declined."""
    counted = select(_T.c.method_declines).where(_T.c.id == customer_id)
    return int(connection.execute(counted).scalar_one())


def with_cards_ending(
    connection: Connection, months: tuple[tuple[int, int], ...], limit: int
) -> list[Customer]:
    """Active customers whose stored card ends in one of these (month, year)."""
    # the stored text is ours, with its keys in order and no spaces
    ends = [
        _T.c.payment_method.contains(f'"exp_month":{month},"exp_year":{year},', autoescape=True)
        for month, year in months
    ]
    active = select(_T).where(_T.c.standing == "active", or_(*ends))
    return [of(row) for row in connection.execute(active.order_by(_T.c.id).limit(limit))]


def find_by_contact(connection: Connection, contact_id: str) -> Customer | None:
    """The customer with this external contact id."""
    values = {"contact_id": contact_id}
    row = connection.execute(rows.by(_T, *values), values).one_or_none()
    return None if row is None else of(row)


def search(connection: Connection, text: str, limit: int) -> list[Customer]:
    """Customers whose name, company or email holds ``text``, newest first."""
    statement = select(_T).order_by(_T.c.created_at.desc(), _T.c.id.desc()).limit(limit)
    if text:
        fields = (_T.c.name, _T.c.company, _T.c.email)
        statement = statement.where(or_(*(f.icontains(text, autoescape=True) for f in fields)))
    return [of(row) for row in connection.execute(statement)]


def of(row: Row[Any]) -> Customer:
    """A row as a value."""
    known = row._mapping
    method = rows.load(known["payment_method"])
    if method:
        method["saved_on"] = date.fromisoformat(method["saved_on"])
    return Customer(
        **{name: known[name] for name in _SAME},
        cc=tuple(rows.load(known["cc"]) or ()),
        address=Address(**(rows.load(known["address"]) or {})),
        payment_method=PaymentMethod(**method) if method else None,
    )


def _values(customer: Customer) -> dict[str, Any]:
    values = {name: getattr(customer, name) for name in _SAME}
    method = customer.payment_method
    stored = asdict(method) | {"saved_on": method.saved_on.isoformat()} if method else None
    return values | {
        "cc": rows.dump(list(customer.cc)),
        "address": rows.dump(asdict(customer.address)),
        "payment_method": rows.dump(stored) if stored else None,
    }
