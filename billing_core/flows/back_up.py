"""Back the whole state up into one file while it is in use, and check the file before it counts.

One zip: every table as lines of JSON from one moment, the sandbox's own file, the key where it is
a file of ours, and a manifest with the digest of each. The same form for SQLite and PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from billing_core import clock, gateway, settings
from billing_core.errors import Refused
from billing_core.records import db, dump, keyfile

MANIFEST = "manifest.json"
KEY = "secret.key"
SANDBOX = "sandbox.db"


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: rows per table, and whether the key is in it."""

    file: Path
    rows: dict[str, int]
    has_key: bool


def back_up(file: Path) -> Backup:
    """Write ``file`` (mode 0600), never over an existing one. Refused when it cannot be written."""
    if file.exists():
        raise Refused(f"{file} exists already. A backup never overwrites: choose another name.")
    aside = file.with_name(f".{file.name}.part")
    try:
        handle = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as raw:
            made = _write(raw, file)
            raw.flush()
            os.fsync(raw.fileno())
        check_backup(aside)
        os.link(aside, file)
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror or error}.") from error
    finally:
        aside.unlink(missing_ok=True)
    return made


def check_backup(file: Path) -> dict[str, str]:
    """The digests of a backup's parts, each read and compared. Refused for a damaged file."""
    try:
        with zipfile.ZipFile(file) as pack:
            manifest = json.loads(pack.read(MANIFEST))
            for name, wanted in manifest["files"].items():
                digest = hashlib.sha256()
                with pack.open(name) as part:
                    while block := part.read(1 << 20):
                        digest.update(block)
                if digest.hexdigest() != wanted:
                    raise Refused(f"{file}: {name} is damaged. This backup cannot be used.")
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as error:
        raise Refused(f"{file} is not a backup of Countersign, or is damaged.") from error
    return dict(manifest["files"])


def _write(raw: BinaryIO, file: Path) -> Backup:
    rows: dict[str, int] = {}
    digests: dict[str, str] = {}
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as pack:
        with db.read_only() as connection:
            for name in dump.table_names():
                path = f"tables/{name}.jsonl"
                rows[name], digests[path] = _add_lines(pack, path, dump.lines_of(connection, name))
        for path, data in _own_files().items():
            pack.writestr(path, data)
            digests[path] = hashlib.sha256(data).hexdigest()
        manifest = {"v": 1, "made_at": clock.stamp(clock.now()), "rows": rows, "files": digests}
        pack.writestr(MANIFEST, json.dumps(manifest, indent=1))
    return Backup(file, rows, KEY in digests)


def _add_lines(pack: zipfile.ZipFile, path: str, lines: Iterable[bytes]) -> tuple[int, str]:
    digest, count = hashlib.sha256(), 0
    with pack.open(path, "w", force_zip64=True) as part:
        for line in lines:
            part.write(line)
            digest.update(line)
            count += 1
    return count, digest.hexdigest()


def _own_files() -> dict[str, bytes]:
    """The key, when it is a file of ours, and the sandbox company's own books."""
    here, found = settings.load(), {}
    if not here.secret_key:
        found[KEY] = keyfile.secret_key().encode()
    sandbox = gateway.sandbox().copy()
    if sandbox is not None:
        found[SANDBOX] = sandbox
    return found
