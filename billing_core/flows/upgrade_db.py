"""Bring the database to the newest shape (Alembic). Safe to repeat, one process at a time."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import text

from billing_core.records import db

MIGRATIONS = Path(__file__).resolve().parents[2] / "data" / "migrations"
_LOCK = text("SELECT pg_advisory_xact_lock(4615278091)")


def upgrade_db() -> str:
    """Run what is missing and return the revision the database has now."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    with db.begin() as connection:
        if not db.is_sqlite(connection):
            connection.execute(_LOCK)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
        revision = MigrationContext.configure(connection).get_current_revision()
    db.check_durability()
    return revision or ""
