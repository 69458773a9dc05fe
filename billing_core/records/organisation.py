"""What the organisation decides for itself, with who changed what, and its number series."""

from __future__ import annotations

from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, select, update

from billing_core import clock, ids
from billing_core.records import rows, tables
from billing_core.rules.nouns import Actor, Address, Company

_COUNTER = tables.counters.c
_BUMP = (
    update(tables.counters)
    .where(_COUNTER.kind == bindparam("series"), _COUNTER.year == bindparam("of_year"))
    .values(last=_COUNTER.last + 1)
    .returning(_COUNTER.last)
)
_DEFAULTS = {name: rows.dump(value) for name, value in asdict(Company()).items()}
_READ = select(tables.company_settings.c.name, tables.company_settings.c.value)


def get_company(connection: Connection) -> Company:
    """The organisation's settings; what was never set has its default."""
    stored = {row.name: rows.load(row.value) for row in connection.execute(_READ)}
    known = {f.name for f in fields(Company)}
    return Company(**{name: _revive(name, v) for name, v in stored.items() if name in known})


def save_settings(connection: Connection, values: dict[str, Any], actor: Actor) -> None:
    """Store settings and keep who changed what. ``values`` are JSON values by setting name.

    What was never set and is its default is no change.
    """
    before = {row.name: row.value for row in connection.execute(_READ)}
    for name, value in values.items():
        after = rows.dump(value)
        stood = before.get(name, _DEFAULTS.get(name))
        if stood == after:
            continue
        rows.upsert(connection, tables.company_settings, {"name": name, "value": after})
        _keep_change(connection, name, (stood, after), actor)


def note_act(connection: Connection, name: str, about: dict[str, Any], actor: Actor) -> None:
    """Keep in the staff log what somebody took out of the books, as an export does."""
    _keep_change(connection, name, (None, rows.dump(about)), actor)


def changes(connection: Connection, limit: int) -> list[tuple[str, str | None, str, str, datetime]]:
    """(name, JSON before, JSON after, actor id, at) of the staff log, newest first."""
    log = tables.setting_changes.c
    statement = select(log.name, log.before, log.after, log.actor_id, log.changed_at)
    newest = statement.order_by(log.changed_at.desc(), log.id.desc()).limit(limit)
    return [tuple(row) for row in connection.execute(newest)]


def _keep_change(
    connection: Connection, name: str, values: tuple[str | None, str], actor: Actor
) -> None:
    row = {
        "id": ids.new_id("sg"),
        "name": name,
        "before": values[0],
        "after": values[1],
        "actor_id": actor.id,
        "changed_at": clock.now(),
    }
    connection.execute(insert(tables.setting_changes).values(row))


def next_number(connection: Connection, kind: str, year: int) -> int:
    """The next number of a gapless series; the counter's row stays locked until the commit."""
    series = {"series": kind, "of_year": year}
    last = connection.execute(_BUMP, series).scalar_one_or_none()
    if last is None:
        rows.insert_new(connection, tables.counters, {"kind": kind, "year": year, "last": 0})
        last = connection.execute(_BUMP, series).scalar_one()
    return int(last)


def _revive(name: str, value: Any) -> Any:
    if name == "address":
        return Address(**value)
    if name == "bank":
        return tuple((label, text) for label, text in value)
    return tuple(value) if name == "reminder_days" else value
