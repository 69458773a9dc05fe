"""Refunds of charges: reads and writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, select

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.nouns import Actor, Refund
from billing_core.rules.refunds import LIVE, OPEN

_R = tables.refunds
_SAME = [name for name in Refund.__dataclass_fields__ if name != "actor"]
_LIVE_SUM = select(func.coalesce(func.sum(_R.c.amount_minor), 0)).where(_R.c.state.in_(LIVE))


def append(connection: Connection, refund: Refund) -> None:
    """Store a refund that is about to be asked for; the caller holds the charge's lock."""
    values = {name: getattr(refund, name) for name in _SAME}
    actor = refund.actor
    values |= {"actor_kind": actor.kind, "actor_id": actor.id, "actor_name": actor.name}
    rows.add(connection, _R, values)


def change(connection: Connection, refund_id: str, **values: Any) -> None:
    """Change columns of a refund whose charge the caller holds the lock of."""
    rows.change(connection, _R, refund_id, values)


def get(connection: Connection, refund_id: str) -> Refund:
    """The refund, or NotFound."""
    row = connection.execute(rows.by(_R, "id"), {"id": refund_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such refund.")
    return of(row)


def find_by_reference(connection: Connection, reference: str) -> Refund | None:
    """The refund behind a gateway's object."""
    row = connection.execute(select(_R).where(_R.c.reference == reference)).one_or_none()
    return None if row is None else of(row)


def of_charge(connection: Connection, charge_id: str) -> list[Refund]:
    """All refunds of a charge, oldest first."""
    statement = select(_R).where(_R.c.charge_id == charge_id).order_by(_R.c.requested_at).limit(500)
    return [of(row) for row in connection.execute(statement)]


def taken_minor(connection: Connection, charge_id: str) -> int:
    """What of a charge is refunded or on its way back, in minor units (I10).

    Money that came a second time was none of it, and does not count when it goes back.
    """
    statement = _LIVE_SUM.where(_R.c.charge_id == charge_id, _R.c.surplus.is_(False))
    return int(connection.execute(statement).scalar_one())


def taken_of_payment_minor(connection: Connection, gateway: str, payment: str) -> int:
    """What of one payment at the gateway is refunded or on its way back, in minor units."""
    statement = _LIVE_SUM.where(_R.c.gateway == gateway, _R.c.payment_reference == payment)
    return int(connection.execute(statement).scalar_one())


def open_before(connection: Connection, before: datetime, limit: int) -> list[str]:
    """Ids of refunds asked for before then that are not settled, oldest first."""
    statement = (
        select(_R.c.id)
        .where(_R.c.state.in_(OPEN), _R.c.requested_at < before)
        .order_by(_R.c.requested_at)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def of(row: Row[Any]) -> Refund:
    """A row as the noun."""
    known = row._mapping
    actor = Actor(known["actor_kind"], known["actor_id"], known["actor_name"])
    return Refund(**{name: known[name] for name in _SAME}, actor=actor)
