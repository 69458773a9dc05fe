"""P3: fire on PostgreSQL with eight clients in two processes, against raw psycopg with as many.

The server is one of the tests' own, with every promise switched on (fsync, synchronous commit).
"""

from __future__ import annotations

import itertools
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from typing import Any, LiteralString, cast

import psycopg

from billing_core import settings
from billing_core.flows.upgrade_db import upgrade_db
from billing_core.records import db, tables
from tests import books
from tests.benchmarks.measuring import Measure, in_turn
from tests.benchmarks.replay import STEP, Recording, Table, renamed
from tests.books import Seeded
from tests.support import postgres

PROCESSES, THREADS, SECONDS, ROUNDS = 2, 4, 3.0, 5
_NUMBERS = itertools.count(1)
_SECRET = "a secret of the benchmarks, long enough to be taken"


def measures() -> Iterator[Measure]:
    """The line of P3."""
    binaries = postgres.debian_binaries()
    found, copied = binaries or postgres.wheel_binaries(), binaries is None
    with (
        postgres.started(found, copy=copied, durable=True) as server,
        tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder,
    ):
        name = server.create()
        url = server.database(name)
        seeded = _made(url, folder)
        raw = postgres.plain(url)
        books.fire(seeded, "10.00", "The first one warms up")
        recording = _record(raw, lambda: books.fire(seeded, "10.00", "The one recorded"))
        db.forget()
        bare = postgres.plain(server.database(server.create(template=name)))
        with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
            ours = partial(_rate, pool, partial(_fire, url, folder, seeded))
            floor = partial(_rate, pool, partial(_replay, bare, recording))
            mine, least = in_turn(ours, floor, rounds=ROUNDS)
    note = f"{PROCESSES} processes × {THREADS} clients"
    yield Measure("P3 fire, PostgreSQL, 8 clients", mine, least, 0.40, "/s", ROUNDS, note=note)


def _made(url: str, folder: str) -> Seeded:
    _configure(url, folder)
    upgrade_db()
    return books.seed()


def _configure(url: str, folder: str) -> None:
    os.environ |= {
        "COUNTERSIGN_DATA_DIR": folder,
        "COUNTERSIGN_DATABASE_URL": url,
        "COUNTERSIGN_SECRET_KEY": _SECRET,
    }
    settings.forget()


def _rate(pool: ProcessPoolExecutor, work: Callable[[int], int]) -> float:
    """Acts per second of all clients together."""
    began = time.perf_counter()
    done = sum(pool.map(work, range(PROCESSES)))
    return done / (time.perf_counter() - began)


def _fire(url: str, folder: str, seeded: Seeded, place: int) -> int:
    _configure(url, folder)

    def act(number: int) -> None:
        books.fire(seeded, "10.00", f"Phase {number} of {place} at {time.time_ns()}")

    return _together(lambda: act)


def _replay(bare: str, recording: Recording, _: int) -> int:
    def client() -> Callable[[int], None]:
        connection = psycopg.connect(bare)

        def act(_: int) -> None:
            # a number that no other client of this run takes
            _write(connection, recording, os.getpid() % 1000 * 10_000 + next(_NUMBERS))

        return act

    return _together(client)


def _together(client: Callable[[], Callable[[int], None]]) -> int:
    """Let ``THREADS`` clients act for ``SECONDS``; how often they did."""
    done, until = [0] * THREADS, time.perf_counter() + SECONDS

    def run(place: int) -> None:
        act = client()
        while time.perf_counter() < until:
            act(place + THREADS * done[place])
            done[place] += 1

    threads = [threading.Thread(target=run, args=(place,)) for place in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(done)


def _record(raw: str, act: Callable[[], object]) -> Recording:
    with psycopg.connect(raw, autocommit=True) as connection:
        before = {t.name: _rows(connection, t) for t in _tables()}
        act()
        after = {t.name: _rows(connection, t) for t in _tables()}
    found = Recording()
    for table in _tables():
        for key, row in after[table.name].items():
            old = before[table.name].get(key)
            if old is None:
                found.added.append((table, row))
            elif old != row:
                pairs = zip(table.columns, old, row, strict=True)
                found.changed.append((table, {c: n for c, was, n in pairs if was != n}, key))
    return found


def _write(
    connection: psycopg.Connection[tuple[Any, ...]], recording: Recording, number: int
) -> None:
    names = renamed(recording, number)
    with connection.transaction(), connection.cursor() as cursor:
        for table, row in recording.added:
            values = [names.get(v, v) if isinstance(v, str) else v for v in row]
            for place in table.fresh:
                if type(values[place]) is int:
                    values[place] = (values[place] + STEP * number) % 2**31
            marks = ",".join(["%s"] * len(values))
            cursor.execute(_sql(f"INSERT INTO {table.name} VALUES ({marks})"), values)
        for table, changes, key in recording.changed:
            sets = ", ".join(f'"{column}" = %s' for column in changes)
            where = " AND ".join(f'"{table.columns[place]}" = %s' for place in table.key)
            statement = _sql(f"UPDATE {table.name} SET {sets} WHERE {where}")
            cursor.execute(statement, [*changes.values(), *key])


def _tables() -> list[Table]:
    """All tables, parents first."""
    found = []
    for table in tables.meta.sorted_tables:
        columns = tuple(column.name for column in table.columns)
        key = tuple(columns.index(column.name) for column in table.primary_key.columns)
        fresh = set(key) | {n for n, c in enumerate(table.columns) if c.unique}
        links = tuple(n for n, c in enumerate(table.columns) if c.foreign_keys)
        found.append(Table(table.name, columns, key, tuple(sorted(fresh)), links))
    return found


def _rows(
    connection: psycopg.Connection[tuple[Any, ...]], table: Table
) -> dict[tuple[Any, ...], tuple[Any, ...]]:
    rows = connection.execute(_sql(f"SELECT * FROM {table.name}")).fetchall()
    return {tuple(row[place] for place in table.key): row for row in rows}


def _sql(statement: str) -> LiteralString:
    """Names of our own tables only."""
    return cast("LiteralString", statement)
