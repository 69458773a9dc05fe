"""The console's commands: one row per press, so that the table decides, not a browser."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from billing_core import clock
from billing_core.records import rows, tables

_C = tables.commands


def find(connection: Connection, command_id: str, *, lock: bool = False) -> Row[Any] | None:
    """The command's row, or None."""
    return connection.execute(rows.by(_C, "id", lock=lock), {"id": command_id}).one_or_none()


def append(connection: Connection, command_id: str, actor_id: str, verb: str) -> bool:
    """Start a draft; False when the id is taken."""
    values = {
        "id": command_id,
        "actor_id": actor_id,
        "verb": verb,
        "state": "draft",
        "changed_at": clock.now(),
    }
    return rows.insert_new(connection, _C, values)


def change(connection: Connection, command_id: str, **values: Any) -> None:
    """Change columns of a command."""
    rows.change(connection, _C, command_id, {"changed_at": clock.now()} | values)


def is_interrupted(row: Row[Any], now: datetime) -> bool:
    """Running, but its lease is over: whoever ran it is gone."""
    return bool(row.state == "running" and row.leased_until and row.leased_until < now)
