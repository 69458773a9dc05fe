"""Attempts to collect a charge: reads and writes."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.charge_states import ALIVE
from billing_core.rules.nouns import Attempt

_A = tables.attempts
_SAME = [f.name for f in fields(Attempt) if f.name != "parameters"]
_ALIVE = rows.by(_A, "charge_id").where(_A.c.outcome.in_(ALIVE))
_PAID = rows.by(_A, "gateway", "payment_reference").where(_A.c.outcome == "succeeded").limit(1)
_OF_CHARGE = rows.by(_A, "charge_id").order_by(_A.c.number).limit(200)
_LAST = select(func.coalesce(func.max(_A.c.number), 0)).where(_A.c.charge_id == bindparam("charge"))


def append(connection: Connection, attempt: Attempt) -> None:
    """Store a new attempt; the database allows one alive per charge."""
    values = {name: getattr(attempt, name) for name in _SAME}
    rows.add(connection, _A, values | {"parameters": rows.dump(attempt.parameters)})


def change(connection: Connection, attempt_id: str, **values: Any) -> None:
    """Change columns of an attempt whose charge the caller holds the lock of."""
    rows.change(connection, _A, attempt_id, values)


def get(connection: Connection, attempt_id: str) -> Attempt:
    """The attempt, or NotFound."""
    row = connection.execute(rows.by(_A, "id"), {"id": attempt_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such attempt.")
    return of(row)


def find_alive(connection: Connection, charge_id: str) -> Attempt | None:
    """The attempt of a charge that the gateway may still take money for, or None."""
    row = connection.execute(_ALIVE, {"charge_id": charge_id}).one_or_none()
    return None if row is None else of(row)


def find_by_reference(connection: Connection, gateway: str, reference: str) -> Attempt | None:
    """The attempt behind a gateway's object."""
    values = {"gateway": gateway, "reference": reference}
    row = connection.execute(rows.by(_A, *values), values).one_or_none()
    return None if row is None else of(row)


def find_by_payment(connection: Connection, gateway: str, payment: str) -> Attempt | None:
    """The succeeded attempt behind a gateway's payment, however that payment was begun."""
    values = {"gateway": gateway, "payment_reference": payment}
    row = connection.execute(_PAID, values).one_or_none()
    return None if row is None else of(row)


def of_charge(connection: Connection, charge_id: str) -> list[Attempt]:
    """All attempts of a charge in their order."""
    return [of(row) for row in connection.execute(_OF_CHARGE, {"charge_id": charge_id})]


def next_number(connection: Connection, charge_id: str) -> int:
    """The number of a charge's next attempt, from 1."""
    return int(connection.execute(_LAST, {"charge": charge_id}).scalar_one()) + 1


def alive_before(connection: Connection, before: datetime, limit: int) -> list[str]:
    """Ids of attempts still alive that were started before ``before``, oldest first."""
    statement = (
        select(_A.c.id)
        .where(_A.c.outcome.in_(ALIVE), _A.c.started_at < before)
        .order_by(_A.c.started_at)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def of(row: Row[Any]) -> Attempt:
    """A row as a value."""
    known = row._mapping
    return Attempt(
        **{name: known[name] for name in _SAME}, parameters=rows.load(known["parameters"])
    )
