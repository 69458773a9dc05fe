"""The chain's bytes are RFC 8785's, its commitments open, and whatever is wrong has a sentence."""

from __future__ import annotations

import hashlib
import json
import math
from typing import Any

import pytest
import rfc8785
from hypothesis import example, given, settings
from hypothesis import strategies as st

from billing_core.errors import EvidenceUnwritable
from billing_core.rules import evidence
from billing_core.rules.evidence import Opening

STREAM = "sc_1"
AT = "2026-03-16T14:00:00.000000Z"
quick = settings(max_examples=200, deadline=None)
names = st.text(st.characters(max_codepoint=127), max_size=8)
allowed = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.text(st.characters(codec="utf-8"), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


def chain(length: int, stream: str = STREAM) -> list[tuple[int, str, str]]:
    """A sound chain of ``length`` events."""
    rows, prev = [], evidence.GENESIS
    for seq in range(1, length + 1):
        payload = {"amount_minor": seq * 100, "text": "é\u2028"}
        sealed = evidence.seal(stream=stream, seq=seq, kind="charge.fired", at=AT,
                               actor=("staff", "st_1"), payload=payload, prev=prev)  # fmt: skip
        rows.append((seq, sealed.canonical, sealed.hash))
        prev = sealed.hash
    return rows


def check(rows: list[tuple[Any, Any, Any]], *, length: int = 4, head: str | None = None) -> str:
    """What the rules say of these rows; the head is the sound chain's."""
    sound = chain(length)
    return evidence.check_chain(STREAM, rows, length=length, head=head or sound[-1][2])


@quick
@given(allowed)
@example({"\x7f": '\x00\x08\x0b\x1f\x7f\x80\u2028\u2029\uffff😀"\\/', "a": -0, "B": [2**53 - 1]})
def test_canonical_text_is_rfc_8785(value: Any) -> None:
    text = evidence.canonical(value)
    assert text.encode() == rfc8785.dumps(value)
    assert json.loads(text) == value
    assert evidence.digest(text) == hashlib.sha256(rfc8785.dumps(value)).hexdigest()


@pytest.mark.parametrize(
    "value",
    [1.0, 0.1, math.nan, math.inf, 2**53, -(2**53), 10**30, (1, 2), {1, 2}, b"bytes", object(),
     {1: "a"}, {None: "a"}, {"é": 1}, {"\ud800": 1}, "\ud800", ["a\udfff"], {"a": [{"b": 0.5}]}],
    ids=lambda value: repr(value)[:20],
)  # fmt: skip
def test_values_that_are_not_allowed_are_refused(value: object) -> None:
    with pytest.raises(EvidenceUnwritable):
        evidence.canonical(value)
    with pytest.raises(EvidenceUnwritable):
        evidence.canonical({"payload": [value]})


def test_nesting_has_a_bound() -> None:
    deep: list[Any] = []
    for _ in range(15):
        deep = [deep]
    assert evidence.canonical(deep) == "[" * 16 + "]" * 16
    for _ in range(5000):
        deep = [deep]
    with pytest.raises(EvidenceUnwritable, match="deeply"):
        evidence.canonical(deep)


@quick
@given(st.binary(min_size=32, max_size=32), st.text(st.characters(codec="utf-8")))
def test_a_commitment_is_salted_sha_256(salt: bytes, value: str) -> None:
    expected = hashlib.sha256(b"\x00" + salt + value.encode("utf-8")).hexdigest()
    assert evidence.commit(salt, value) == expected


def test_a_commitment_to_what_is_no_text_is_refused() -> None:
    with pytest.raises(EvidenceUnwritable):
        evidence.commit(b"\x00" * 32, "\ud800")


def test_personal_values_stand_outside() -> None:
    personal = {"name": (b"\x01" * 32, "Dana"), "address": (b"\x02" * 32, "203.0.113.7")}
    payload = {"amount_minor": 5}
    hidden, openings = evidence.conceal(payload, personal, 3)
    assert payload == {"amount_minor": 5}, "the caller's own is left alone"
    assert "Dana" not in evidence.canonical(hidden)
    assert hidden["name"] == {"commitment": evidence.commit(b"\x01" * 32, "Dana")}
    assert openings == (
        Opening(3, "/payload/address", "02" * 32, "203.0.113.7"),
        Opening(3, "/payload/name", "01" * 32, "Dana"),
    )
    assert evidence.check_openings(STREAM, {3: hidden}, openings) == ""


@pytest.mark.parametrize(
    "wrong",
    [
        Opening(3, "/payload/name", "01" * 32, "Dan"),
        Opening(3, "/payload/name", "03" * 32, "Dana"),
        Opening(3, "/payload/name", "01" * 31, "Dana"),
        Opening(3, "/payload/name", "0A" * 32, "Upper"),
        Opening(3, "/payload/name", "01 " * 32, "Dana"),
        Opening(3, "/payload/name", "no hex", "Dana"),
        Opening(3, "/payload/name", "é" * 64, "Dana"),
        Opening(3, "/payload/name", "", "Dana"),
        Opening(3, "/payload/name", "01" * 32, "\ud800"),
        Opening(3, "/payload/name", None, None),  # type: ignore[arg-type]
        Opening(3, "/payload/amount_minor", "01" * 32, "Dana"),
        Opening(3, "/payload/nothing", "01" * 32, "Dana"),
        Opening(3, "/actor/id", "01" * 32, "Dana"),
        Opening(3, "name", "01" * 32, "Dana"),
        Opening(4, "/payload/name", "01" * 32, "Dana"),
    ],
    ids=lambda opening: f"{opening.path}:{opening.salt!r:.8}",
)
def test_what_does_not_open_its_commitment_is_found(wrong: Opening) -> None:
    upper = evidence.commit(bytes.fromhex("0A" * 32), "Upper")
    known = "Dana" if wrong.value != "Upper" else "Upper"
    commitment = upper if known == "Upper" else evidence.commit(b"\x01" * 32, known)
    payloads = {3: {"name": {"commitment": commitment}, "amount_minor": 5}}
    found = evidence.check_openings(STREAM, payloads, [wrong])
    assert found.startswith(f"{STREAM}: event {wrong.seq}: {wrong.path}")


def test_an_opening_that_is_gone_is_found_unless_it_was_erased() -> None:
    personal = {"name": (b"\x01" * 32, "Dana"), "address": (b"\x02" * 32, "203.0.113.7")}
    hidden, (address, name) = evidence.conceal({}, personal, 3)
    assert evidence.check_openings(STREAM, {3: hidden}, [address]) == (
        f"{STREAM}: event 3: /payload/name has no opening, and none was erased"
    )
    erased = [(3, "/payload/name")]
    assert evidence.check_openings(STREAM, {3: hidden}, [address], erased) == ""
    assert evidence.check_openings(STREAM, {3: hidden}, [name], erased) != ""
    assert evidence.check_openings(STREAM, {3: hidden}, [], erased) != ""


@pytest.mark.parametrize("length", [1, 4, 40])
def test_a_sound_chain_holds(length: int) -> None:
    assert check(chain(length), length=length) == ""


def test_a_chain_that_never_began_holds() -> None:
    assert evidence.check_chain(STREAM, [], length=0, head=evidence.GENESIS) == ""
    assert evidence.check_chain(STREAM, [], length=1, head=evidence.GENESIS)
    assert evidence.check_chain(STREAM, [], length=0, head="a" * 64)


def test_the_first_thing_wrong_is_named() -> None:
    rows = chain(4)
    assert "event 2: its bytes do not match" in check([rows[0], (2, rows[1][1] + " ", rows[1][2])])
    assert "event 2 is missing" in check([rows[0], *rows[2:]])
    assert "event 1 is missing" in check(rows[1:])
    assert "3 events are there, its own row says 4" in check(rows[:3])
    assert "not the head its own row holds" in check(rows, head="a" * 64)
    assert "event 2 is missing" in check([rows[0], rows[2], rows[1], rows[3]])
    assert "event 1 does not follow" in check([reforged(rows[0], prev="f" * 64), *rows[1:]])
    assert "event 2 does not follow" in check([rows[0], reforged(rows[1], prev="f" * 64)])
    assert "says it is event 2 of sc_2" in check([rows[0], chain(4, "sc_2")[1]])


def reforged(row: tuple[int, str, str], **changes: Any) -> tuple[int, str, str]:
    """The event with other fields and a hash that fits them."""
    text = json.dumps(
        json.loads(row[1]) | changes, sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return row[0], text, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


@pytest.mark.parametrize(
    "changes",
    [
        {"v": 2}, {"v": True}, {"v": "1"}, {"v": 1.0}, {"seq": True}, {"seq": "1"}, {"seq": 1.0},
        {"seq": 2}, {"stream": "sc_2"}, {"stream": None}, {"extra": 1}, {"kind": 5}, {"kind": ""},
        {"at": "2026-03-16T14:00:00Z"}, {"at": "2026-03-16 14:00:00.000000Z"}, {"at": None},
        {"at": "2026-03-16T14:00:00.000000+00:00"}, {"at": "2026-13-16T14:00:00.000000Z"},
        {"at": AT + "\n"}, {"actor": "staff"}, {"actor": {"kind": "staff"}},
        {"actor": {"kind": "robot", "id": "st_1"}}, {"actor": {"kind": "staff", "id": 5}},
        {"actor": {"kind": "staff", "id": "st_1", "email": "a@b.co"}}, {"payload": []},
        {"payload": None}, {"payload": {"a": 0.5}}, {"payload": {"a": 2**53}},
        {"payload": {"é": 1}}, {"payload": {"a": math.nan}}, {"payload": {"a": "\ud800"}},
        {"prev": None}, {"prev": 0}, {"prev": "0" * 63},
    ],
    ids=repr,
)  # fmt: skip
def test_an_event_in_another_format_is_found_though_its_hash_fits(changes: dict[str, Any]) -> None:
    forged = reforged(chain(1)[0], **changes)
    found = evidence.check_chain(STREAM, [forged], length=1, head=forged[2])
    assert found.startswith(f"{STREAM}: event 1")


@pytest.mark.parametrize(
    "text",
    ["", "null", "[]", "5", "{", '{"v":1}', "\ufeff{}", "[" * 100_000, "NaN", '{"a":1,"a":2}',
     "\ud800"],
    ids=lambda text: repr(text)[:20],
)  # fmt: skip
def test_bytes_that_are_no_event_are_found_though_their_hash_fits(text: str) -> None:
    head = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
    found = evidence.check_chain(STREAM, [(1, text, head)], length=1, head=head)
    assert found.startswith(f"{STREAM}: event 1")


def test_another_spelling_of_the_same_event_is_found() -> None:
    _, text, _ = chain(1)[0]
    event = json.loads(text)
    spellings = [
        text + " ",
        text.replace('"v":1', '"v": 1'),
        text.replace("é", "\\u00e9"),
        json.dumps(dict(reversed(event.items())), separators=(",", ":"), ensure_ascii=False),
        text.replace('"v":1', '"v":1,"v":1'),
        text.replace('"amount_minor":100', '"amount_minor":1e2'),
        text.replace("fired", "\\u0066ired"),
    ]
    for spelling in spellings:
        assert spelling != text
        head = evidence.digest(spelling)
        found = evidence.check_chain(STREAM, [(1, spelling, head)], length=1, head=head)
        assert "is not in canonical form" in found, spelling
