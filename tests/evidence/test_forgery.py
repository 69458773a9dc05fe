"""A forger who links everything anew: whatever one verifier lets through, so does the other.

Both were written from the same lines of document 4. Here they read chains whose hashes all fit, in
every wrong format we could think of, and in right ones: they must always say the same.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing_core.rules import evidence
from tests.evidence import second_verifier
from tests.evidence.conftest import Vault
from tests.evidence.second_verifier import Row, Wrong

STREAM = "sc_1"
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**54), 2**54)
    | st.sampled_from([2**53, 2**53 - 1, -(2**53), 0.5, 1.0, 1e400])
    | st.text(max_size=8)
    | st.sampled_from(["\ud800", "\u2028", "\x7f", "\x00", '"', "\\", "é", "client", STREAM])
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=3) | st.sampled_from(["é", "commitment"]), inner,
                          max_size=3)
    ),
    max_leaves=6,
)  # fmt: skip
fields = st.sampled_from(["v", "stream", "seq", "kind", "at", "actor", "payload", "prev", "more"])
times = st.sampled_from(
    ["2026-03-16T14:00:00.000000Z", "2026-02-29T14:00:00.000000Z", "2026-03-16T24:00:00.000000Z",
     "2026-03-16T14:00:60.000000Z", "2026-03-16t14:00:00.000000z", "2026-3-16T14:00:00.000000Z",
     "0000-03-16T14:00:00.000000Z", "2026-03-16T14:00:00.000000Z ",
     "２０２６-03-16T14:00:00.000000Z"]
)  # fmt: skip
actors = st.fixed_dictionaries(
    {"kind": st.sampled_from(["client", "staff", "key", "gateway", "system", "Client", "", 5])},
    optional={"id": st.sampled_from(["st_1", "", 5, None]), "name": st.just("Dana")},
)
changes = st.one_of(
    st.tuples(fields, values),
    st.tuples(st.just("at"), times),
    st.tuples(st.just("actor"), actors),
    st.tuples(st.sampled_from(["v", "seq"]), st.sampled_from([True, 1, 2, "1", 1.0, None])),
    st.tuples(st.just("payload"), st.dictionaries(st.text(max_size=3), values, max_size=3)),
    st.tuples(st.just("drop"), fields),
)
spellings = st.sampled_from(["canonical", "unsorted", "spaced", "ascii", "twice", "newline", "bom"])


def spell(event: Any, how: str) -> str:
    """The event as JSON text, canonical or not quite."""
    options: dict[str, Any] = {"sort_keys": True, "separators": (",", ":"), "ensure_ascii": False}
    if how == "unsorted" and isinstance(event, dict):
        event, options["sort_keys"] = dict(sorted(event.items(), reverse=True)), False
    if how == "spaced":
        options["separators"] = (", ", ":")
    options["ensure_ascii"] = how == "ascii"
    text = json.dumps(event, **options)
    twice = '{"v":1,' + text[1:]
    return {"twice": twice, "newline": text + "\n", "bom": "\ufeff" + text}.get(how, text)


def forge(change: tuple[str, Any], how: str) -> list[tuple[int, str, str]]:
    """A chain of three whose middle event was changed; every hash fits."""
    rows: list[tuple[int, str, str]] = []
    prev = evidence.GENESIS
    for seq in (1, 2, 3):
        event: dict[str, Any] = {
            "v": 1, "stream": STREAM, "seq": seq, "kind": "charge.fired", "prev": prev,
            "at": "2026-03-16T14:00:00.000000Z", "actor": {"kind": "staff", "id": "st_1"},
            "payload": {"amount_minor": seq},
        }  # fmt: skip
        name, value = change
        if seq == 2 and name == "drop":
            event.pop(value, None)
        elif seq == 2:
            event[name] = value
        text = spell(event, how if seq == 2 else "canonical")
        prev = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
        rows.append((seq, text, prev))
    return rows


def first(rows: list[tuple[int, str, str]]) -> str:
    """What the product says: chain, then openings (there are none)."""
    problem = evidence.check_chain(STREAM, rows, length=3, head=rows[-1][2])
    payloads = {seq: json.loads(text)["payload"] for seq, text, _ in rows if not problem}
    return problem or evidence.check_openings(STREAM, payloads, [])


def second(rows: list[tuple[int, str, str]]) -> str:
    """What the second verifier says."""
    stored = [Row(n, t.encode("utf-8", "surrogatepass"), h.encode()) for n, t, h in rows]
    try:
        second_verifier.check_chain(STREAM, stored, 3, rows[-1][2].encode(), [])
    except Wrong as wrong:
        return str(wrong)
    return ""


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(changes, spellings)
def test_both_say_the_same(change: tuple[str, Any], how: str) -> None:
    rows = forge(change, how)
    found, also = first(rows), second(rows)
    assert bool(found) == bool(also), f"{rows[1][1]!r}: first {found!r}, second {also!r}"


@pytest.mark.parametrize("how", ["unsorted", "spaced", "twice", "newline", "bom"])
def test_only_the_canonical_spelling_is_taken(how: str) -> None:
    assert first(forge(("v", 1), "canonical")) == second(forge(("v", 1), "canonical")) == ""
    assert "canonical" in first(forge(("v", 1), how))
    assert second(forge(("v", 1), how))


def test_a_whole_chain_forged_anew_looks_whole(vault: Vault, stories: dict[str, str]) -> None:
    """What a chain alone cannot show, checkpoints outside the house will: nothing else hides it."""
    change = ("payload", {"amount_minor": 1})
    assert first(forge(change, "canonical")) == second(forge(change, "canonical")) == ""
    stream = stories["by hand"]
    ((seq, text),) = vault.ask(
        "SELECT seq, canonical FROM evidence_events WHERE stream = ? AND kind = 'payment.recorded'",
        stream,
    )
    prev, length = "", 0
    with vault.open() as raw:
        rows = raw.execute(
            "SELECT rowid, seq, canonical FROM evidence_events WHERE stream = ? ORDER BY seq",
            (stream,),
        ).fetchall()
        for row, number, canonical in rows:
            event = json.loads(canonical)
            event["prev"] = prev or event["prev"]
            if number == seq:
                event["payload"]["reference"] = "No 8"
            forged = spell(event, "canonical")
            prev, length = hashlib.sha256(forged.encode()).hexdigest(), number
            statement = "UPDATE evidence_events SET canonical = ?, hash = ? WHERE rowid = ?"
            raw.execute(statement, (forged, prev, row))
    assert str(text) != ""
    (problem,) = vault.problems()
    assert "head" in problem, "until the subject's own row was forged as well"
    vault.run("UPDATE charges SET chain_head = ? WHERE id = ?", prev, stream)
    assert length == len(rows)
    assert vault.problems() == ()
    assert vault.second_problems() == {}
