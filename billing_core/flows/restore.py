"""Put a backup back into empty books, and check ledger and evidence before it counts.

Everything goes in in one transaction: books that do not check are rolled back, not half restored.
"""

from __future__ import annotations

import json
import os
import zipfile
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from billing_core import settings
from billing_core.errors import Refused
from billing_core.flows.back_up import KEY, MANIFEST, SANDBOX, check_backup
from billing_core.flows.upgrade_db import upgrade_db
from billing_core.flows.verify_evidence import verify_all
from billing_core.records import books, db, dump


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: rows per table, chains checked, and whether the key was in the file."""

    rows: dict[str, int]
    chains: int
    has_key: bool


def restore(file: Path) -> Restored:
    """Fill empty books from ``file``. Refused for a damaged file, books in use, or broken books."""
    parts = check_backup(file)
    upgrade_db()
    with zipfile.ZipFile(file) as pack:
        manifest = json.loads(pack.read(MANIFEST))
        _check_key(pack, parts)
        with db.begin() as connection:
            rows = _load(connection, pack, manifest["rows"])
            if books.unbalanced_sets(connection):
                raise Refused("The backup's ledger does not balance. Nothing was restored.")
        _put_files(pack, parts)
    result = verify_all()
    if result.problems:
        raise Refused(f"Restored, but the evidence does not hold: {result.problems[0]}.")
    return Restored(rows, result.checked, KEY in parts)


def _load(connection: Connection, pack: zipfile.ZipFile, wanted: dict[str, int]) -> dict[str, int]:
    rows = {}
    for name in ("charges", "customers", "items", "evidence_events"):
        if dump.count(connection, name):
            raise Refused("These books are in use. Restore into empty ones only.")
    for name in dump.table_names():
        dump.clear(connection, name)
    for name in dump.table_names():
        with pack.open(f"tables/{name}.jsonl") as lines:
            rows[name] = dump.load_lines(connection, name, lines)
        if rows[name] != wanted.get(name):
            raise Refused(f"The backup lacks rows of {name}. Nothing was restored.")
    return rows


def _check_key(pack: zipfile.ZipFile, parts: dict[str, str]) -> None:
    """Another key would kill every link and code: say so before anything is written."""
    here = settings.load()
    file = here.data_dir / KEY
    if KEY not in parts or here.secret_key or not file.exists():
        return
    if file.read_bytes().strip() != pack.read(KEY).strip():
        raise Refused(
            f"{file} holds another key than the backup. Move it away first, then restore again."
        )


def _put_files(pack: zipfile.ZipFile, parts: dict[str, str]) -> None:
    here = settings.load()
    for name in (KEY, SANDBOX):
        target = here.data_dir / name
        if name not in parts or target.exists() or (name == KEY and here.secret_key):
            continue
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as out:
            out.write(pack.read(name))
