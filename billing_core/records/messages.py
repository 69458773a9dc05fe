"""What a gateway told us, byte for byte, and what became of it: reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from billing_core import clock, ids
from billing_core.errors import NotFound
from billing_core.records import rows, tables

_M = tables.messages


@dataclass(frozen=True, slots=True)
class Message:
    """One message. ``state``: waiting, done, ignored (nothing of ours) or parked (a person looks).

    What it says is not stored apart: ``object_id`` names what is to be read at the gateway.
    """

    id: str
    event_id: str
    kind: str
    object_kind: str
    object_id: str
    livemode: bool
    account: str
    state: str
    reason: str
    received_at: datetime


def append(
    connection: Connection,
    *,
    event_id: str,
    kind: str,
    object_kind: str,
    object_id: str,
    livemode: bool,
    account: str,
    body: bytes,
) -> str | None:
    """Store a message; its id, or None when the same event is here already (I11)."""
    message_id = ids.new_id("gm")
    values = {
        "id": message_id,
        "event_id": event_id,
        "kind": kind,
        "object_kind": object_kind,
        "object_id": object_id,
        "livemode": livemode,
        "account": account,
        "body": body,
        "state": "waiting",
        "received_at": clock.now(),
    }
    return message_id if rows.insert_new(connection, _M, values | {"reason": ""}) else None


def get(connection: Connection, message_id: str) -> Message:
    """The message without its bytes, or NotFound."""
    names = list(Message.__dataclass_fields__)
    columns = [_M.c[name] for name in names]
    row = connection.execute(select(*columns).where(_M.c.id == message_id)).one_or_none()
    if row is None:
        raise NotFound("There is no such message.")
    return Message(**row._mapping)


def close(connection: Connection, message_id: str, state: str, reason: str) -> None:
    """What became of a message that waited; the first answer stays."""
    connection.execute(
        update(_M)
        .where(_M.c.id == message_id, _M.c.state == "waiting")
        .values(state=state, reason=reason, handled_at=clock.now())
    )


def reopen(connection: Connection, message_id: str) -> bool:
    """Let a message that was handled wait once more; False when it waits already."""
    done = connection.execute(
        update(_M)
        .where(_M.c.id == message_id, _M.c.state != "waiting")
        .values(state="waiting", reason="", handled_at=None)
    )
    return done.rowcount == 1


def dismiss(connection: Connection, object_id: str, reason: str) -> None:
    """A person says that nothing is to be done about what is parked about this object."""
    parked = (_M.c.object_id == object_id) & (_M.c.state == "parked")
    values = {"state": "ignored", "reason": reason, "handled_at": clock.now()}
    connection.execute(update(_M).where(parked).values(values))


def parked_about(connection: Connection, object_id: str) -> list[str]:
    """Ids of the parked messages about one object of the gateway's, oldest first."""
    statement = (
        select(_M.c.id)
        .where(_M.c.object_id == object_id, _M.c.state == "parked")
        .order_by(_M.c.received_at)
        .limit(100)
    )
    return list(connection.execute(statement).scalars())


def recent(connection: Connection, limit: int) -> list[Message]:
    """What came last, newest first."""
    columns = [_M.c[name] for name in Message.__dataclass_fields__]
    statement = select(*columns).order_by(_M.c.received_at.desc(), _M.c.id.desc()).limit(limit)
    return [Message(**row._mapping) for row in connection.execute(statement)]


def latest_at(connection: Connection) -> datetime | None:
    """When the last message came."""
    found: datetime | None = connection.execute(select(func.max(_M.c.received_at))).scalar_one()
    return found


def waiting(connection: Connection, before: datetime, limit: int) -> list[str]:
    """Ids of messages from before then that still wait, oldest first."""
    statement = (
        select(_M.c.id)
        .where(_M.c.state == "waiting", _M.c.received_at < before)
        .order_by(_M.c.received_at)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def forget_ignored(connection: Connection, before: datetime) -> None:
    """Drop old messages that were about nothing of ours."""
    connection.execute(delete(_M).where(_M.c.state == "ignored", _M.c.received_at < before))
