"""Fair turns for the writers of one SQLite file, across threads and processes.

SQLite's own busy time-out polls, so that eight writers starve one another: the slowest got a
thousandth of the fastest one's share. A plain file lock wakes all who wait and takes the quickest,
which is whoever runs already. So writers stand in line: each holds a byte of the turn file and
waits for the byte of the one before; the kernel takes a byte back from a process that died. Order
is all this gives; that only one writes is SQLite's own affair. PostgreSQL needs none of this.
"""

from __future__ import annotations

import importlib
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# without it (Windows) SQLite's busy time-out alone orders the writers
_fcntl: Any = importlib.import_module("fcntl") if os.name == "posix" else None
_SQLITE = "sqlite:///"
#: Locks that belong to an open file, not to a process: Linux has them, elsewhere the quickest wins.
_LINE = hasattr(_fcntl, "F_OFD_SETLKW")
_COUNTER = 8
_MOST = 1 << 62


@contextmanager
def taken(url: str) -> Iterator[None]:
    """Wait for a turn at writing the database at ``url``, and give it back at the end."""
    file = url.removeprefix(_SQLITE)
    if _fcntl is None or file == url or not file or file.startswith(":memory:"):
        yield
        return
    handle = os.open(f"{file}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _stand_in_line(handle)
        yield
    finally:
        os.close(handle)


def _stand_in_line(handle: int) -> None:
    """Until everybody who came before is done; closing ``handle`` ends the turn."""
    _fcntl.flock(handle, _fcntl.LOCK_EX)
    if not _LINE:
        return
    before = int.from_bytes(os.pread(handle, _COUNTER, 0), "big")
    mine = (before + 1) % _MOST
    _hold(handle, mine)
    os.pwrite(handle, mine.to_bytes(_COUNTER, "big"), 0)
    _fcntl.flock(handle, _fcntl.LOCK_UN)
    _hold(handle, before)


def _hold(handle: int, number: int) -> None:
    """Wait for the byte of place ``number`` in the line; it lies beyond any content."""
    wanted = struct.pack("hhqqi4x", _fcntl.F_WRLCK, os.SEEK_SET, _COUNTER + number, 1, 0)
    _fcntl.fcntl(handle, _fcntl.F_OFD_SETLKW, wanted)


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
