"""The evidence chain: its exact bytes, its commitments, and how to check it (document 4).

Pure: events come in as text and go out as text. Times and salts are given by the caller.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from billing_core.errors import EvidenceUnwritable

GENESIS = "0" * 64
_LARGEST = 2**53
_DEEPEST = 16
_FIELDS = frozenset({"v", "stream", "seq", "kind", "at", "actor", "payload", "prev"})
ACTOR_KINDS = frozenset({"client", "staff", "key", "gateway", "system"})
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", re.ASCII)
_HEX = re.compile(r"[0-9a-f]{64}")
_PAYLOAD = "/payload/"


@dataclass(frozen=True, slots=True)
class Sealed:
    """One finished event: the canonical text that was hashed, and its hash."""

    stream: str
    seq: int
    kind: str
    at: str
    canonical: str
    hash: str


@dataclass(frozen=True, slots=True)
class Opening:
    """What opens one commitment: the value at ``path`` (JSON pointer) in event ``seq``."""

    seq: int
    path: str
    salt: str
    value: str


def canonical(value: object) -> str:
    """The canonical JSON text (RFC 8785 for the values we allow); others are refused."""
    _check_value(value, depth=0)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def digest(text: str) -> str:
    """Lower-case hex SHA-256 of the text's UTF-8 bytes."""
    return hashlib.sha256(_utf8(text)).hexdigest()


def commit(salt: bytes, value: str) -> str:
    """The commitment to a personal value: hex SHA-256(0x00 || salt || UTF-8 value)."""
    return hashlib.sha256(b"\x00" + salt + _utf8(value)).hexdigest()


def conceal(
    payload: dict[str, Any], personal: Mapping[str, tuple[bytes, str]], seq: int
) -> tuple[dict[str, Any], tuple[Opening, ...]]:
    """The payload with commitments for its ``personal`` fields, and what opens them."""
    hidden = dict(payload)
    openings = []
    for name, (salt, value) in sorted(personal.items()):
        hidden[name] = {"commitment": commit(salt, value)}
        openings.append(Opening(seq, f"{_PAYLOAD}{name}", salt.hex(), value))
    return hidden, tuple(openings)


def seal(
    *,
    stream: str,
    seq: int,
    kind: str,
    at: str,
    actor: tuple[str, str],
    payload: dict[str, Any],
    prev: str,
) -> Sealed:
    """Build one event and its hash. ``seq`` from 1, the first ``prev`` is 64 zeros."""
    event = {
        "v": 1,
        "stream": stream,
        "seq": seq,
        "kind": kind,
        "at": at,
        "actor": {"kind": actor[0], "id": actor[1]},
        "payload": payload,
        "prev": prev,
    }
    text = canonical(event)
    return Sealed(stream, seq, kind, at, text, digest(text))


def check_chain(
    stream: str, rows: Iterable[tuple[int, str, str]], *, length: int, head: str
) -> str:
    """The first thing wrong with a chain, or "" when it holds.

    ``rows`` are (seq, canonical text, stored hash) in order; ``length`` and ``head`` come from the
    subject's own row, so a cut tail is found.
    """
    prev, count = GENESIS, 0
    for seq, text, stored in rows:
        count += 1
        problem = _check_event(stream, count, prev, (seq, text, stored))
        if problem:
            return problem
        prev = stored
    if count != length:
        return f"{stream}: {count} events are there, its own row says {length}"
    if prev != head:
        return f"{stream}: the last hash is not the head its own row holds"
    return ""


def check_openings(
    stream: str,
    payloads: Mapping[int, dict[str, Any]],
    openings: Iterable[Opening],
    erased: Iterable[tuple[int, str]] = (),
) -> str:
    """The first opening that does not open its commitment, or ""; also one that is not there.

    ``erased`` are the (seq, path) of openings whose value and salt were taken out on purpose.
    """
    held = {
        (seq, f"{_PAYLOAD}{name}"): value["commitment"]
        for seq, payload in payloads.items()
        for name, value in payload.items()
        if isinstance(value, dict) and set(value) == {"commitment"}
    }
    missing = dict(held)
    for opening in openings:
        place = (opening.seq, opening.path)
        if not _opens(opening, held.get(place)):
            return f"{stream}: event {place[0]}: {place[1]} does not open its commitment"
        missing.pop(place, None)
    for seq, path in sorted(set(missing) - set(erased)):
        return f"{stream}: event {seq}: {path} has no opening, and none was erased"
    return ""


def _opens(opening: Opening, commitment: str | None) -> bool:
    """A tampered opening may hold anything, even nothing."""
    if not _HEX.fullmatch(str(opening.salt)):
        return False
    try:
        return commitment == commit(bytes.fromhex(opening.salt), opening.value)
    except EvidenceUnwritable:
        return False


def _check_event(stream: str, seq: int, prev: str, row: tuple[int, str, str]) -> str:
    stored_seq, text, stored_hash = row
    where = f"{stream}: event {seq}"
    if stored_seq != seq:
        return f"{where} is missing (the next one says {stored_seq})"
    try:
        if digest(text) != stored_hash:
            return f"{where}: its bytes do not match its hash"
        event = json.loads(text)
        if canonical(event) != text or any(_misshapen(event)):
            return f"{where} is not in canonical form"
    except (ValueError, RecursionError, EvidenceUnwritable):
        return f"{where} is not in canonical form"
    if event["stream"] != stream or event["seq"] != seq:
        return f"{where} says it is event {event['seq']} of {event['stream']}"
    if event["prev"] != prev:
        return f"{where} does not follow the event before it"
    return ""


def _misshapen(event: Any) -> Iterator[bool]:
    """What the format of document 4 asks of an event, one question after the other."""
    yield not isinstance(event, dict) or set(event) != _FIELDS
    yield type(event["v"]) is not int or event["v"] != 1
    yield type(event["seq"]) is not int
    yield not isinstance(event["kind"], str) or not event["kind"]
    yield not isinstance(event["at"], str) or not _STAMP.fullmatch(event["at"])
    datetime.fromisoformat(event["at"])  # ValueError where the calendar has no such day
    actor = event["actor"]
    yield not isinstance(actor, dict) or set(actor) != {"kind", "id"}
    yield actor["kind"] not in ACTOR_KINDS or not isinstance(actor["id"], str)
    yield not isinstance(event["payload"], dict)


def _utf8(text: object) -> bytes:
    try:
        if isinstance(text, str):
            return text.encode()
    except UnicodeEncodeError:
        pass
    raise EvidenceUnwritable("Evidence holds what is no Unicode text.")


def _check_value(value: object, *, depth: int) -> None:
    if depth > _DEEPEST:
        raise EvidenceUnwritable("Evidence is nested too deeply.")
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, str):
        _utf8(value)
    elif isinstance(value, int):
        if abs(value) >= _LARGEST:
            raise EvidenceUnwritable("A number in evidence is too large.")
    elif isinstance(value, list):
        for part in value:
            _check_value(part, depth=depth + 1)
    elif isinstance(value, dict):
        for name, part in value.items():
            if not isinstance(name, str) or not name.isascii():
                raise EvidenceUnwritable("A field name in evidence is not ASCII.")
            _check_value(part, depth=depth + 1)
    else:
        raise EvidenceUnwritable(f"Evidence cannot hold a {type(value).__name__}.")
