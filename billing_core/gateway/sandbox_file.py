"""The sandbox's own file: one committed turn at a time, on connections that are kept open.

Opening the file and closing its last connection writes more to the disk than a turn does.
"""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from billing_core.errors import Down

_PRAGMAS = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"


@dataclass(frozen=True, slots=True)
class _Idle:
    """A connection between two turns, and which file it is to, whatever stands at its path now."""

    path: Path
    inode: int
    file: sqlite3.Connection


#: More than threads that pay at the same moment.
_MOST = 8
_idle: deque[_Idle] = deque()


@contextmanager
def turn(path: Path, schema: str, *, keep: bool = True) -> Iterator[sqlite3.Connection]:
    """One committed turn on the file; its failures read as no answer. Without ``keep`` the
    connection is closed afterwards, whatever was attached to it."""
    try:
        taken = _take(path) or _open(path, schema)
    except (sqlite3.Error, OSError) as error:
        raise Down("The sandbox cannot be reached.") from error
    good = False
    try:
        taken.file.execute("BEGIN IMMEDIATE")
        yield taken.file
        taken.file.execute("COMMIT")
        good = keep
    except sqlite3.Error as error:
        raise Down("The sandbox did not answer.") from error
    finally:
        if good and len(_idle) < _MOST:
            _idle.append(taken)
        else:
            taken.file.close()


def _take(path: Path) -> _Idle | None:
    """A connection that waits, if it is to the very file that is there now; others are closed."""
    with suppress(IndexError):
        while True:
            found = _idle.pop()
            if found.path == path and path.exists() and path.stat().st_ino == found.inode:
                return found
            found.file.close()
    return None


def _open(path: Path, schema: str) -> _Idle:
    file = sqlite3.connect(path, timeout=10, isolation_level=None, check_same_thread=False)
    try:
        file.executescript(_PRAGMAS + schema)
        return _Idle(path, path.stat().st_ino, file)
    except (sqlite3.Error, OSError):
        file.close()
        raise
