"""Tables that refuse to be written, as on a disk that is full: the same for both databases."""

from __future__ import annotations

from billing_core.records import db
from tests.flows import watching

_SQLITE = (
    "CREATE TRIGGER no_{table} BEFORE {what} ON {table} WHEN ({when}) "
    "BEGIN SELECT RAISE(ABORT, '{saying}'); END"
)
_FUNCTION = (
    "CREATE OR REPLACE FUNCTION no_{table}() RETURNS trigger AS "
    "'BEGIN RAISE EXCEPTION ''{saying}'' USING ERRCODE = ''53100''; END' LANGUAGE plpgsql"
)
_POSTGRES = (
    "CREATE TRIGGER no_{table} BEFORE {what} ON {table} FOR EACH ROW WHEN ({when}) "
    "EXECUTE FUNCTION no_{table}()"
)


def refuse(
    table: str, *, what: str = "INSERT", when: str = "1 = 1", saying: str = "disk full"
) -> None:
    """From now on this table takes no such row."""
    statements = [_SQLITE] if _on_sqlite() else [_FUNCTION, _POSTGRES]
    for statement in statements:
        watching.write(statement.format(table=table, what=what, when=when, saying=saying))


def allow(table: str) -> None:
    """The disk has room again."""
    watching.write(f"DROP TRIGGER no_{table}" + ("" if _on_sqlite() else f" ON {table}"))


def _on_sqlite() -> bool:
    with db.read_only() as connection:
        return db.is_sqlite(connection)
