"""What a database's own error means, in one sentence for a person. Never retries: see patience."""

from __future__ import annotations

import sqlite3

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

NOT_UPGRADED = "These books were never made, or are of another version. Run: countersign db upgrade"
_UNDEFINED = frozenset({"42P01", "42703"})  # PostgreSQL: undefined table, undefined column
_NO_SUCH = ("no such table", "no such column", "has no column named")
_DAMAGED = ("file is not a database", "database disk image is malformed")
_NO_ROOM = ("database or disk is full", "disk I/O error")


def is_not_upgraded(error: DBAPIError) -> bool:
    """True when a statement named a table or column that these books do not have."""
    state = getattr(error.orig, "sqlstate", None)
    return state in _UNDEFINED or any(words in str(error.orig) for words in _NO_SUCH)


def sentence_of(error: BaseException) -> str | None:
    """One sentence about a failure of the database, None for any other error."""
    if not isinstance(error, (SQLAlchemyError, sqlite3.Error)):
        return None
    said = str(getattr(error, "orig", None) or error).strip()
    said = said.splitlines()[0].rstrip(".") if said else type(error).__name__
    if any(words in said for words in _DAMAGED):
        return f"The database file is damaged, or none of ours ({said}). Restore a backup."
    if any(words in said for words in _NO_ROOM):
        return f"The database could not write: is the disk full? ({said}.)"
    return f"The database refused: {said}."
