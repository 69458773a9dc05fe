"""Migrations make exactly the tables that the code says, from nothing, however often they run."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine, select, text

from billing_core import settings
from billing_core.flows.upgrade_db import MIGRATIONS, upgrade_db
from billing_core.records import db, tables
from tests import books
from tests.conftest import SECRET
from tests.records.shapes import shape_of

TOGETHER = """
import os
from billing_core.flows.upgrade_db import upgrade_db

ready, start = os.pipe()
children = []
for _ in range(4):
    child = os.fork()
    if child == 0:
        os.close(start)
        os.read(ready, 1)  # all at once, when the parent lets go
        os.write(1, (upgrade_db() + "\\n").encode())
        os._exit(0)
    children.append(child)
os.close(start)
codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
raise SystemExit(max(codes))
"""


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def empty(
    request: pytest.FixtureRequest, settings_env: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of a database with nothing in it, configured as the installation's own."""
    settings_env.mkdir(parents=True)
    with _place(request, request.param, settings_env / "countersign.db") as url:
        monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", url)
        monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", SECRET)
        settings.forget()
        yield url
        db.forget()


@contextmanager
def _place(request: pytest.FixtureRequest, kind: str, file: Path) -> Iterator[str]:
    """An empty file, or an empty database on the tests' server."""
    if kind == "sqlite":
        yield f"sqlite:///{file}"
        return
    server = request.getfixturevalue("postgres_server")
    name = server.create()
    yield server.database(name)
    server.drop(name)


@contextmanager
def _by_the_tables(request: pytest.FixtureRequest, kind: str, file: Path) -> Iterator[Connection]:
    """A database made from the code's own tables, past every migration."""
    with _place(request, kind, file) as url:
        engine = create_engine(url)
        with engine.begin() as connection:
            tables.meta.create_all(connection)
            yield connection
        engine.dispose()


def test_there_is_one_line_of_migrations() -> None:
    scripts = ScriptDirectory(str(MIGRATIONS))
    assert len(scripts.get_heads()) == 1
    assert len(scripts.get_bases()) == 1
    names = [script.revision for script in scripts.walk_revisions()]
    assert names == sorted(names, reverse=True)


def test_from_nothing_to_the_newest_without_drift(
    empty: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert upgrade_db() == newest
    with db.read_only() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, tables.meta) == []
        made, kind = shape_of(connection), connection.dialect.name.removesuffix("ql")
    # Alembic compares no checks, defaults and conditions of indexes: so the shapes themselves
    with _by_the_tables(request, kind, tmp_path / "other.db") as other:
        meant = shape_of(other)
    assert set(made) == set(meant) == set(tables.meta.tables)
    for name, table in made.items():
        assert table == meant[name], name
    assert sum(len(table["checks"]) for table in made.values()) >= 15
    assert "WHERE" in str(made["charges"]["indexes"]["uq_charges_live_milestone"])


def test_repeating_changes_nothing(empty: str, driven_clock: object) -> None:
    first = upgrade_db()
    with db.read_only() as connection:
        made = shape_of(connection)
    seeded = books.seed()
    fired = books.fire(seeded)
    assert upgrade_db() == upgrade_db() == first
    with db.read_only() as connection:
        assert shape_of(connection) == made
        assert connection.execute(select(tables.charges.c.id)).scalars().all() == [fired.charge.id]
        assert connection.execute(text("SELECT version_num FROM alembic_version")).all() == [
            (first,)
        ]


def test_four_processes_upgrade_the_same_empty_books(empty: str) -> None:
    named = {name: value for name, value in os.environ.items() if name.startswith("COUNTERSIGN_")}
    done = subprocess.run(
        [sys.executable, "-c", TOGETHER], capture_output=True, text=True, check=False,
        timeout=60, env=os.environ | named,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    newest = ScriptDirectory(str(MIGRATIONS)).get_current_head()
    assert done.stdout.split() == [newest] * 4
