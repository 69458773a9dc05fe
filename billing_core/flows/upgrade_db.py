"""Bring the database to the newest shape (Alembic). Safe to repeat, one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from billing_core.records import db, vitals

MIGRATIONS = Path(__file__).resolve().parents[2] / "data" / "migrations"
_LOCK = text("SELECT pg_advisory_xact_lock(4615278091)")


def upgrade_db() -> str:
    """Run what is missing and return the revision the database has now."""
    config = _config()
    with db.begin() as connection:
        lock_books(connection)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        revision = vitals.revision(connection)
    db.check_durability()
    return revision


def wanted_revision() -> str:
    """The revision that this version of Countersign works on."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def lock_books(connection: Connection) -> None:
    """Let only one process at a time upgrade or restore (SQLite's write lock does it already)."""
    if not db.is_sqlite(connection):
        connection.execute(_LOCK)


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    return config
