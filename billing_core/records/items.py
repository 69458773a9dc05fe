"""Items and enrolments: reads and writes."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.nouns import Enrolment, Item

_I = tables.items
_E = tables.enrolments
_STANDING = _E.c.status != "cancelled"
_ONE = select(_I).where(_I.c.id == bindparam("item"))
_TOUCH = (
    update(_E)
    .where(_E.c.id == bindparam("enrolment"))
    .values(last_fired_at=bindparam("fired"), last_result=bindparam("result"))
)
_ENROLMENT = (
    select(_E)
    .where(_E.c.customer_id == bindparam("customer"), _E.c.item_id == bindparam("item"))
    .order_by(_STANDING.desc(), _E.c.created_at.desc())
    .limit(1)
)


def append(connection: Connection, item: Item) -> None:
    """Store a new item."""
    rows.add(connection, _I, asdict(item))


def save(connection: Connection, item: Item) -> None:
    """Overwrite an item's row; charges fired before keep their own copy."""
    rows.change(connection, _I, item.id, asdict(item))


def get(connection: Connection, item_id: str) -> Item:
    """The item, or NotFound with code ITEM_NOT_FOUND."""
    row = connection.execute(_ONE, {"item": item_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such item.", code="ITEM_NOT_FOUND")
    return item_of(row)


def search(connection: Connection, *, active_only: bool, limit: int) -> list[Item]:
    """Items by name."""
    statement = select(_I).order_by(_I.c.name, _I.c.id).limit(limit)
    if active_only:
        statement = statement.where(_I.c.active)
    return [item_of(row) for row in connection.execute(statement)]


def item_of(row: Row[Any]) -> Item:
    """A row as a value."""
    return Item(**row._mapping)


def append_enrolment(connection: Connection, enrolment: Enrolment) -> None:
    """Store a new enrolment; the database allows one per customer and item that stands."""
    rows.add(connection, _E, asdict(enrolment))


def save_enrolment(connection: Connection, enrolment: Enrolment) -> None:
    """Overwrite an enrolment's row."""
    rows.change(connection, _E, enrolment.id, asdict(enrolment))


def touch_enrolment(
    connection: Connection, enrolment_id: str, fired_at: datetime, result: str
) -> None:
    """Remember when this enrolment was last fired, and what came of it."""
    values = {"enrolment": enrolment_id, "fired": fired_at, "result": result}
    connection.execute(_TOUCH, values)


def pause_all(connection: Connection, customer_id: str, why: str) -> None:
    """Pause every active enrolment of a customer."""
    active = (_E.c.customer_id == customer_id) & (_E.c.status == "active")
    connection.execute(update(_E).where(active).values(status="paused", paused_why=why))


def resume_all(connection: Connection, customer_id: str, whys: tuple[str, ...]) -> None:
    """Bring back every enrolment of a customer that was paused for one of these reasons."""
    paused = (_E.c.customer_id == customer_id) & (_E.c.status == "paused")
    back = {"status": "active", "paused_why": "", "consecutive_failures": 0}
    connection.execute(update(_E).where(paused, _E.c.paused_why.in_(whys)).values(back))


def get_enrolment(connection: Connection, enrolment_id: str) -> Enrolment:
    """The enrolment, locked until the commit, or NotFound."""
    row = connection.execute(rows.by(_E, "id", lock=True), {"id": enrolment_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such enrolment.", code="NOT_ENROLLED")
    return Enrolment(**row._mapping)


def find_enrolment(connection: Connection, customer_id: str, item_id: str) -> Enrolment | None:
    """The enrolment that is not cancelled, else the latest cancelled one, else None."""
    values = {"customer": customer_id, "item": item_id}
    row = connection.execute(_ENROLMENT, values).one_or_none()
    return None if row is None else Enrolment(**row._mapping)


def enrolments_of(connection: Connection, customer_id: str) -> list[tuple[Enrolment, Item]]:
    """A customer's enrolments with their items, standing ones first."""
    statement = (
        select(_E)
        .where(_E.c.customer_id == customer_id)
        .order_by(_STANDING.desc(), _E.c.created_at)
        .limit(200)
    )
    found = [Enrolment(**row._mapping) for row in connection.execute(statement)]
    ids = {e.item_id for e in found}
    known = {row.id: item_of(row) for row in connection.execute(select(_I).where(_I.c.id.in_(ids)))}
    return [(e, known[e.item_id]) for e in found]
