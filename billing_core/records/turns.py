"""Fair turns for the writers of one SQLite file, across threads and processes.

SQLite's own busy time-out polls, so that eight writers starve one another: the slowest got a
thousandth of the fastest one's share. The kernel hands a file lock on in the order of asking, and
takes it back from a process that died. PostgreSQL needs none of this.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# without it (Windows) SQLite's busy time-out alone orders the writers
_fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None
_SQLITE = "sqlite:///"


@contextmanager
def taken(url: str) -> Iterator[None]:
    """Wait for a turn at writing the database at ``url``, and give it back at the end."""
    file = url.removeprefix(_SQLITE)
    if _fcntl is None or file == url or not file or file.startswith(":memory:"):
        yield
        return
    handle = os.open(f"{file}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _fcntl.flock(handle, _fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


@contextmanager
def of_folder(folder: Path) -> Iterator[None]:
    """Wait for a turn at making files in ``folder``; leaves nothing in it."""
    if _fcntl is None:
        yield
        return
    handle = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _fcntl.flock(handle, _fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
