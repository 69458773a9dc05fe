"""Links, spent nonces and mailed codes: reads and writes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, select, update

from billing_core import clock, ids
from billing_core.records import rows, tables
from billing_core.rules.nouns import Link

_L = tables.links
_N = tables.nonces
_K = tables.codes
_NAMES = ("id", "charge_id", "minted_at", "expires_at", "mailed_to", "replaced_at")
_LIVE = rows.by(_L, "charge_id").where(_L.c.replaced_at.is_(None))
_NEWEST_LIVE = _LIVE.order_by(_L.c.minted_at.desc()).limit(1)
_OF_CHARGE = rows.by(_L, "charge_id").order_by(_L.c.minted_at).limit(200)
_REPLACE = (
    update(_L)
    .where(_L.c.charge_id == bindparam("charge"), _L.c.replaced_at.is_(None))
    .values(replaced_at=bindparam("at"))
)
_MINTED = select(func.count()).where(
    _L.c.charge_id == bindparam("charge"), _L.c.minted_at > bindparam("since")
)
_CODES = (
    select(_K)
    .where(_K.c.charge_id == bindparam("charge"), _K.c.sent_at > bindparam("since"))
    .order_by(_K.c.sent_at.desc())
    .limit(20)
)


def append(connection: Connection, link: Link, token: str) -> None:
    """Store a new link; of the token only its SHA-256."""
    values = {name: getattr(link, name) for name in _NAMES}
    rows.add(connection, _L, values | {"token_sha256": ids.sha256_hex(token)})


def find_by_token(connection: Connection, token: str) -> Link | None:
    """The link with this token, expired and replaced ones included."""
    values = {"token_sha256": ids.sha256_hex(token)}
    row = connection.execute(rows.by(_L, *values), values).one_or_none()
    return None if row is None else of(row)


def find_live(connection: Connection, charge_id: str) -> Link | None:
    """The link of a charge that was not replaced."""
    row = connection.execute(_NEWEST_LIVE, {"charge_id": charge_id}).one_or_none()
    return None if row is None else of(row)


def get(connection: Connection, link_id: str) -> Link:
    """The link with this id."""
    return of(connection.execute(rows.by(_L, "id"), {"id": link_id}).one())


def of_charge(connection: Connection, charge_id: str) -> list[Link]:
    """All links a charge ever had, oldest first."""
    return [of(row) for row in connection.execute(_OF_CHARGE, {"charge_id": charge_id})]


def replace_all(connection: Connection, charge_id: str, at: datetime) -> None:
    """End every link of a charge."""
    connection.execute(_REPLACE, {"charge": charge_id, "at": at})


def count_since(connection: Connection, charge_id: str, since: datetime) -> int:
    """How many links of a charge were minted since ``since``."""
    values = {"charge": charge_id, "since": since}
    return int(connection.execute(_MINTED, values).scalar_one())


def of(row: Row[Any]) -> Link:
    """A row as a value."""
    return Link(**{name: row._mapping[name] for name in _NAMES})


def spend(connection: Connection, nonce: str, link_id: str) -> bool:
    """Spend a nonce; False when it had been spent before."""
    values = {"nonce_sha256": ids.sha256_hex(nonce), "link_id": link_id, "spent_at": clock.now()}
    return rows.insert_new(connection, _N, values)


def is_spent(connection: Connection, nonce: str) -> bool:
    """True when this nonce has been spent."""
    values = {"nonce_sha256": ids.sha256_hex(nonce)}
    return connection.execute(rows.by(_N, *values), values).first() is not None


def append_code(connection: Connection, charge_id: str) -> str:
    """Store a code that is about to be mailed (its digits derive from the id) and return its id."""
    code_id = ids.new_id("cd")
    values = {"id": code_id, "charge_id": charge_id, "sent_at": clock.now(), "tries": 0}
    rows.add(connection, _K, values)
    return code_id


def codes_since(connection: Connection, charge_id: str, since: datetime) -> list[Row[Any]]:
    """Codes of a charge sent since ``since``, newest first (id, used_at, tries)."""
    return list(connection.execute(_CODES, {"charge": charge_id, "since": since}))


def note_code(connection: Connection, code_id: str, *, used: bool) -> None:
    """Count one try of a code; ``used`` ends it."""
    values: dict[str, Any] = {"tries": _K.c.tries + 1}
    if used:
        values["used_at"] = clock.now()
    connection.execute(update(_K).where(_K.c.id == code_id).values(values))
