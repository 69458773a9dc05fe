"""Idempotency keys: what was answered to which key (document 1, "Duplicates")."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, text
from sqlalchemy.exc import OperationalError

from billing_core import clock, ids
from billing_core.errors import KeyConflict, Refused, StillRunning
from billing_core.records import db, rows, tables
from billing_core.rules.nouns import Actor

_K = tables.keys
LIFE = timedelta(days=7)
LONGEST = 255


@dataclass(slots=True)
class Noticed:
    """What a flow found on its way: an answer given before, a thing that was there already."""

    replay: bool = False
    existing: bool = False


_BOUND = select(_K.c.fingerprint, _K.c.result).where(
    _K.c.actor_kind == bindparam("kind"),
    _K.c.actor_id == bindparam("actor"),
    _K.c.key == bindparam("key"),
    _K.c.bound_at > bindparam("since"),
)
#: The wait is bounded, so that a request that hangs never makes its repetitions hang.
_ADVISORY = text("SELECT set_config('lock_timeout', '5s', true), pg_advisory_xact_lock(:number)")
_TIMED_OUT = "55P03"
_noticed: ContextVar[Noticed | None] = ContextVar("countersign_noticed", default=None)


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
    result = dict(rows.load(row.result))
    notice(replay=True, existing=bool(result.get("existing")))
    return result


def bind(
    connection: Connection, actor: Actor, key: str | None, mark: str, result: dict[str, Any]
) -> None:
    """Bind an accepted command's result to its key; refusals bind nothing."""
    seen = _noticed.get()
    if seen is not None and seen.existing:
        result = result | {"existing": True}  # a repetition is told the same
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

    Refuses a key that could not be kept as it is: 1 to 255 visible characters. StillRunning when
    the turn does not come within five seconds.
    """
    check_key(key)
    if key and not db.is_sqlite(connection):
        name = f"{actor.kind}:{actor.id}:{key}"
        number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big", signed=True)
        try:
            connection.execute(_ADVISORY, {"number": number})
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != _TIMED_OUT:
                raise
            raise StillRunning("The same request is still at work. Ask again shortly.") from None


@contextmanager
def noticing() -> Iterator[Noticed]:
    """Watch what the flows called inside find; for callers that must tell it (the API)."""
    seen = Noticed()
    token = _noticed.set(seen)
    try:
        yield seen
    finally:
        _noticed.reset(token)


def notice(*, replay: bool = False, existing: bool = False) -> None:
    """A flow says what it found to whoever watches."""
    seen = _noticed.get()
    if seen is not None:
        seen.replay = seen.replay or replay
        seen.existing = seen.existing or existing


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
