"""Charges and their frozen invoices: reads and writes."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, or_, select

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.charge_states import ENDED
from billing_core.rules.nouns import Actor, Charge

_C = tables.charges
_V = tables.invoices
_SAME = [f.name for f in fields(Charge) if f.name != "actor"]
_ONE = select(_C).where(_C.c.id == bindparam("charge"))
_ONE_LOCKED = _ONE.with_for_update()
_FOR_MILESTONE = select(_C).where(
    _C.c.milestone_id == bindparam("milestone"), _C.c.state.not_in(ENDED)
)
_CANONICAL = select(_V.c.canonical).where(_V.c.charge_id == bindparam("charge"))
_SAME_CONTENT = (
    select(_C)
    .where(_C.c.content_key == bindparam("content"), _C.c.fired_at > bindparam("since"))
    .where(_C.c.milestone_id.is_(None), _C.c.state.not_in(ENDED))
    .order_by(_C.c.fired_at.desc())
    .limit(1)
)
_SAME_TOTAL = (
    rows.by(_C, "customer_id", "total_minor")
    .where(_C.c.fired_at > bindparam("since"), _C.c.state.not_in(ENDED))
    .order_by(_C.c.fired_at.desc())
    .limit(1)
)


def append(connection: Connection, charge: Charge, content_key: str) -> None:
    """Store a new charge."""
    values = {name: getattr(charge, name) for name in _SAME}
    actor = charge.actor
    values |= {"actor_kind": actor.kind, "actor_id": actor.id, "actor_name": actor.name}
    rows.add(connection, _C, values | {"content_key": content_key})


def change(connection: Connection, charge_id: str, **values: Any) -> None:
    """Change columns of a charge that the caller holds the lock of."""
    rows.change(connection, _C, charge_id, values)


def get(connection: Connection, charge_id: str) -> Charge:
    """The charge, or NotFound."""
    return _one(connection.execute(_ONE, {"charge": charge_id}).one_or_none())


def lock(connection: Connection, charge_id: str) -> Charge:
    """The charge, and nobody else may change it until the commit."""
    return _one(connection.execute(_ONE_LOCKED, {"charge": charge_id}).one_or_none())


def find_live_for_milestone(connection: Connection, milestone_id: str) -> Charge | None:
    """The one live charge of a milestone, or None."""
    row = connection.execute(_FOR_MILESTONE, {"milestone": milestone_id}).one_or_none()
    return None if row is None else of(row)


def find_same_content(connection: Connection, content_key: str, since: datetime) -> Charge | None:
    """The latest charge without a milestone and with the same content, fired since ``since``."""
    values = {"content": content_key, "since": since}
    row = connection.execute(_SAME_CONTENT, values).one_or_none()
    return None if row is None else of(row)


def search(
    connection: Connection,
    *,
    customer_id: str | None = None,
    project_id: str | None = None,
    states: tuple[str, ...] = (),
    text: str = "",
    late_money: bool | None = None,
    limit: int = 200,
) -> list[Row[Any]]:
    """Charges with the names around them, newest first."""
    customers, items, projects = tables.customers, tables.items, tables.projects
    statement = (
        select(
            _C,
            customers.c.name.label("customer_name"),
            customers.c.company.label("customer_company"),
            items.c.name.label("item_name"),
            projects.c.name.label("project_name"),
        )
        .join(customers, customers.c.id == _C.c.customer_id)
        .join(items, items.c.id == _C.c.item_id)
        .outerjoin(projects, projects.c.id == _C.c.project_id)
        .order_by(_C.c.fired_at.desc(), _C.c.id.desc())
        .limit(limit)
    )
    if customer_id:
        statement = statement.where(_C.c.customer_id == customer_id)
    if project_id:
        statement = statement.where(_C.c.project_id == project_id)
    if states:
        statement = statement.where(_C.c.state.in_(states))
    if late_money is not None:
        statement = statement.where(_C.c.late_money.is_(late_money))
    if text:
        columns = (
            _C.c.description,
            _C.c.invoice_number,
            _C.c.po_number,
            _C.c.id,
            customers.c.name,
            customers.c.company,
        )
        statement = statement.where(or_(*(c.icontains(text, autoescape=True) for c in columns)))
    return list(connection.execute(statement))


def with_validity(connection: Connection, states: tuple[str, ...], limit: int) -> list[Charge]:
    """Charges in ``states`` that carry a date until which they are valid, earliest first."""
    statement = (
        select(_C)
        .where(_C.c.state.in_(states), _C.c.valid_until.is_not(None))
        .order_by(_C.c.valid_until)
        .limit(limit)
    )
    return [of(row) for row in connection.execute(statement)]


def of(row: Row[Any]) -> Charge:
    """A row as a value."""
    known = row._mapping
    actor = Actor(known["actor_kind"], known["actor_id"], known["actor_name"])
    return Charge(**{name: known[name] for name in _SAME}, actor=actor)


def append_invoice(
    connection: Connection, charge: Charge, canonical: str, frozen_at: datetime
) -> None:
    """Store the frozen document of a charge."""
    values = {
        "id": charge.invoice_id,
        "charge_id": charge.id,
        "number": charge.invoice_number,
        "canonical": canonical,
        "document_sha256": charge.document_sha256,
        "frozen_at": frozen_at,
    }
    rows.add(connection, _V, values)


def get_canonical(connection: Connection, charge_id: str) -> str:
    """The canonical text of a charge's frozen invoice."""
    return str(connection.execute(_CANONICAL, {"charge": charge_id}).scalar_one())


def get_frozen(connection: Connection, charge_id: str) -> tuple[str, str, str]:
    """(number, digest, canonical text) of a charge's invoice, as its own row says."""
    statement = select(_V.c.number, _V.c.document_sha256, _V.c.canonical).where(
        _V.c.charge_id == charge_id
    )
    row = connection.execute(statement).one()
    return row.number, row.document_sha256, row.canonical


def _one(row: Row[Any] | None) -> Charge:
    if row is None:
        raise NotFound("There is no such charge.")
    return of(row)


def find_same_total(
    connection: Connection, customer_id: str, total_minor: int, since: datetime
) -> Charge | None:
    """The latest live charge of a customer over the same total since ``since``, or None."""
    values = {"customer_id": customer_id, "total_minor": total_minor, "since": since}
    row = connection.execute(_SAME_TOTAL, values).one_or_none()
    return None if row is None else of(row)
