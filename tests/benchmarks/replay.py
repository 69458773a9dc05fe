"""The floor of every writing benchmark: the rows that a flow wrote, written again by raw SQL.

A recording compares the database before and after one act of ours. A replay inserts the same rows
under fresh ids and repeats the same updates, in as many durable commits as the act needed: the
barest honest program that does the same work, no less and no more.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, event

Row = tuple[Any, ...]
_SHORTEST_ID = 8
STEP = 1000
_LEFT_OUT = ("heartbeats", "alembic_version", "blobs")


@dataclass(frozen=True)
class Table:
    """One table's columns: which are its key, must be fresh in each replay, name another row."""

    name: str
    columns: tuple[str, ...]
    key: tuple[int, ...]
    fresh: tuple[int, ...]
    links: tuple[int, ...]


@dataclass
class Recording:
    """What one act wrote: rows added, and rows changed as (table, assignments, key)."""

    added: list[tuple[Table, Row]] = field(default_factory=list)
    changed: list[tuple[Table, dict[str, Any], Row]] = field(default_factory=list)
    commits: int = 1


def opened(file: Path) -> sqlite3.Connection:
    """A raw connection to a copy of the books, promising as much: WAL, FULL, foreign keys."""
    copy = file.with_name("floor.db")
    with sqlite3.connect(file) as source, sqlite3.connect(copy) as target:
        source.backup(target)
    source.close()
    target.close()
    raw = sqlite3.connect(copy, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
        raw.execute(f"PRAGMA {pragma}").close()
    _loosen(raw)
    return raw


def _loosen(raw: sqlite3.Connection) -> None:
    """Rows are written again for a charge that has them: such indexes stay, but not unique."""
    found = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql LIKE '%UNIQUE%WHERE%'"
    for name, statement in raw.execute(found).fetchall():
        raw.execute(f"DROP INDEX {name}")
        raw.execute(statement.replace("UNIQUE ", "", 1))


def record(file: Path, act: Callable[[], object], *, commits: int | None = None) -> Recording:
    """What ``act`` writes into the books in ``file``, and in how many commits; not in others than
    ``commits``, where that is said."""
    with sqlite3.connect(file) as raw:
        tables = _tables(raw)
        before = {t.name: _rows(raw, t) for t in tables}
        with _commits() as made:
            act()
        assert commits in (None, len(made)), f"{len(made)} commits that changed something"
        after = {t.name: _rows(raw, t) for t in tables}
    raw.close()
    found = Recording(commits=len(made))
    for table in _parents_first(file, tables):
        for key, row in after[table.name].items():
            old = before[table.name].get(key)
            if old is None:
                found.added.append((table, row))
            elif old != row:
                pairs = zip(table.columns, old, row, strict=True)
                found.changed.append((table, {c: new for c, was, new in pairs if was != new}, key))
    return found


@contextmanager
def _commits() -> Iterator[list[Connection]]:
    """The transactions in here that changed something, as they commit."""
    before: dict[object, int] = {}
    made: list[Connection] = []

    def total(connection: Connection) -> int:
        raw: Any = connection.connection.driver_connection
        return int(raw.total_changes)

    def begun(connection: Connection) -> None:
        before[connection] = total(connection)

    def committed(connection: Connection) -> None:
        if total(connection) != before[connection]:
            made.append(connection)

    event.listen(Engine, "begin", begun)
    event.listen(Engine, "commit", committed)
    try:
        yield made
    finally:
        event.remove(Engine, "begin", begun)
        event.remove(Engine, "commit", committed)


def replay(raw: sqlite3.Connection, recording: Recording, number: int) -> None:
    """Write it all again under fresh ids."""
    names = renamed(recording, number)
    share = max(1, -(-len(recording.added) // recording.commits))
    todo = list(recording.added)
    for commit in range(recording.commits):
        raw.execute("BEGIN IMMEDIATE")
        for table, row in todo[:share]:
            values = [names.get(v, v) if isinstance(v, str) else v for v in row]
            for place in table.fresh:
                if isinstance(values[place], int):
                    values[place] += STEP * number
            marks = ",".join("?" * len(values))
            raw.execute(f"INSERT INTO {table.name} VALUES ({marks})", values)
        del todo[:share]
        if commit == recording.commits - 1:
            _change(raw, recording)
        raw.execute("COMMIT")


def renamed(recording: Recording, number: int) -> dict[str, str]:
    """A fresh text for each one that must be unique, but not for ids of rows that stay."""
    own = {row[t.key[0]] for t, row in recording.added if len(t.key) == 1}
    named = {row[place] for t, row in recording.added for place in t.links}
    fresh: dict[str, str] = {}
    for table, row in recording.added:
        for place in table.fresh:
            text = row[place]
            stays = text in named and text not in own
            if isinstance(text, str) and len(text) >= _SHORTEST_ID and not stays:
                fresh[text] = f"{number:07d}{text[7:]}"
    return fresh


def _change(raw: sqlite3.Connection, recording: Recording) -> None:
    for table, changes, key in recording.changed:
        sets = ", ".join(f'"{column}" = ?' for column in changes)
        where = " AND ".join(f'"{table.columns[place]}" = ?' for place in table.key)
        statement = f"UPDATE {table.name} SET {sets} WHERE {where}"
        raw.execute(statement, [*changes.values(), *key])


def _tables(raw: sqlite3.Connection) -> list[Table]:
    names = [n for (n,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = []
    for name in names:
        if name in _LEFT_OUT or name.startswith("sqlite_"):
            continue
        info = raw.execute(f"PRAGMA table_info({name})").fetchall()
        columns = tuple(row[1] for row in info)
        key = tuple(row[0] for row in sorted(info, key=lambda r: r[5]) if row[5])
        fresh = set(key)
        for index in raw.execute(f"PRAGMA index_list({name})").fetchall():
            if index[2]:
                fresh |= {row[1] for row in raw.execute(f"PRAGMA index_info({index[1]})")}
        names_of = {r[3] for r in raw.execute(f"PRAGMA foreign_key_list({name})")}
        links = tuple(place for place, column in enumerate(columns) if column in names_of)
        found.append(Table(name, columns, key, tuple(sorted(p for p in fresh if p >= 0)), links))
    return found


def _rows(raw: sqlite3.Connection, table: Table) -> dict[Row, Row]:
    rows = raw.execute(f"SELECT * FROM {table.name}").fetchall()
    return {tuple(row[place] for place in table.key): row for row in rows}


def _parents_first(file: Path, tables: list[Table]) -> list[Table]:
    """Tables in an order in which foreign keys are satisfied."""
    with sqlite3.connect(file) as raw:
        needs = {
            t.name: {r[2] for r in raw.execute(f"PRAGMA foreign_key_list({t.name})")} - {t.name}
            for t in tables
        }
    raw.close()
    ordered: list[Table] = []
    left = list(tables)
    while left:
        placed = {t.name for t in ordered}
        ready = [t for t in left if needs[t.name] <= placed] or left[:1]
        ordered += ready
        left = [t for t in left if t not in ready]
    return ordered
