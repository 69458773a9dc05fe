"""The sandbox's file is copied for a backup, and taken in again at a restore."""

from __future__ import annotations

import sqlite3
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path


class SandboxCopies:
    """The part of the sandbox that is copied and comes back."""

    _path: Path

    def _file(self, *, keep: bool = True) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def copy(self) -> bytes | None:
        """One consistent copy of the company's file while it is in use; None when there is none.

        OSError when there is no room for it.
        """
        if not self._path.exists():
            return None
        with tempfile.TemporaryDirectory() as folder, self._file(keep=False) as file:
            copied = Path(folder) / self._path.name
            file.execute("COMMIT")
            try:
                file.execute("VACUUM INTO ?", (str(copied),))
            except sqlite3.Error as error:
                raise OSError(f"the sandbox's file could not be copied ({error})") from error
            file.execute("BEGIN")
            return copied.read_bytes()

    def take_in(self, copied: bytes) -> None:
        """Add what a copy knows and this file does not; what is here already is the newer truth."""
        with tempfile.TemporaryDirectory() as folder, self._file(keep=False) as file:
            other = Path(folder) / self._path.name
            other.write_bytes(copied)
            file.execute("COMMIT")
            file.execute("ATTACH ? AS other", (str(other),))
            file.execute("BEGIN IMMEDIATE")
            there = {name for (name,) in file.execute("SELECT name FROM other.sqlite_master")}
            # a copy may be older than the youngest of these tables
            for table in {"payments", "methods", "refunds", "disputes"} & there:
                file.execute(f"INSERT OR IGNORE INTO {table} SELECT * FROM other.{table}")
