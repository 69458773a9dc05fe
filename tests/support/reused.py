"""One PostgreSQL database for one test after another: emptied between them, made anew when a test
has changed its shape. Copying a template took 70 to 350 ms each time, emptying takes a few.
"""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from tests.support import postgres

_PATIENCE = "SET lock_timeout = '2s'"
#: Everything that a test may have made or taken away: columns, constraints, triggers, functions …
_SHAPE = """
SELECT md5(coalesce(string_agg(line, E'\\n' ORDER BY line), '')) FROM (
  SELECT 'column ' || concat_ws(' ', c.oid, c.relname, c.relkind::text, a.attname, a.atttypid,
                                a.attnotnull, a.attisdropped) AS line
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
   WHERE n.nspname = 'public'
  UNION ALL SELECT 'constraint ' || oid || ' ' || conname || ' ' || convalidated::text
    FROM pg_constraint WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT 'trigger ' || oid || ' ' || tgname || ' ' || tgenabled::text FROM pg_trigger
   WHERE NOT tgisinternal
  UNION ALL SELECT 'function ' || oid || ' ' || proname FROM pg_proc
   WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT 'rule ' || oid || ' ' || rulename FROM pg_rewrite WHERE oid >= 16384
  UNION ALL SELECT 'schema ' || oid || ' ' || nspname FROM pg_namespace
   WHERE nspname NOT LIKE 'pg\\_temp%' AND nspname NOT LIKE 'pg\\_toast%'
  UNION ALL SELECT 'version ' || version_num FROM alembic_version
) AS shape
"""


class Reused:
    """Hands out an empty database of the template's shape; ``tables`` are children first."""

    def __init__(self, server: postgres.Server, template: str, tables: Sequence[str]) -> None:
        self._server, self._template = server, template
        self._emptying = sql.SQL("; ").join(
            sql.SQL("DELETE FROM {}").format(sql.Identifier(table)) for table in tables
        )
        self._name: str | None = None
        self._shape = ""

    def take(self) -> str:
        """The address of empty books; whatever the last test left in them is gone."""
        if self._name is not None and not self._emptied(self._name):
            self.close()
        if self._name is None:
            self._name = self._server.create(template=self._template)
            with self._connect(self._name) as connection:
                self._shape = _shape_of(connection)
        return self._server.database(self._name)

    def close(self) -> None:
        """Drop the database, whoever is still connected."""
        if self._name is not None:
            self._server.drop(self._name)
            self._name = None

    def _emptied(self, name: str) -> bool:
        """False when somebody still holds it, or its shape is another."""
        try:
            with self._connect(name) as connection:
                _end_others(connection)
                if _shape_of(connection) != self._shape:
                    return False
                connection.execute(_PATIENCE)
                connection.execute(self._emptying)
        except psycopg.Error:
            return False
        return True

    def _connect(self, name: str) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(postgres.plain(self._server.database(name)), autocommit=True)


def _shape_of(connection: psycopg.Connection[tuple[object, ...]]) -> str:
    row = connection.execute(_SHAPE).fetchone()
    return str(row[0]) if row else ""


def _end_others(connection: psycopg.Connection[tuple[object, ...]]) -> None:
    """Nobody of the test before may write into the books of the next one."""
    connection.execute(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
