"""How rows become values and back: JSON columns, insert-if-new, locking reads. No noun here."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    Insert,
    Select,
    Table,
    Update,
    bindparam,
    insert,
    select,
    update,
)  # fmt: skip
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite as sqlite_dialect

from billing_core.records import db

_KEY = "key_of_the_row"


def dump(value: object) -> str:
    """A value as compact JSON text with stable key order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def load(text: str | None) -> Any:
    """The value of a JSON text column; None where it is empty."""
    return json.loads(text) if text else None


def add(connection: Connection, table: Table, *values: dict[str, Any]) -> None:
    """Insert rows. The statement is built once per table: building it anew costs more than SQLite
    needs to run it."""
    connection.execute(_insert(table), list(values) if len(values) > 1 else values[0])


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert unless a unique key holds already; True when this call inserted."""
    # asked by RETURNING: a row count is not reported for every driver's inserts
    statement = _insert_new(table, sqlite=db.is_sqlite(connection))
    return connection.execute(statement, values).first() is not None


def upsert(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert, or overwrite the row with the same primary key."""
    connection.execute(_upsert(table, sqlite=db.is_sqlite(connection)), values)


def change(connection: Connection, table: Table, key: str, values: dict[str, Any]) -> None:
    """Change columns of the row with this primary key; ``values`` are plain values."""
    connection.execute(_update(table), values | {_KEY: key})


@lru_cache(maxsize=256)
def by(table: Table, *names: str, lock: bool = False) -> Select[Any]:
    """A table's rows in which these columns are what is given under their names; with ``lock``
    nobody else may change them until the commit. Built once, as ``add``."""
    statement = select(table).where(*(table.c[name] == bindparam(name) for name in names))
    return statement.with_for_update() if lock else statement


@lru_cache(maxsize=64)
def _update(table: Table) -> Update:
    (column,) = table.primary_key
    return update(table).where(column == bindparam(_KEY))


@lru_cache(maxsize=64)
def _insert(table: Table) -> Insert:
    return insert(table)


@lru_cache(maxsize=64)
def _insert_new(table: Table, *, sqlite: bool) -> Executable:
    dialect = sqlite_dialect if sqlite else postgresql
    statement = dialect.insert(table).on_conflict_do_nothing()
    found: Executable = statement.returning(*table.primary_key)
    return found


@lru_cache(maxsize=64)
def _upsert(table: Table, *, sqlite: bool) -> Executable:
    statement = (sqlite_dialect if sqlite else postgresql).insert(table)
    keys = [column.name for column in table.primary_key]
    rest = {c.name: statement.excluded[c.name] for c in table.c if c.name not in keys}
    found: Executable = statement.on_conflict_do_update(index_elements=keys, set_=rest)
    return found
