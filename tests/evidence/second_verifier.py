"""A second verifier of evidence chains, written from the format lines of document 4 alone.

It shares no code with the product and never may: standard library only, its own JSON reader's
settings and its own writer of canonical bytes. It reads an SQLite file of books as bytes, so that
nothing is repaired on the way. ``check_file`` returns the first thing wrong with each stream.
"""

from __future__ import annotations

import hashlib
import json
import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

ZEROS = "0" * 64
SUBJECTS = ("charges", "customers", "projects")
EVENT = ["actor", "at", "kind", "payload", "prev", "seq", "stream", "v"]
ACTORS = ["client", "staff", "key", "gateway", "system"]
AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[.][0-9]{6}Z")
HEX = re.compile(r"[0-9a-f]{64}")
SHORT = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


class Wrong(Exception):
    """The first thing that is wrong, in words."""


@dataclass(frozen=True)
class Row:
    """One stored event, as bytes."""

    seq: Any
    canonical: Any
    hash: Any


@dataclass(frozen=True)
class Opening:
    """One stored opening; erased ones hold neither salt nor value."""

    seq: Any
    path: Any
    salt: Any
    value: Any
    is_erased: bool


def check_file(path: Path) -> dict[str, str]:
    """Stream → the first thing wrong with it, for every stream that is not whole."""
    problems = {}
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as books:
        books.text_factory = bytes
        subjects = {
            _text(row[0]): (row[1], row[2])
            for table in SUBJECTS
            for row in books.execute(f"SELECT id, chain_length, chain_head FROM {table}")
        }
        streams = {
            _text(stream)
            for table in ("evidence_events", "evidence_openings")
            for (stream,) in books.execute(f"SELECT DISTINCT stream FROM {table}")
        }
        for stream in sorted(streams | set(subjects)):
            try:
                if stream not in subjects:
                    raise Wrong("no subject has this chain")
                rows, openings = _rows(books, stream), _openings(books, stream)
                check_chain(stream, rows, *subjects[stream], openings)
            except Wrong as wrong:
                problems[stream] = str(wrong)
    books.close()
    return problems


def check_chain(
    stream: str, rows: list[Row], length: Any, head: Any, openings: list[Opening]
) -> None:
    """Wrong, or all is well: gapless, linked, as long as its subject says, and opening."""
    prev, payloads = ZEROS, {}
    for seq, row in enumerate(rows, start=1):
        payloads[seq] = check_event(stream, seq, prev, row)
        prev = _text(row.hash)
    if length != len(rows) or isinstance(length, bool):
        raise Wrong(f"{len(rows)} events, but its subject says {length!r}")
    if _text(head) != prev:
        raise Wrong("the head is not the last event's hash")
    _check_openings(payloads, openings)


def check_event(stream: str, seq: int, prev: str, row: Row) -> dict[str, Any]:
    """The payload of one event, or Wrong."""
    if row.seq != seq:
        raise Wrong(f"event {seq}: found {row.seq!r} in its place")
    if not isinstance(row.canonical, bytes):
        raise Wrong(f"event {seq}: no bytes")
    if hashlib.sha256(row.canonical).hexdigest() != _text(row.hash):
        raise Wrong(f"event {seq}: its hash is another")
    try:
        text = row.canonical.decode("utf-8")
        event = json.loads(text, object_pairs_hook=_fields, parse_float=_none, parse_constant=_none)
        written = "".join(_written(event)).encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise Wrong(f"event {seq}: {error}") from error
    if written != row.canonical:
        raise Wrong(f"event {seq}: not canonical")
    if not isinstance(event, dict) or sorted(event) != EVENT:
        raise Wrong(f"event {seq}: not the eight fields")
    _check_fields(event, stream, seq, prev)
    return dict(event["payload"])


def _check_fields(event: dict[str, Any], stream: str, seq: int, prev: str) -> None:
    actor, at = event["actor"], event["at"]
    wanted = {"v": 1, "stream": stream, "seq": seq, "prev": prev}
    for name, value in wanted.items():
        if event[name] != value or isinstance(event[name], bool):
            raise Wrong(f"event {seq}: {name} is {event[name]!r}")
    if not isinstance(event["kind"], str) or event["kind"] == "":
        raise Wrong(f"event {seq}: no kind")
    if not isinstance(at, str) or not AT.fullmatch(at):
        raise Wrong(f"event {seq}: no time")
    try:
        datetime.strptime(at, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007
    except ValueError as error:
        raise Wrong(f"event {seq}: {error}") from error
    if not isinstance(actor, dict) or sorted(actor) != ["id", "kind"]:
        raise Wrong(f"event {seq}: no actor")
    if actor["kind"] not in ACTORS or not isinstance(actor["id"], str):
        raise Wrong(f"event {seq}: an actor of no kind")
    if not isinstance(event["payload"], dict):
        raise Wrong(f"event {seq}: no payload")


def _check_openings(payloads: dict[int, dict[str, Any]], openings: list[Opening]) -> None:
    closed = {
        (seq, f"/payload/{name}"): value["commitment"]
        for seq, payload in payloads.items()
        for name, value in payload.items()
        if isinstance(value, dict) and list(value) == ["commitment"]
    }
    for opening in openings:
        place = (opening.seq, _text(opening.path))
        commitment = closed.pop(place, None)
        if commitment is None:
            raise Wrong(f"an opening of nothing at {place}")
        if opening.is_erased:
            if (opening.salt, opening.value) != (None, None):
                raise Wrong(f"erased and still there: {place}")
        elif not isinstance(opening.value, bytes) or not HEX.fullmatch(_text(opening.salt)):
            raise Wrong(f"half an opening at {place}")
        else:
            salted = b"\x00" + bytes.fromhex(_text(opening.salt)) + opening.value
            if hashlib.sha256(salted).hexdigest() != commitment:
                raise Wrong(f"the opening at {place} opens something else")
    if closed:
        raise Wrong(f"no opening for {sorted(closed)}")


def _written(value: Any) -> Iterator[str]:
    """RFC 8785 for the values that the format allows; ValueError for others."""
    if value is None or isinstance(value, bool):
        yield {None: "null", True: "true", False: "false"}[value]
    elif isinstance(value, int):
        if not -(2**53) < value < 2**53:
            raise ValueError("a number of 2**53 or more")
        yield str(value)
    elif isinstance(value, str):
        escaped = (SHORT.get(c) or (f"\\u{ord(c):04x}" if c < " " else c) for c in value)
        yield f'"{"".join(escaped)}"'
    elif isinstance(value, list):
        parts = ["".join(_written(part)) for part in value]
        yield f"[{','.join(parts)}]"
    elif isinstance(value, dict):
        if any(ord(c) > 127 for name in value for c in name):
            raise ValueError("a name that is not ASCII")
        pairs = (f"{''.join(_written(n))}:{''.join(_written(value[n]))}" for n in sorted(value))
        yield f"{{{','.join(pairs)}}}"


def _fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a name that comes twice")
    return dict(pairs)


def _none(text: str) -> None:
    raise ValueError(f"{text} is no value of this format")


def _rows(books: sqlite3.Connection, stream: str) -> list[Row]:
    found = books.execute(
        "SELECT seq, canonical, hash FROM evidence_events WHERE stream = ? ORDER BY seq", (stream,)
    )
    return [Row(*row) for row in found]


def _openings(books: sqlite3.Connection, stream: str) -> list[Opening]:
    found = books.execute(
        "SELECT seq, path, salt, value, erased_at FROM evidence_openings WHERE stream = ?",
        (stream,),
    )
    return [Opening(a, b, c, d, erased is not None) for a, b, c, d, erased in found]


def _text(stored: Any) -> str:
    """Stored bytes as text; what is no text becomes a text that equals nothing."""
    return stored.decode("utf-8", "replace") if isinstance(stored, bytes) else f"<{stored!r}>"
