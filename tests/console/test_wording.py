"""One word, colour and icon for each state, the same everywhere, as the look has them."""

from __future__ import annotations

import pytest

from billing_core.rules import charge_states
from billing_core.rules.amounts import CAPTURE_MODES, TRIGGER_MODES
from console import charge_parts, money_dialogs, wording

# word, colour, icon: the table of the look
LOOK = {
    "pending_client": ("Waiting", "orange", "schedule"),
    "changes_requested": ("Changes requested", "violet", "rate_review"),
    "approved": ("Approved", "blue", "check_circle"),
    "captured": ("Paid", "green", "paid"),
    "failed": ("Failed", "red", "error"),
    "disputed": ("Disputed", "red", "gavel"),
    "void": ("Void", "gray", "block"),
    "expired": ("Expired", "gray", "timer_off"),
}
TABLES = {
    "CHARGE": charge_states.STATES,
    "MILESTONE": ("planned", "in_progress", "delivered", "billed", "approved", "paid", "dropped"),
    "ENROLMENT": ("active", "paused", "cancelled"),
    "STANDING": ("pending", "active", "suspended"),
    "MAIL": ("queued", "kept", "sent", "failed"),
    "ATTEMPT": (*charge_states.ALIVE, *charge_states.SETTLED),
}


@pytest.mark.parametrize("state", LOOK)
def test_a_state_looks_as_the_look_says(state: str) -> None:
    badge = wording.CHARGE[state]
    assert (badge.word, badge.colour, badge.icon) == LOOK[state]


@pytest.mark.parametrize("table", TABLES)
def test_every_state_has_its_badge(table: str) -> None:
    assert set(getattr(wording, table)) == set(TABLES[table])


@pytest.mark.parametrize("table", TABLES)
def test_no_state_is_told_by_colour_alone(table: str) -> None:
    badges = getattr(wording, table).values()
    assert len({(badge.word, badge.icon) for badge in badges}) == len(badges)
    assert all(badge.word and badge.icon for badge in badges)


def test_green_is_money_that_is_there_and_nothing_else() -> None:
    green = {
        badge.word
        for table in TABLES
        for badge in getattr(wording, table).values()
        if badge.colour == "green"
    }
    assert green == {"Paid", "Succeeded"}


def test_overdue_is_a_waiting_charge_past_its_date() -> None:
    assert wording.charge_badge("pending_client", overdue=True).word == "Overdue"
    assert wording.charge_badge("approved", overdue=True).word == "Overdue"
    assert wording.charge_badge("captured", overdue=True).word == "Paid"


def test_every_mode_is_explained() -> None:
    assert set(wording.MODES) == set(wording.MODE_SHORT) == set(TRIGGER_MODES)
    assert set(wording.CAPTURES) == set(wording.CAPTURE_SHORT) == set(CAPTURE_MODES)


def test_every_button_on_a_charge_opens_a_dialog() -> None:
    shown = {verb for verbs in charge_parts.NEXT.values() for verb in verbs}
    assert shown == set(charge_parts.BUTTONS) == set(money_dialogs.SCREENS)


@pytest.mark.parametrize("state", charge_parts.NEXT)
def test_no_button_stands_where_the_state_table_forbids_it(state: str) -> None:
    named = {move.name for move in charge_states.TABLE}
    assert not [
        verb
        for verb in charge_parts.NEXT[state]
        if verb in named and not charge_states.can(verb, state)
    ]


def test_a_dollar_in_a_label_opens_no_formula() -> None:
    assert wording.label("Send invoice for $4,500.00") == "Send invoice for \\$4,500.00"


def test_an_event_nobody_named_yet_still_reads() -> None:
    assert wording.event_words("refund.started") == "Refund started"
