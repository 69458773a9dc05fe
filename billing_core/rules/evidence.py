"""The evidence chain: its exact bytes, its commitments, and how to check it (document 4).

Pure: events come in as text and go out as text. Times and salts are given by the caller.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from billing_core.errors import EvidenceUnwritable

GENESIS = "0" * 64
_LARGEST = 2**53
_FIELDS = frozenset({"v", "stream", "seq", "kind", "at", "actor", "payload", "prev"})


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
    return hashlib.sha256(text.encode()).hexdigest()


def commit(salt: bytes, value: str) -> str:
    """The commitment to a personal value: hex SHA-256(0x00 || salt || UTF-8 value)."""
    return hashlib.sha256(b"\x00" + salt + value.encode()).hexdigest()


def conceal(
    payload: dict[str, Any], personal: Mapping[str, tuple[bytes, str]], seq: int
) -> tuple[dict[str, Any], tuple[Opening, ...]]:
    """The payload with commitments for its ``personal`` fields, and what opens them."""
    hidden = dict(payload)
    openings = []
    for name, (salt, value) in sorted(personal.items()):
        hidden[name] = {"commitment": commit(salt, value)}
        openings.append(Opening(seq, f"/payload/{name}", salt.hex(), value))
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
    stream: str, payloads: Mapping[int, dict[str, Any]], openings: Iterable[Opening]
) -> str:
    """The first opening that does not open its commitment, or ""."""
    for opening in openings:
        name = opening.path.removeprefix("/payload/")
        held = payloads.get(opening.seq, {}).get(name)
        wanted = held.get("commitment") if isinstance(held, dict) else None
        if wanted != commit(bytes.fromhex(opening.salt), opening.value):
            return f"{stream}: event {opening.seq}: {opening.path} does not open its commitment"
    return ""


def _check_event(stream: str, seq: int, prev: str, row: tuple[int, str, str]) -> str:
    stored_seq, text, stored_hash = row
    where = f"{stream}: event {seq}"
    if stored_seq != seq:
        return f"{where} is missing (the next one says {stored_seq})"
    if digest(text) != stored_hash:
        return f"{where}: its bytes do not match its hash"
    try:
        event = json.loads(text)
    except ValueError:
        return f"{where} is not JSON"
    if not isinstance(event, dict) or set(event) != _FIELDS or canonical(event) != text:
        return f"{where} is not in canonical form"
    if event["stream"] != stream or event["seq"] != seq or event["v"] != 1:
        return f"{where} says it is event {event['seq']} of {event['stream']}"
    if event["prev"] != prev:
        return f"{where} does not follow the event before it"
    return ""


def _check_value(value: object, *, depth: int) -> None:
    if depth > 16:
        raise EvidenceUnwritable("Evidence is nested too deeply.")
    if value is None or isinstance(value, (bool, str)):
        if isinstance(value, str):
            value.encode()
        return
    if isinstance(value, int):
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
