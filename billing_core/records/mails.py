"""Mails, from the moment they are wanted: reads and writes."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from sqlalchemy import Connection, Row, bindparam, select

from billing_core.errors import NotFound
from billing_core.records import rows, tables
from billing_core.rules.nouns import Mail

_M = tables.mails
_LISTS = ("to", "cc", "attachments")
_SAME = [f.name for f in fields(Mail) if f.name not in _LISTS]
_FACTS = select(_M.c.facts).where(_M.c.id == bindparam("mail"))


def append(connection: Connection, mail: Mail, facts: dict[str, Any]) -> None:
    """Store a mail that is to be composed and sent; ``facts`` are what its words need."""
    values = {name: getattr(mail, name) for name in _SAME}
    values |= {name: rows.dump(list(getattr(mail, name))) for name in _LISTS}
    rows.add(connection, _M, values | {"facts": rows.dump(facts)})


def change(connection: Connection, mail_id: str, **values: Any) -> None:
    """Change columns of a mail."""
    rows.change(connection, _M, mail_id, values)


def get(connection: Connection, mail_id: str, *, lock: bool = False) -> Mail:
    """The mail, or NotFound."""
    row = connection.execute(rows.by(_M, "id", lock=lock), {"id": mail_id}).one_or_none()
    if row is None:
        raise NotFound("There is no such mail.")
    return of(row)


def facts_of(connection: Connection, mail_id: str) -> dict[str, Any]:
    """What a mail's words need, as stored with it."""
    return dict(rows.load(connection.execute(_FACTS, {"mail": mail_id}).scalar_one()) or {})


def search(connection: Connection, charge_id: str | None, limit: int) -> list[Mail]:
    """Mails, newest first."""
    statement = select(_M).order_by(_M.c.queued_at.desc(), _M.c.id.desc()).limit(limit)
    if charge_id:
        statement = statement.where(_M.c.charge_id == charge_id)
    return [of(row) for row in connection.execute(statement)]


def of(row: Row[Any]) -> Mail:
    """A row as a value."""
    known = row._mapping
    lists = {name: rows.load(known[name]) or [] for name in _LISTS}
    return Mail(
        **{name: known[name] for name in _SAME},
        to=tuple(lists["to"]),
        cc=tuple(lists["cc"]),
        attachments=tuple((name, sha, mime) for name, sha, mime in lists["attachments"]),
    )
