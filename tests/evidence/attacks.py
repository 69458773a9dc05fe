"""Ways to tamper with books below every rule of ours: one function each, random but repeatable.

Each takes the open file and dice, does one thing to it, and returns the stream it concerns with a
word on what was done. The two sets say which of them concern the chain itself.
"""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from typing import Any

Books = sqlite3.Connection
Attack = Callable[[Books, random.Random], tuple[str, str]]
HEX = "0123456789abcdef"


def pick(books: Books, dice: random.Random, question: str, *values: object) -> tuple[Any, ...]:
    """One random row of a question."""
    return tuple(dice.choice(books.execute(question, values).fetchall()))


def mangled(data: bytes, dice: random.Random) -> bytes:
    """The same bytes with one changed, added or taken away; never the same."""
    while True:
        at, new = dice.randrange(len(data)), bytes([dice.randrange(256)])
        keep = dice.choice([data[at:], data[at + 1 :]])
        other = data[:at] + dice.choice([new, b""]) + keep
        if other != data:
            return other


def change_bytes(column: str, table: str = "evidence_events") -> Attack:
    """Change one byte of a text column, which may leave it no text at all."""
    own = "stream" if table.startswith("evidence") else "id"

    def attack(books: Books, dice: random.Random) -> tuple[str, str]:
        question = f"SELECT rowid, {own}, CAST({column} AS BLOB) FROM {table}"
        row, stream, data = pick(books, dice, f"{question} WHERE length({column}) > 0")
        other = mangled(data, dice)
        statement = f"UPDATE {table} SET {column} = CAST(? AS TEXT) WHERE rowid = ?"
        books.execute(statement, (other, row))
        return stream, f"{table}.{column}: {data[:60]!r} became {other[:60]!r}"

    attack.__name__ = f"change_{table}_{column}"
    return attack


def change_seq(books: Books, dice: random.Random) -> tuple[str, str]:
    """Give an event another place, one that is free."""
    row, stream, seq = pick(books, dice, "SELECT rowid, stream, seq FROM evidence_events")
    taken = {n for (n,) in books.execute("SELECT seq FROM evidence_events WHERE stream = ?",
                                         (stream,))}  # fmt: skip
    free = [n for n in (-1, 0, len(taken) + 1, len(taken) + 7, 2**40, "x", 1.5) if n not in taken]
    other = dice.choice(free)
    books.execute("UPDATE evidence_events SET seq = ? WHERE rowid = ?", (other, row))
    return stream, f"event {seq} is {other!r} now"


def change_stream(books: Books, dice: random.Random) -> tuple[str, str]:
    """Move an event to another chain."""
    row, stream, seq = pick(books, dice, "SELECT rowid, stream, seq FROM evidence_events")
    others = [s for (s,) in books.execute("SELECT id FROM charges WHERE id <> ?", (stream,))]
    other = dice.choice([*others, "sc_unknown", "bc_unknown", "xx", ""])
    books.execute("UPDATE OR REPLACE evidence_events SET stream = ? WHERE rowid = ?", (other, row))
    return stream, f"event {seq} moved to {other!r}"


def delete_event(books: Books, dice: random.Random) -> tuple[str, str]:
    """Take one event out, wherever it stands."""
    row, stream, seq = pick(books, dice, "SELECT rowid, stream, seq FROM evidence_events")
    books.execute("DELETE FROM evidence_events WHERE rowid = ?", (row,))
    return stream, f"event {seq} is gone"


def close_the_gap(books: Books, dice: random.Random) -> tuple[str, str]:
    """Take one event out and number the later ones anew."""
    stream, seq = delete_event(books, dice)
    gone = int(seq.split()[1])
    moved = books.execute(
        "SELECT rowid, seq FROM evidence_events WHERE stream = ? AND seq > ? ORDER BY seq",
        (stream, gone),
    ).fetchall()
    for row, number in moved:
        books.execute("UPDATE evidence_events SET seq = ? WHERE rowid = ?", (number - 1, row))
    length = dice.choice(["chain_length", "chain_length - 1"])
    head = dice.choice(["chain_head", "'" + "0" * 64 + "'"]) if not moved else "chain_head"
    books.execute(
        f"UPDATE charges SET chain_length = {length}, chain_head = {head} WHERE id = ?", (stream,)
    )
    return stream, f"{seq}, {len(moved)} moved up, {length}, {head}"


def insert_event(books: Books, dice: random.Random) -> tuple[str, str]:
    """Add a copy of an event, of this chain or another, at the end or out of the way."""
    stream, length = pick(books, dice, "SELECT id, chain_length FROM charges")
    kind, at, text, digest = pick(
        books, dice, "SELECT kind, at, canonical, hash FROM evidence_events"
    )
    seq = dice.choice([length + 1, length + 5, 0, -1])
    values = (stream, seq, kind, at, text, digest)
    books.execute("INSERT INTO evidence_events VALUES (?, ?, ?, ?, ?, ?)", values)
    adapt = dice.random() < 0.5
    if adapt:
        books.execute("UPDATE charges SET chain_length = chain_length + 1 WHERE id = ?", (stream,))
    return stream, f"event {seq} ({kind}) added, length adapted: {adapt}"


def swap_events(books: Books, dice: random.Random) -> tuple[str, str]:
    """Exchange the places of two events of one chain."""
    (stream,) = pick(books, dice, "SELECT id FROM charges")
    rows = books.execute(
        "SELECT rowid, seq FROM evidence_events WHERE stream = ?", (stream,)
    ).fetchall()
    (one, first), (two, second) = dice.sample(rows, 2)
    for row, seq in ((one, -5), (two, first), (one, second)):
        books.execute("UPDATE evidence_events SET seq = ? WHERE rowid = ?", (seq, row))
    return stream, f"events {first} and {second} changed places"


def cut_tail(books: Books, dice: random.Random) -> tuple[str, str]:
    """Drop the last events; adapt the length or the head, but not both."""
    stream, length = pick(books, dice, "SELECT id, chain_length FROM charges")
    kept = dice.randrange(length)
    books.execute("DELETE FROM evidence_events WHERE stream = ? AND seq > ?", (stream, kept))
    last = f"SELECT hash FROM evidence_events WHERE stream = '{stream}' AND seq = {kept}"
    change = dice.choice(
        ["chain_length = chain_length", f"chain_length = {kept}"]
        + ([f"chain_head = ({last})"] if kept else [])
    )
    books.execute(f"UPDATE charges SET {change} WHERE id = ?", (stream,))
    return stream, f"{kept} of {length} left, {change[:30]}"


def drop_the_subject(books: Books, dice: random.Random) -> tuple[str, str]:
    """Take the charge out and leave its chain, or only its events, or only its openings."""
    (stream,) = pick(books, dice, "SELECT id FROM charges")
    books.execute("DELETE FROM charges WHERE id = ?", (stream,))
    also = dice.choice(["", "evidence_events", "evidence_openings"])
    if also:
        books.execute(f"DELETE FROM {also} WHERE stream = ?", (stream,))
    return stream, f"its charge is gone, and {also or 'nothing else'}"


def change_subject(column: str) -> Attack:
    """Give a charge's row another length or head than its chain has."""

    def attack(books: Books, dice: random.Random) -> tuple[str, str]:
        question = f"SELECT id, {column} FROM charges"
        stream, value = pick(books, dice, question)
        if column == "chain_length":
            other = value + dice.choice([-value, -1, 1, 2, 1000])
        else:
            at = dice.randrange(64)
            letter = dice.choice([c for c in HEX + "ABCDEF" if c != value[at]])
            other = dice.choice([value[:at] + letter + value[at + 1 :], "0" * 64, value.upper()])
        books.execute(f"UPDATE charges SET {column} = ? WHERE id = ?", (other, stream))
        return stream, f"{column}: {value} became {other}"

    attack.__name__ = f"change_{column}"
    return attack


def delete_opening(books: Books, dice: random.Random) -> tuple[str, str]:
    """Take a personal value out without saying so."""
    row, stream, path = pick(books, dice, "SELECT rowid, stream, path FROM evidence_openings")
    books.execute("DELETE FROM evidence_openings WHERE rowid = ?", (row,))
    return stream, f"{path} is gone"


def move_opening(books: Books, dice: random.Random) -> tuple[str, str]:
    """Let a personal value stand for another event, field or charge."""
    row, stream, seq, path = pick(
        books, dice, "SELECT rowid, stream, seq, path FROM evidence_openings"
    )
    change = dice.choice(
        ["seq = seq + 100", "seq = -seq", "path = '/payload/other'", "path = '/actor/id'",
         "path = substr(path, 2)", "stream = 'sc_unknown'", "path = path || '/x'"]
    )  # fmt: skip
    books.execute(f"UPDATE evidence_openings SET {change} WHERE rowid = ?", (row,))
    return stream, f"opening {seq}{path}: {change}"


CHAIN: tuple[Attack, ...] = (
    change_bytes("canonical"),
    change_bytes("hash"),
    change_bytes("stream"),
    change_seq,
    change_stream,
    delete_event,
    close_the_gap,
    insert_event,
    swap_events,
    cut_tail,
    drop_the_subject,
    change_subject("chain_length"),
    change_subject("chain_head"),
    change_bytes("salt", "evidence_openings"),
    change_bytes("value", "evidence_openings"),
    change_bytes("path", "evidence_openings"),
    change_bytes("stream", "evidence_openings"),
    delete_opening,
    move_opening,
)
