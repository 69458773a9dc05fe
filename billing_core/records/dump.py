"""The whole books as lines of JSON, table by table, and back; the same form for both databases."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Date, LargeBinary, Table, delete, func, insert, select

from billing_core import clock
from billing_core.records import tables
from billing_core.records.tables.columns import Utc

AT_ONCE = 500


def table_names() -> list[str]:
    """All tables, parents before children."""
    return [table.name for table in tables.meta.sorted_tables]


def count(connection: Connection, name: str) -> int:
    """How many rows the named table has."""
    table = tables.meta.tables[name]
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def clear(connection: Connection, name: str) -> None:
    """Empty a table of what a fresh start wrote into it (heartbeats, standing jobs)."""
    connection.execute(delete(tables.meta.tables[name]))


def lines_of(connection: Connection, name: str) -> Iterator[bytes]:
    """Every row of a table as one line of JSON, in the order of its key, memory flat."""
    table = tables.meta.tables[name]
    statement = select(table).order_by(*table.primary_key).execution_options(yield_per=AT_ONCE)
    for row in connection.execute(statement):
        values = {c.name: _encode(value) for c, value in zip(table.c, row, strict=True)}
        yield json.dumps(values, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load_lines(connection: Connection, name: str, lines: Iterable[bytes]) -> int:
    """Insert rows as ``lines_of`` wrote them; returns how many."""
    table = tables.meta.tables[name]
    batch: list[dict[str, Any]] = []
    total = 0
    for line in lines:
        batch.append(_decode(table, json.loads(line)))
        if len(batch) >= AT_ONCE:
            connection.execute(insert(table), batch)
            total, batch = total + len(batch), []
    if batch:
        connection.execute(insert(table), batch)
    return total + len(batch)


def _encode(value: Any) -> Any:
    if isinstance(value, datetime):
        return clock.stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (bytes, memoryview)):
        return base64.b64encode(bytes(value)).decode()
    return value


def _decode(table: Table, values: dict[str, Any]) -> dict[str, Any]:
    decoded = dict(values)
    for column in table.c:
        value = decoded[column.name]
        if value is None:
            continue
        if isinstance(column.type, Utc):
            decoded[column.name] = clock.read_stamp(value)
        elif isinstance(column.type, Date):
            decoded[column.name] = date.fromisoformat(value)
        elif isinstance(column.type, LargeBinary):
            decoded[column.name] = base64.b64decode(value)
    return decoded
