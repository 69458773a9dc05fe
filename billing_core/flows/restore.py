"""Put a backup back into empty books, and check ledger and evidence before it counts.

Everything goes in in one transaction: books that do not check are rolled back, not half restored.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from billing_core import gateway, settings
from billing_core.errors import Refused
from billing_core.flows.back_up import KEY, SANDBOX, Manifest, check_backup, key_mark
from billing_core.flows.upgrade_db import lock_books, upgrade_db, wanted_revision
from billing_core.flows.verify_evidence import verify_within
from billing_core.records import books, db, dump, new_files

#: What a fresh start writes by itself; rows anywhere else mean that the books are in use.
_OF_A_START = frozenset({"jobs", "heartbeats"})


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: rows per table, chains checked, whether the key was in the file, and
    whether the key here is the one that the backup's links were made with."""

    rows: dict[str, int]
    chains: int
    has_key: bool
    is_same_key: bool


def restore(file: Path) -> Restored:
    """Fill empty books from ``file``. Refused for a damaged file, books in use, broken books, or
    a key that differs from the backup's; then nothing was changed."""
    manifest = check_backup(file)
    if manifest.revision != wanted_revision():
        raise Refused(
            f"The backup is of revision {manifest.revision}, this version works on "
            f"{wanted_revision()}. Restore it with the version that made it, then upgrade."
        )
    with zipfile.ZipFile(file) as pack:
        key = pack.read(KEY) if KEY in manifest.files else b""
        _check_key(key, file)
        upgrade_db()
        with _placed(key), db.begin() as connection:
            lock_books(connection)
            rows = _load(connection, pack, manifest)
            chains = _check(connection)
            if SANDBOX in manifest.files:
                gateway.sandbox().take_in(pack.read(SANDBOX))
    return Restored(rows, chains, bool(key), key_mark() == manifest.key_mark)


def _check_key(key: bytes, file: Path) -> None:
    """With another key reminders would carry dead links: say so before anything is written."""
    here = settings.load()
    there = here.data_dir / KEY
    if not key:
        return
    if here.secret_key and here.secret_key != key.decode():
        raise Refused(
            "COUNTERSIGN_SECRET_KEY is another key than the backup's: links in reminders would not "
            f"open. Set it to the one inside (unzip -p {file} {KEY}), then restore again."
        )
    if not here.secret_key and there.exists() and there.read_bytes().strip() != key.strip():
        raise Refused(
            f"{there} holds another key than the backup. Move it away first, then restore again."
        )


@contextmanager
def _placed(key: bytes) -> Iterator[None]:
    """The key in its place from before the books are committed; taken away when they are not."""
    here = settings.load()
    target = here.data_dir / KEY
    if not key or here.secret_key or target.exists():
        yield
        return
    handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            out.write(key)
            out.flush()
            os.fsync(out.fileno())
        new_files.keep_names(target.parent)
        yield
    except BaseException:
        target.unlink()
        raise


def _load(connection: Connection, pack: zipfile.ZipFile, manifest: Manifest) -> dict[str, int]:
    rows = {}
    for name in dump.table_names():
        if name not in _OF_A_START and dump.count(connection, name):
            raise Refused("These books are in use. Restore into empty ones only.")
    for name in _OF_A_START:
        dump.clear(connection, name)
    for name in dump.table_names():
        with pack.open(f"tables/{name}.jsonl") as lines:
            rows[name] = dump.load_lines(connection, name, lines)
        if rows[name] != manifest.rows.get(name):
            raise Refused(f"The backup lacks rows of {name}. Nothing was restored.")
    return rows


def _check(connection: Connection) -> int:
    """How many chains hold; Refused when one does not, or the ledger does not balance."""
    if books.unbalanced_sets(connection):
        raise Refused("The backup's ledger does not balance. Nothing was restored.")
    result = verify_within(connection)
    if result.problems:
        raise Refused(f"The backup's evidence does not hold: {result.problems[0]}.")
    return result.checked
