"""What waits for a second person: reads and writes."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, select, update

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.nouns import Actor, Request

_R = tables.requests
_ACTORS = ("asked_by", "decided_by")
_SAME = [name for name in Request.__dataclass_fields__ if name not in (*_ACTORS, "parameters")]


def append(connection: Connection, request: Request, fingerprint: str) -> None:
    """Store a new request."""
    values = {name: getattr(request, name) for name in _SAME}
    values |= {"parameters": rows.dump(request.parameters), "fingerprint": fingerprint}
    rows.add(connection, _R, values | _of_actor("asked", request.asked_by))


def change(connection: Connection, request_id: str, **values: Any) -> None:
    """Change columns of a request that the caller holds the lock of; ``decided_by`` is an Actor,
    or None when nobody decided yet."""
    if "decided_by" in values:
        values |= _of_actor("decided", values.pop("decided_by") or Actor("", ""))
    connection.execute(update(_R).where(_R.c.id == request_id).values(values))


def get(connection: Connection, request_id: str) -> Request:
    """The request, or NotFound."""
    return _one(connection.execute(select(_R).where(_R.c.id == request_id)).one_or_none())


def lock(connection: Connection, request_id: str) -> Request:
    """The request, and nobody else may change it until the commit."""
    locked = select(_R).where(_R.c.id == request_id).with_for_update()
    return _one(connection.execute(locked).one_or_none())


def find_waiting(connection: Connection, actor: Actor, fingerprint: str) -> Request | None:
    """The same, asked for by the same actor and not decided yet, or None."""
    statement = select(_R).where(
        _R.c.state == "waiting",
        _R.c.fingerprint == fingerprint,
        _R.c.asked_kind == actor.kind,
        _R.c.asked_id == actor.id,
    )
    row = connection.execute(statement.order_by(_R.c.asked_at).limit(1)).one_or_none()
    return None if row is None else of(row)


def search(
    connection: Connection, *, waiting: bool, charge_id: str | None = None, limit: int
) -> list[Request]:
    """Requests that wait, or those that are decided; newest first."""
    statement = select(_R).where((_R.c.state == "waiting") == waiting)
    if charge_id is not None:
        statement = statement.where(_R.c.charge_id == charge_id)
    newest = statement.order_by(_R.c.asked_at.desc(), _R.c.id.desc()).limit(limit)
    return [of(row) for row in connection.execute(newest)]


def of(row: Row[Any]) -> Request:
    """A row as a value."""
    known = row._mapping
    asked = Actor(known["asked_kind"], known["asked_id"], known["asked_name"])
    decided = Actor(known["decided_kind"], known["decided_id"], known["decided_name"])
    return Request(
        **{name: known[name] for name in _SAME},
        parameters=rows.load(known["parameters"]),
        asked_by=asked,
        decided_by=decided if decided.id else None,
    )


def _of_actor(which: str, actor: Actor) -> dict[str, str]:
    return {f"{which}_kind": actor.kind, f"{which}_id": actor.id, f"{which}_name": actor.name}


def _one(row: Row[Any] | None) -> Request:
    if row is None:
        raise NotFound("There is no such request.")
    return of(row)
