"""API keys: of the secret only its SHA-256 is stored, and a prefix to recognise it by."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select, update

from billing_core import clock, ids
from billing_core.errors import NotFound
from billing_core.records import rows, tables

_K = tables.api_keys
_BY_SECRET = select(_K).where(_K.c.secret_sha256 == bindparam("sha256"))


@dataclass(frozen=True, slots=True)
class ApiKey:
    """One key as it may be shown; ``shown`` is the beginning of the secret."""

    id: str
    name: str
    shown: str
    scopes: tuple[str, ...]
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


def append(connection: Connection, key: ApiKey, secret: str, created_by: str) -> None:
    """Store a new key."""
    values = {
        "id": key.id,
        "name": key.name,
        "shown": key.shown,
        "secret_sha256": ids.sha256_hex(secret),
        "scopes": " ".join(key.scopes),
        "created_by": created_by,
        "created_at": key.created_at,
        "last_used_at": None,
        "revoked_at": None,
    }
    rows.add(connection, _K, values)


def find_by_secret(connection: Connection, secret: str) -> ApiKey | None:
    """The key with this secret, revoked ones included."""
    sha256 = ids.sha256_hex(secret)
    row = connection.execute(_BY_SECRET, {"sha256": sha256}).one_or_none()
    return None if row is None else _of(row)


def search(connection: Connection, limit: int = 200) -> list[ApiKey]:
    """All keys, newest first."""
    statement = select(_K).order_by(_K.c.created_at.desc(), _K.c.id.desc()).limit(limit)
    return [_of(row) for row in connection.execute(statement)]


def revoke(connection: Connection, key_id: str) -> ApiKey:
    """End a key for good; NotFound when there is none."""
    row = connection.execute(select(_K).where(_K.c.id == key_id).with_for_update()).one_or_none()
    if row is None:
        raise NotFound("There is no such key.")
    if row.revoked_at is None:
        connection.execute(update(_K).where(_K.c.id == key_id).values(revoked_at=clock.now()))
    return _of(connection.execute(select(_K).where(_K.c.id == key_id)).one())


def touch(connection: Connection, key_id: str) -> None:
    """The key was used now."""
    connection.execute(update(_K).where(_K.c.id == key_id).values(last_used_at=clock.now()))


def _of(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        shown=row.shown,
        scopes=tuple(row.scopes.split()),
        created_at=row.created_at,
        last_used_at=row.last_used_at,
        revoked_at=row.revoked_at,
    )
