"""Verify an evidence pack of Countersign:   python verify.py pack.zip

Needs Python 3.9 or newer, nothing else, and no network. Read it before you run it: it is one file.
It says the first thing that is wrong, and ends with 0 when nothing is. This is also how Countersign
itself checks a pack, so it imports nothing of Countersign and writes nothing anywhere.

In this order: events.jsonl (each event canonical, in its place, following the one before, up to the
head that the manifest states), openings.json (each opens its commitment), the papers (the digests
that the events hold), manifest.json (each file's length and digest), and the zip itself, byte for
byte. A pack that was made anew from changed contents holds together too: compare the head with
the one in the client's receipt mail, or at the payment gateway.
"""

from __future__ import annotations

import binascii
import hashlib
import json
import re
import struct
import sys
from datetime import datetime
from typing import Any

ZEROS = "0" * 64
NEEDED = ("README.txt", "events.jsonl", "invoice.json", "invoice.pdf", "manifest.json",
          "openings.json", "summary.pdf", "verify.py")  # fmt: skip
_FIELDS = {"v", "stream", "seq", "kind", "at", "actor", "payload", "prev"}
_ACTORS = {"client", "staff", "key", "gateway", "system"}
_OF_INVOICE = {"invoice.frozen", "invoice.rendered", "charge.approved"}
_OF_PAPER = {"invoice.rendered", "charge.approved"}
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)?")
_DAY = (1 << 5) | 1  # 1980-01-01, the first day that a zip can name


class Wrong(Exception):
    """The first thing that is wrong, in words."""


def check(pack: bytes) -> dict[str, Any]:
    """The manifest of a whole pack; Wrong names the first thing that is not as it must be."""
    files = _read_zip(pack)
    for name in NEEDED:
        if name not in files:
            raise Wrong(f"{name} is missing")
    try:
        manifest = _manifest(files["manifest.json"])
        events = _events(files["events.jsonl"], manifest)
        _check_openings(files, events)
        _check_papers(files, events)
        _check_listing(files, manifest)
    except (AttributeError, KeyError, TypeError) as error:
        raise Wrong(f"a file lacks what its form asks for: {error}") from error
    if zip_bytes(files) != pack:
        raise Wrong("the zip holds more, or is written otherwise, than its files ask for")
    return manifest


def zip_bytes(files: dict[str, bytes]) -> bytes:
    """The one zip of these files: sorted, uncompressed, dated 1980-01-01, nothing besides."""
    body, directory = b"", b""
    for name in sorted(files):
        data, where = files[name], len(body)
        sizes = (binascii.crc32(data), len(data), len(data), len(name), 0)
        body += struct.pack("<4s5H3I2H", b"PK\3\4", 20, 0, 0, 0, _DAY, *sizes)
        body += name.encode("ascii") + data
        directory += struct.pack("<4s6H3I2H", b"PK\1\2", 20, 20, 0, 0, 0, _DAY, *sizes)
        directory += struct.pack("<3H2I", 0, 0, 0, 0, where) + name.encode("ascii")
    counts = (0, 0, len(files), len(files), len(directory), len(body), 0)
    return body + directory + struct.pack("<4s4H2IH", b"PK\5\6", *counts)


def canonical(value: object) -> bytes:
    """Canonical JSON (RFC 8785) of the values that evidence may hold."""
    _check_value(value)
    text = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8")


def _read_zip(pack: bytes) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    at = 0
    while pack[at : at + 4] == b"PK\3\4" and len(pack) >= at + 30:
        packed, size, name_size, extra = struct.unpack_from("<2I2H", pack, at + 18)
        start = at + 30 + name_size + extra
        name = pack[at + 30 : at + 30 + name_size].decode("ascii", "replace")
        if not _NAME.fullmatch(name) or name in files or packed != size:
            raise Wrong(f"the zip is damaged at byte {at}: no file can be called {name[:80]!r}")
        if start + size > len(pack):
            raise Wrong(f"the zip is damaged at byte {at}: {name} is longer than the zip")
        files[name] = pack[start : start + size]
        at = start + size
    if pack[at : at + 4] not in (b"PK\1\2", b"PK\5\6"):
        raise Wrong(f"the zip is damaged at byte {at}: no file begins there")
    return files


def _manifest(data: bytes) -> dict[str, Any]:
    manifest = _parsed(data, "manifest.json")
    if not isinstance(manifest, dict):
        raise Wrong("manifest.json is no object")
    if set(manifest) != {"v", "charge", "through_seq", "head", "files"} or manifest["v"] != 1:
        raise Wrong("manifest.json is of no form that this file knows")
    if not isinstance(manifest["charge"], str) or not isinstance(manifest["through_seq"], int):
        raise Wrong("manifest.json does not say which charge, and how far")
    return manifest


def _events(data: bytes, manifest: dict[str, Any]) -> list[dict[str, Any]]:
    lines = data.split(b"\n")
    if lines.pop() != b"":
        raise Wrong("events.jsonl does not end with a line's end")
    events, prev = [], ZEROS
    for seq, line in enumerate(lines, start=1):
        event = _parsed(line, f"event {seq}")
        _check_event(event, {"v": 1, "stream": manifest["charge"], "seq": seq, "prev": prev})
        events.append(event)
        prev = hashlib.sha256(line).hexdigest()
    if len(events) != manifest["through_seq"]:
        raise Wrong(f"{len(events)} events are there, manifest.json says {manifest['through_seq']}")
    if prev != manifest["head"]:
        raise Wrong(f"the hash of event {len(events)} is not the head that manifest.json states")
    return events


def _check_event(event: Any, wanted: dict[str, Any]) -> None:
    where = f"event {wanted['seq']}"
    if not isinstance(event, dict) or set(event) != _FIELDS:
        raise Wrong(f"{where} does not have the eight fields")
    for name, value in wanted.items():
        if event[name] != value or isinstance(event[name], bool):
            told = (
                "does not follow the event before it" if name == "prev" else f"has another {name}"
            )
            raise Wrong(f"{where} {told}")
    actor, at = event["actor"], event["at"]
    if not isinstance(actor, dict) or set(actor) != {"kind", "id"}:
        raise Wrong(f"{where} names no actor")
    if actor["kind"] not in _ACTORS or not isinstance(actor["id"], str):
        raise Wrong(f"{where} names an actor of no kind")
    if not isinstance(event["kind"], str) or not isinstance(event["payload"], dict):
        raise Wrong(f"{where} has no kind or no payload")
    if not isinstance(at, str) or not _AT.fullmatch(at):
        raise Wrong(f"{where} has no time")
    try:
        datetime.fromisoformat(at[:-1])
    except ValueError:
        raise Wrong(f"{where} is of a day that no calendar has") from None


def _check_openings(files: dict[str, bytes], events: list[dict[str, Any]]) -> None:
    closed = {
        (event["seq"], f"/payload/{name}"): value["commitment"]
        for event in events
        for name, value in event["payload"].items()
        if isinstance(value, dict) and set(value) == {"commitment"}
    }
    for opening in _listed(files["openings.json"], "openings.json", "seq path salt value"):
        place = (opening["seq"], opening["path"])
        salt, value = str(opening["salt"]), opening["value"]
        whole = _HEX.fullmatch(salt) and isinstance(value, str)
        hashed = b"\0" + bytes.fromhex(salt) + str(value).encode("utf-8") if whole else b""
        if not whole or hashlib.sha256(hashed).hexdigest() != closed.pop(place, None):
            raise Wrong(f"event {place[0]}: {place[1]} is not what was committed to")
    if "erasures.json" in files:
        for gone in _listed(files["erasures.json"], "erasures.json", "seq path erased_at why"):
            closed.pop((gone["seq"], gone["path"]), None)
    for seq, path in sorted(closed):
        raise Wrong(f"event {seq}: {path} has no opening, and none was erased")


def _check_papers(files: dict[str, bytes], events: list[dict[str, Any]]) -> None:
    invoice = _parsed(files["invoice.json"], "invoice.json")
    document, paper = _sha(files["invoice.json"]), _sha(files["invoice.pdf"])
    if not {"charge.fired", "invoice.frozen", "invoice.rendered"} <= {e["kind"] for e in events}:
        raise Wrong("events.jsonl does not tell how the invoice came about")
    for event in events:
        payload, kind = event["payload"], event["kind"]
        where = f"event {event['seq']} ({kind})"
        if kind in _OF_INVOICE and payload["document_sha256"] != document:
            raise Wrong(f"{where} is about another invoice than invoice.json")
        if kind in _OF_PAPER and payload["pdf_sha256"] != paper:
            raise Wrong(f"{where} is about another paper than invoice.pdf")
        if kind == "charge.fired" and payload["amount_minor"] != invoice["total_minor"]:
            raise Wrong(f"{where} is about another sum than invoice.json")
    delivered = (invoice["milestone"] or {}).get("deliverables", [])
    known = {entry["sha256"] for entry in delivered}
    for name, data in files.items():
        if name.startswith("deliverables/") and _sha(data) not in known:
            raise Wrong(f"{name} is not what invoice.json says was delivered")


def _check_listing(files: dict[str, bytes], manifest: dict[str, Any]) -> None:
    listed = [
        {"path": name, "bytes": len(files[name]), "sha256": _sha(files[name])}
        for name in sorted(files)
        if name != "manifest.json"
    ]
    stated = manifest["files"] if isinstance(manifest["files"], list) else []
    for entry in listed:
        if entry not in stated:
            raise Wrong(f"{entry['path']} is not the file that manifest.json lists")
    if stated != listed:
        raise Wrong("manifest.json lists files that are not there, or in another order")


def _listed(data: bytes, name: str, fields: str) -> list[dict[str, Any]]:
    entries = _parsed(data, name)
    if not isinstance(entries, list):
        raise Wrong(f"{name} is no list")
    for entry in entries:
        if not isinstance(entry, dict) or sorted(entry) != sorted(fields.split()):
            raise Wrong(f"{name} has an entry that is not {fields}")
    return entries


def _parsed(data: bytes, name: str) -> Any:
    try:
        value = json.loads(data.decode("utf-8"))
        if canonical(value) != data:
            raise ValueError("written otherwise")
    except (ValueError, RecursionError):
        raise Wrong(f"{name} is not canonical JSON") from None
    return value


def _check_value(value: object, depth: int = 0) -> None:
    parts: list[Any] = []
    if isinstance(value, dict):
        if not all(isinstance(name, str) and name.isascii() for name in value):
            raise ValueError("a field's name is not ASCII")
        parts = list(value.values())
    elif isinstance(value, list):
        parts = value
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) >= 2**53):
        raise ValueError("a number that evidence cannot hold")
    if depth > 16:
        raise ValueError("nested too deeply")
    for part in parts:
        _check_value(part, depth + 1)


def _sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def main(arguments: list[str]) -> int:
    """Check the pack named on the command line; 0 holds, 1 does not, 2 used wrongly."""
    if len(arguments) != 1:
        sys.stderr.write("Usage: python verify.py pack.zip\n")
        return 2
    try:
        with open(arguments[0], "rb") as file:
            manifest = check(file.read())
    except OSError as error:
        sys.stderr.write(f"{arguments[0]} cannot be read: {error.strerror}\n")
        return 2
    except Wrong as wrong:
        sys.stdout.write(f"WRONG: {wrong}\n")
        return 1
    sys.stdout.write(
        f"Whole: charge {manifest['charge']}, {manifest['through_seq']} events, "
        f"{len(manifest['files'])} files.\nHead: {manifest['head']}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
