"""What happened to charges, fact by fact, as machines read it: without a value about a person.

A chain's payloads hold such values as commitments only; nothing is opened here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from billing_core.records import charges, db, happenings, rows
from billing_core.reports.pages import Page
from billing_core.rules.happenings import event_type
from billing_core.rules.nouns import Charge


@dataclass(frozen=True, slots=True)
class Happening:
    """One fact: ``kind`` as the chain has it, ``type`` as machines know it; ``charge`` is the
    charge as it is now."""

    type: str
    kind: str
    at: datetime
    seq: int
    actor: dict[str, str]
    payload: dict[str, Any]
    hash: str
    charge: Charge


def page(*, limit: int, after: str = "", **which: Any) -> Page[Happening]:
    """Facts, the latest first; ``since``, ``until`` and ``charge_id`` as in ``records``."""
    with db.read_only() as connection:
        found = happenings.page(connection, limit=limit + 1, after=_place(after), **which)
        told = _told(connection, found[:limit])
    last = told[-1] if len(found) > limit else None
    return Page(told, f"{last.charge.id}.{last.seq}" if last else None)


def _place(cursor: str) -> tuple[str, int] | None:
    stream, _, seq = cursor.partition(".")
    return (stream, int(seq)) if cursor else None


def _told(connection: Connection, found: list[Row[Any]]) -> tuple[Happening, ...]:
    events = [rows.load(row.canonical) for row in found]
    tried = [str(event["payload"].get("attempt", "")) for event in events]
    vias = happenings.vias(connection, [one for one in tried if one])
    return tuple(
        _one(row, event, vias.get(attempt, ""))
        for row, event, attempt in zip(found, events, tried, strict=True)
    )


def _one(row: Row[Any], event: dict[str, Any], via: str) -> Happening:
    charge, kind = charges.of(row), str(event["kind"])
    return Happening(
        type=event_type(kind, capture_mode=charge.capture_mode, via=via),
        kind=kind,
        at=row.at,
        seq=row.seq,
        actor=event["actor"],
        payload=event["payload"],
        hash=row.event_hash,
        charge=charge,
    )
