"""Idempotency keys: what was answered to which key (document 1, "Duplicates")."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text

from billing_core import clock, ids
from billing_core.errors import KeyConflict, Refused
from billing_core.records import db, rows, tables
from billing_core.rules.nouns import Actor

_K = tables.keys
LIFE = timedelta(days=7)
LONGEST = 255
_BOUND = select(_K.c.fingerprint, _K.c.result).where(
    _K.c.actor_kind == bindparam("kind"),
    _K.c.actor_id == bindparam("actor"),
    _K.c.key == bindparam("key"),
    _K.c.bound_at > bindparam("since"),
)
_ADVISORY = text("SELECT pg_advisory_xact_lock(:number)")


def fingerprint(verb: str, values: dict[str, Any]) -> str:
    """SHA-256 of the parsed, normalised command."""
    # a lone surrogate is refused further on, by the rule that reads the text; here it only counts
    told = rows.dump({"verb": verb, "values": values})
    return ids.sha256_hex(told.encode("utf-8", "surrogatepass"))


def find(connection: Connection, actor: Actor, key: str | None, mark: str) -> dict[str, Any] | None:
    """The result bound to this key, or None; KeyConflict when it was bound to other values."""
    if not key:
        return None
    check_key(key)
    values = {"kind": actor.kind, "actor": actor.id, "key": key, "since": clock.now() - LIFE}
    row = connection.execute(_BOUND, values).one_or_none()
    if row is None:
        return None
    if row.fingerprint != mark:
        raise KeyConflict(
            "This idempotency key was used for something else. Use a new key for a new request."
        )
    return dict(rows.load(row.result))


def bind(
    connection: Connection, actor: Actor, key: str | None, mark: str, result: dict[str, Any]
) -> None:
    """Bind an accepted command's result to its key; refusals bind nothing."""
    if key:
        rows.upsert(
            connection,
            _K,
            {
                "actor_kind": actor.kind,
                "actor_id": actor.id,
                "key": key,
                "fingerprint": mark,
                "result": rows.dump(result),
                "bound_at": clock.now(),
            },
        )


def forget_old(connection: Connection) -> None:
    """Drop keys past their life."""
    connection.execute(delete(_K).where(_K.c.bound_at < clock.now() - LIFE))


def lock(connection: Connection, actor: Actor, key: str | None) -> None:
    """Let two requests with one key take turns (SQLite's only writer lock does it already).

    Refuses a key that could not be kept as it is: 1 to 255 visible characters.
    """
    check_key(key)
    if key and not db.is_sqlite(connection):
        name = f"{actor.kind}:{actor.id}:{key}"
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        connection.execute(_ADVISORY, {"number": number})


def check_key(key: str | None) -> None:
    """Refuse a key that the database cannot hold, or that nobody could see to repeat it."""
    if key and not (len(key) <= LONGEST and key.isprintable()):
        raise Refused(
            f"An idempotency key has up to {LONGEST} visible characters.",
            code="IDEMPOTENCY_KEY_INVALID",
        )


def is_bound(connection: Connection, actor: Actor, key: str) -> bool:
    """True when this key has been answered before."""
    check_key(key)
    values = {"kind": actor.kind, "actor": actor.id, "key": key, "since": clock.now() - LIFE}
    return connection.execute(_BOUND, values).first() is not None
