"""Many charges at once: the rows of one paid charge, copied under fresh ids and other days.

For reading benchmarks only: evidence of copies does not verify, their papers are not theirs.
"""

from __future__ import annotations

import sqlite3
from datetime import datetime, timedelta
from pathlib import Path

from tests.benchmarks.replay import Recording, record, renamed
from tests.books import Seeded, paid

_KEPT = ("charges", "invoices", "attempts", "revenue", "postings", "enrolments")
_SPREAD_S = 2 * 365 * 86_400
_FORMAT = "%Y-%m-%d %H:%M:%S.%f"


def fill(file: Path, seeded: Seeded, *, charges: int) -> None:
    """Add ``charges`` paid charges, spread over two years back from now."""
    whole = record(file, lambda: paid(seeded), commits=1)
    kept = Recording([(table, row) for table, row in whole.added if table.name in _KEPT])
    with sqlite3.connect(file, isolation_level=None) as raw:
        raw.execute("PRAGMA foreign_keys=OFF").close()
        raw.execute("BEGIN IMMEDIATE")
        for number in range(1, charges + 1):
            names = renamed(kept, number)
            back = timedelta(seconds=(charges - number) * _SPREAD_S // charges)
            for table, row in kept.added:
                values = [_moved(names.get(v, v) if isinstance(v, str) else v, back) for v in row]
                marks = ",".join("?" * len(values))
                raw.execute(f"INSERT INTO {table.name} VALUES ({marks})", values)
        raw.execute("COMMIT")
        raw.execute("ANALYZE").close()
    raw.close()


def _moved(value: object, back: timedelta) -> object:
    """A day or a moment, so much earlier; anything else as it is."""
    if isinstance(value, str) and value[4:5] == "-" == value[7:8]:
        if len(value) == len("2026-03-16"):
            return (datetime.fromisoformat(value) - back).date().isoformat()
        if len(value) == len("2026-03-16 14:00:00.000000"):
            return (datetime.fromisoformat(value) - back).strftime(_FORMAT)
    return value
