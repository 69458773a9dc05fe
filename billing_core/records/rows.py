"""How rows become values and back: JSON columns, insert-if-new, locking reads. No noun here."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import Connection, Table
from sqlalchemy.dialects import postgresql, sqlite

from billing_core.records import db


def dump(value: object) -> str:
    """A value as compact JSON text with stable key order."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def load(text: str | None) -> Any:
    """The value of a JSON text column; None where it is empty."""
    return json.loads(text) if text else None


def insert_new(connection: Connection, table: Table, values: dict[str, Any]) -> bool:
    """Insert unless a unique key holds already; True when this call inserted."""
    dialect = sqlite if db.is_sqlite(connection) else postgresql
    statement = dialect.insert(table).values(values).on_conflict_do_nothing()
    # asked by RETURNING: a row count is not reported for every driver's inserts
    return connection.execute(statement.returning(*table.primary_key)).first() is not None


def upsert(connection: Connection, table: Table, values: dict[str, Any]) -> None:
    """Insert, or overwrite the row with the same primary key."""
    dialect = sqlite if db.is_sqlite(connection) else postgresql
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    connection.execute(
        dialect.insert(table).values(values).on_conflict_do_update(index_elements=keys, set_=rest)
    )
