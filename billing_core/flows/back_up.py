"""Back the whole state up into one file while it is in use, and check the file before it counts.

One zip: every table as lines of JSON from one moment, the sandbox's own file, the key where it is
a file of ours, and a manifest with the digest of each. Its last 64 bytes are the SHA-256 of all
bytes before them, so that no flipped bit goes unseen. The same form for SQLite and PostgreSQL.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from billing_core import clock, gateway, ids, settings
from billing_core.errors import Refused
from billing_core.records import db, dump, keyfile, new_files, vitals

MANIFEST = "manifest.json"
KEY = keyfile.NAME
SANDBOX = "sandbox.db"
_SEAL = hashlib.sha256().digest_size * 2
_COMMENT = b"Countersign backup, SHA-256 of all before it: "
_BLOCK = 1 << 20
#: What reading a damaged zip or manifest may raise.
_DAMAGE = (
    OSError, LookupError, ValueError, TypeError, AttributeError, EOFError, zlib.error,
    NotImplementedError, RuntimeError, zipfile.BadZipFile,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Backup:
    """What a backup holds: rows per table, and whether the key is in it."""

    file: Path
    rows: dict[str, int]
    has_key: bool


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. ``files``: path → SHA-256; ``key_mark`` tells which key its
    links were made with, without telling the key."""

    rows: dict[str, int]
    files: dict[str, str]
    revision: str
    key_mark: str


def back_up(file: Path) -> Backup:
    """Write ``file`` (mode 0600), never over an existing one. Refused when it cannot be written."""
    if file.exists():
        raise Refused(f"{file} exists already. A backup never overwrites: choose another name.")
    aside = file.with_name(f".{ids.new_id('backup')}.part")
    try:
        handle = os.open(aside, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w+b") as raw:
            _write(raw)
            _seal(raw)
            os.fsync(raw.fileno())
        manifest = check_backup(aside)
        new_files.name_finally(aside, file)
    except FileExistsError:
        raise Refused(f"{file} exists already. A backup never overwrites.") from None
    except OSError as error:
        raise Refused(f"{file} cannot be written: {error.strerror or error}.") from error
    finally:
        aside.unlink(missing_ok=True)
    return Backup(file, manifest.rows, KEY in manifest.files)


def check_backup(file: Path) -> Manifest:
    """What the backup says of itself, every byte of it read and compared.

    Refused for a file that is not there, is none of ours, or is damaged anywhere.
    """
    if not file.is_file():
        raise Refused(f"There is no file {file}.")
    try:
        _check_seal(file)
        with zipfile.ZipFile(file) as pack:
            told = json.loads(pack.read(MANIFEST))
            manifest = Manifest(told["rows"], told["files"], told["revision"], told["key_mark"])
            for name, wanted in manifest.files.items():
                _check_part(pack, name, wanted)
    except _DAMAGE as error:
        raise Refused(f"{file} is not a backup of Countersign, or is damaged.") from error
    return manifest


def key_mark() -> str:
    """Which key this installation uses, without telling the key."""
    return ids.derive_key(keyfile.secret_key(), "backup").hex()


def _write(raw: BinaryIO) -> None:
    rows: dict[str, int] = {}
    digests: dict[str, str] = {}
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as pack:
        with db.read_only() as connection:
            revision = vitals.revision(connection)
            for name in dump.table_names():
                path = f"tables/{name}.jsonl"
                rows[name], digests[path] = _add_lines(pack, path, dump.lines_of(connection, name))
        # after the books: what the sandbox knows and the books do not is asked for again
        for path, data in _own_files().items():
            pack.writestr(path, data)
            digests[path] = hashlib.sha256(data).hexdigest()
        manifest = {
            "v": 1,
            "made_at": clock.stamp(clock.now()),
            "revision": revision,
            "key_mark": key_mark(),
            "rows": rows,
            "files": digests,
        }
        pack.writestr(MANIFEST, json.dumps(manifest, indent=1))
        pack.comment = _COMMENT + b"0" * _SEAL


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


def _seal(raw: BinaryIO) -> None:
    raw.flush()
    end = raw.seek(-_SEAL, os.SEEK_END)
    seal = _digest(raw, end)
    raw.seek(end)
    raw.write(seal)
    raw.flush()


def _check_seal(file: Path) -> None:
    with file.open("rb") as raw:
        end = raw.seek(-_SEAL, os.SEEK_END)
        if raw.read() != _digest(raw, end):
            raise ValueError("the bytes are not those that were written")


def _digest(raw: BinaryIO, end: int) -> bytes:
    """Hex SHA-256 of the first ``end`` bytes."""
    digest = hashlib.sha256()
    raw.seek(0)
    while end > 0 and (block := raw.read(min(_BLOCK, end))):
        digest.update(block)
        end -= len(block)
    return digest.hexdigest().encode()


def _check_part(pack: zipfile.ZipFile, name: str, wanted: str) -> None:
    digest = hashlib.sha256()
    with pack.open(name) as part:
        while block := part.read(_BLOCK):
            digest.update(block)
    if digest.hexdigest() != wanted:
        raise ValueError(f"{name} is not what was written")
