"""The shape a database really has: every column, key, check and index, comparable as a value."""

from __future__ import annotations

import re
from typing import Any

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine.reflection import Inspector

Shape = dict[str, dict[str, Any]]


def shape_of(connection: Connection) -> Shape:
    """Table → what it is made of, without Alembic's own table."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if name != "alembic_version"]
    indexes = _indexes(connection)
    return {name: _table(inspector, name) | {"indexes": indexes.get(name)} for name in names}


def _table(inspector: Inspector, name: str) -> dict[str, Any]:
    return {
        "columns": {
            column["name"]: (str(column["type"]), column["nullable"], _tidy(column["default"]))
            for column in inspector.get_columns(name)
        },
        "primary": (
            inspector.get_pk_constraint(name)["name"],
            inspector.get_pk_constraint(name)["constrained_columns"],
        ),
        "unique": {u["name"]: u["column_names"] for u in inspector.get_unique_constraints(name)},
        "checks": {c["name"]: _tidy(c["sqltext"]) for c in inspector.get_check_constraints(name)},
        "foreign": {
            f["name"]: (f["constrained_columns"], f["referred_table"], sorted(f["options"].items()))
            for f in inspector.get_foreign_keys(name)
        },
    }


def _indexes(connection: Connection) -> dict[str, dict[str, str]]:
    """As the database writes them itself: with their conditions, which reflection may leave out."""
    sqlite = "SELECT tbl_name, name, sql FROM sqlite_master WHERE type = 'index' AND sql <> ''"
    postgres = (
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema()"
    )
    question = sqlite if connection.dialect.name == "sqlite" else postgres
    found: dict[str, dict[str, str]] = {}
    for table, name, written in connection.execute(text(question)):
        found.setdefault(table, {})[name] = _tidy(written)
    return found


def _tidy(written: str | None) -> str:
    return re.sub(r"\s+", " ", written or "").strip()
