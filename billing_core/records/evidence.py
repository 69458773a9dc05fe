"""The evidence chain as stored: append in the transaction of the fact, read in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Table, Text, bindparam, select, type_coerce, update

from billing_core import clock, ids
from billing_core.records import db, rows, tables
from billing_core.rules import evidence
from billing_core.rules.nouns import Actor, Event

_E = tables.events
_O = tables.openings
_SUBJECTS: dict[str, Table] = {
    "sc_": tables.charges,
    "bc_": tables.customers,
    "prj": tables.projects,
}
_HEADS = {
    prefix: select(t.c.chain_length, t.c.chain_head)
    .where(t.c.id == bindparam("stream"))
    .with_for_update()
    for prefix, t in _SUBJECTS.items()
}
_GROW = {
    prefix: update(t)
    .where(t.c.id == bindparam("stream"))
    .values(chain_length=bindparam("length"), chain_head=bindparam("head"))
    for prefix, t in _SUBJECTS.items()
}
_CHAIN = (
    select(_E.c.seq, _E.c.canonical, _E.c.hash)
    .where(_E.c.stream == bindparam("stream"))
    .order_by(_E.c.seq)
)
_OPENINGS = (
    select(_O.c.seq, _O.c.path, _O.c.salt, _O.c.value)
    .where(_O.c.stream == bindparam("stream"), _O.c.erased_at.is_(None))
    .order_by(_O.c.seq, _O.c.path)
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing to write down. ``personal`` fields stand in the payload as commitments only."""

    kind: str
    actor: Actor
    payload: dict[str, Any] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)


def append(connection: Connection, stream: str, *facts: Fact) -> str:
    """Append facts to a stream whose subject's row the caller holds; returns the new head.

    Raises EvidenceUnwritable, and the caller's whole transaction must end with it (I18).
    """
    row = connection.execute(_HEADS[stream[:3]], {"stream": stream}).one()
    return _grow(connection, stream, row.chain_length, row.chain_head, facts)


def start(connection: Connection, stream: str, *facts: Fact) -> str:
    """As ``append``, for the first facts of a subject whose row this transaction has made."""
    return _grow(connection, stream, 0, evidence.GENESIS, facts)


def _grow(
    connection: Connection, stream: str, length: int, head: str, facts: Sequence[Fact]
) -> str:
    sealed, opened = [], []
    for fact in facts:
        length += 1
        event, openings = _seal(stream, length, head, fact)
        head = event["hash"]
        sealed.append(event)
        opened += openings
    rows.add(connection, _E, *sealed)
    if opened:
        rows.add(connection, _O, *opened)
    connection.execute(_GROW[stream[:3]], {"stream": stream, "length": length, "head": head})
    return str(head)


def of_stream(connection: Connection, stream: str) -> list[Event]:
    """All events of a stream in order, parsed."""
    return [_event(row) for row in _raw(connection, stream)]


def raw_of_stream(connection: Connection, stream: str) -> list[tuple[int, str, str]]:
    """(seq, canonical text, stored hash) of a stream in order, as ``rules.evidence`` checks it."""
    return [(row.seq, row.canonical, row.hash) for row in _raw(connection, stream)]


def openings_of(connection: Connection, stream: str) -> list[evidence.Opening]:
    """The openings of a stream that were not erased."""
    found = connection.execute(_OPENINGS, {"stream": stream})
    return [evidence.Opening(*row) for row in found]


def erased_of(connection: Connection, stream: str) -> list[tuple[int, str]]:
    """(seq, path) of the openings whose value and salt were both taken out on purpose."""
    gone = _O.c.salt.is_(None) & _O.c.value.is_(None)
    statement = (
        select(_O.c.seq, _O.c.path)
        .where(_O.c.stream == stream, _O.c.erased_at.is_not(None), gone)
        .order_by(_O.c.seq, _O.c.path)
    )
    return [(row.seq, row.path) for row in connection.execute(statement)]


def erasures_of(connection: Connection, stream: str) -> list[dict[str, Any]]:
    """What was taken out on purpose, when and why, as a pack tells it; erased_at is a stamp."""
    statement = (
        select(_O.c.seq, _O.c.path, _O.c.erased_at, _O.c.erased_why)
        .where(_O.c.stream == stream, _O.c.erased_at.is_not(None))
        .order_by(_O.c.seq, _O.c.path)
    )
    return [
        {
            "seq": row.seq,
            "path": row.path,
            "erased_at": clock.stamp(row.erased_at),
            "why": row.erased_why or "",
        }
        for row in connection.execute(statement)
    ]


def erase(connection: Connection, streams: list[str], *, why: str, at: datetime) -> tuple[int, int]:
    """Take values and salts out of the openings of ``streams``: how many, of how many chains."""
    count = touched = 0
    for stream in streams:
        there = (_O.c.stream == stream) & _O.c.erased_at.is_(None)
        gone = {"salt": None, "value": None, "erased_at": at, "erased_why": why}
        done = connection.execute(update(_O).where(there).values(gone)).rowcount
        count, touched = count + done, touched + bool(done)
    return count, touched


def subjects(connection: Connection) -> Iterator[tuple[str, int, str]]:
    """(stream, length, head) of every subject that has or had a chain."""
    for table in _SUBJECTS.values():
        statement = select(table.c.id, table.c.chain_length, table.c.chain_head).order_by(
            table.c.id
        )
        for row in connection.execute(statement):
            yield row.id, row.chain_length, row.chain_head


def orphans(connection: Connection) -> list[str]:
    """Streams that have events or openings but no subject; none in sound books."""
    found: set[str] = set()
    for table in (_E, _O):
        statement = select(table.c.stream).distinct()
        for subject in _SUBJECTS.values():
            statement = statement.where(table.c.stream.not_in(select(subject.c.id)))
        found |= set(connection.execute(statement.limit(20)).scalars())
    return sorted(found)


def _seal(
    stream: str, seq: int, head: str, fact: Fact
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    now = clock.now()
    salted = {name: (ids.new_salt(), value) for name, value in fact.personal.items()}
    payload, openings = evidence.conceal(fact.payload, salted, seq)
    event = evidence.seal(
        stream=stream,
        seq=seq,
        kind=fact.kind,
        at=clock.stamp(now),
        actor=(fact.actor.kind, fact.actor.id),
        payload=payload,
        prev=head,
    )
    row = {
        "stream": stream,
        "seq": seq,
        "kind": fact.kind,
        "at": now,
        "canonical": event.canonical,
        "hash": event.hash,
    }
    return row, [
        {"stream": stream, "seq": o.seq, "path": o.path, "salt": o.salt, "value": o.value}
        for o in openings
    ]


def _raw(connection: Connection, stream: str) -> list[Row[Any]]:
    return list(connection.execute(_CHAIN, {"stream": stream}))


def _event(row: Row[Any]) -> Event:
    parsed = rows.load(row.canonical)
    return Event(
        stream=parsed["stream"],
        seq=parsed["seq"],
        kind=parsed["kind"],
        at=parsed["at"],
        actor=Actor(parsed["actor"]["kind"], parsed["actor"]["id"]),
        payload=parsed["payload"],
        hash=row.hash,
        canonical=row.canonical,
    )


def columns_of(connection: Connection, stream: str) -> list[tuple[int, str, str]]:
    """(seq, kind, stamp of the time) as the rows' own columns say, to compare with the bytes."""
    if db.is_sqlite(connection):
        # the text as it lies there: reading it as a time would forgive changes, or fail
        statement = select(_E.c.seq, _E.c.kind, type_coerce(_E.c.at, Text).label("at"))
        rows_of = connection.execute(statement.where(_E.c.stream == stream))
        return [(row.seq, row.kind, _stamp_of(str(row.at))) for row in rows_of]
    plain = select(_E.c.seq, _E.c.kind, _E.c.at).where(_E.c.stream == stream)
    return [(row.seq, row.kind, clock.stamp(row.at)) for row in connection.execute(plain)]


def _stamp_of(stored: str) -> str:
    day, space, time = stored.partition(" ")
    return f"{day}T{time}Z" if space else stored
