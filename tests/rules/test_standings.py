"""Customers, enrolments and milestones move as document 1 says, and in no other way."""

from __future__ import annotations

from itertools import product

import pytest

from billing_core.errors import IllegalMove
from billing_core.rules import standings
from billing_core.rules.charge_states import ENDED, STATES

CUSTOMER = {
    ("pending", "activate"): "active",
    ("active", "suspend"): "suspended",
    ("suspended", "restore"): "active",
}
ENROLMENT = {
    ("active", "pause"): "paused",
    ("paused", "resume"): "active",
    ("active", "cancel"): "cancelled",
    ("paused", "cancel"): "cancelled",
}
MILESTONE = {
    ("planned", "start"): "in_progress",
    ("planned", "deliver"): "delivered",
    ("in_progress", "deliver"): "delivered",
    ("planned", "drop"): "dropped",
    ("in_progress", "drop"): "dropped",
    ("delivered", "reopen"): "in_progress",
}
KINDS = {
    "customer": (standings.move_customer, CUSTOMER),
    "enrolment": (standings.move_enrolment, ENROLMENT),
    "milestone": (standings.move_milestone, MILESTONE),
}
WORDS = sorted({w for _, table in KINDS.values() for (s, v), t in table.items() for w in (s, v, t)})


@pytest.mark.parametrize("kind", KINDS)
def test_every_move_of_the_table_and_no_other(kind: str) -> None:
    move, table = KINDS[kind]
    for state, verb in product(WORDS, WORDS):
        if (state, verb) in table:
            assert move(state, verb) == table[state, verb]
            continue
        with pytest.raises(IllegalMove) as refused:
            move(state, verb)
        assert refused.value.facts == {"state": state, "move": verb}
        assert f"This {kind} is {state.replace('_', ' ')}" in refused.value.sentence


@pytest.mark.parametrize("stored", ["planned", "in_progress", "delivered", "dropped"])
def test_without_a_live_charge_a_milestone_is_what_is_stored(stored: str) -> None:
    assert standings.shown_milestone(stored, None) == stored


@pytest.mark.parametrize("state", [state for state in STATES if state not in ENDED])
def test_billed_approved_and_paid_come_from_the_live_charge(state: str) -> None:
    shown = {"captured": "paid", "disputed": "paid", "approved": "approved"}.get(state, "billed")
    assert standings.shown_milestone("delivered", state) == shown
