"""Drafts of money buttons: what is typed is kept, what was done stays done, nobody else sees it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from billing_core.flows import commands
from billing_core.flows.commands import Command
from billing_core.flows.void_charge import void_charge
from billing_core.records import rows
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.pressing import (
    CMD,
    STRANGER,
    VERBS,
    added,
    counts,
    fire_values,
    fresh_charge,
    label,
    press,
)

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


# --- the draft


def test_an_id_nobody_used_is_an_empty_draft() -> None:
    fresh = commands.find_command(commands.new_id(), OPERATOR)
    assert (fresh.state, fresh.draft, fresh.sealed, fresh.refusal) == ("draft", {}, {}, "")


def test_what_is_typed_is_kept_at_every_stroke() -> None:
    for typed in ("4", "45", "450", "4500"):
        commands.keep_draft(CMD, OPERATOR, "fire", {"amount": typed, "description": "<b>\n$"})
    kept = commands.find_command(CMD, OPERATOR)
    assert kept.draft == {"amount": "4500", "description": "<b>\n$"}
    assert watching.rows("idempotency_keys") == []


def test_a_draft_is_bounded() -> None:
    values = {f"field{n}" * 20: "x" * 100_000 for n in range(100)}
    commands.keep_draft(CMD, OPERATOR, "fire", values)
    assert len(watching.rows("commands")[0]["draft"]) < 20 * 6100


def test_a_refusal_keeps_the_draft_and_binds_nothing() -> None:
    values = fire_values() | {"amount": "99,999.00"}
    refused = press("fire", values)
    assert (refused.state, refused.draft) == ("draft", values)
    assert "cap" in refused.refusal
    assert watching.rows("idempotency_keys") == watching.rows("charges") == []
    corrected = values | {"amount": "4,500.00"}
    done = press("fire", corrected)
    assert (done.state, done.refusal) == ("done", "")
    assert len(watching.rows("charges")) == 1


def test_a_refusal_goes_when_something_else_is_typed() -> None:
    values = fire_values() | {"amount": "99,999.00"}
    assert press("fire", values).refusal
    commands.keep_draft(CMD, OPERATOR, "fire", values)
    assert commands.find_command(CMD, OPERATOR).refusal, "the same words: the reason still stands"
    commands.keep_draft(CMD, OPERATOR, "fire", values | {"amount": "9"})
    assert commands.find_command(CMD, OPERATOR).refusal == ""


def test_a_refusal_in_the_flow_itself_is_a_draft_again() -> None:
    """The preview let it pass, a rule of the flow did not."""
    values = {"charge": fresh_charge(), "method": "cash", "paid_on": "2026-03-17", "reference": "r"}
    refused = press("record_payment", values)
    assert (refused.state, refused.draft) == ("draft", values)
    assert refused.refusal == "This day has not come yet."
    assert watching.rows("idempotency_keys") == watching.rows("revenue") == []
    assert press("record_payment", values | {"paid_on": "2026-03-16"}).state == "done"


def test_today_is_the_later_of_the_books_day_and_the_customers(driven_clock: Clock) -> None:
    """One o'clock at night in UTC: for a customer in New York it is still the day before."""
    charge = fresh_charge()
    driven_clock.set(datetime(2026, 3, 17, 1, 0, tzinfo=UTC))
    values = {"charge": charge, "method": "cash", "paid_on": "2026-03-18", "reference": "r"}
    assert press("record_payment", values).refusal == "This day has not come yet."
    assert press("record_payment", values | {"paid_on": "2026-03-17"}).state == "done"


def test_nothing_typed_later_changes_what_was_done() -> None:
    values = fire_values()
    done = press("fire", values)
    commands.keep_draft(CMD, OPERATOR, "fire", values | {"amount": "1.00"})
    assert commands.find_command(CMD, OPERATOR) == done
    again = commands.press(CMD, OPERATOR, "fire", values | {"amount": "1.00"}, shown=None)
    assert again == done
    assert done.sealed["amount"] == "4,500.00"


def test_the_sum_on_the_button_is_the_sum_that_goes_out() -> None:
    """The price changed between reading and pressing: refused, and both sums are still the same."""
    seeded = seeded_books.seed()
    values = {"customer": seeded.customer, "item": seeded.item, "amount": "", "description": "P"}
    shown = label("fire", values)
    assert shown == "Send invoice for $5,000.00"
    watching.write("UPDATE items SET unit_price_minor = 600000")
    refused = commands.press(CMD, OPERATOR, "fire", values, shown=shown)
    assert refused.refusal.startswith("The amount changed to $6,000.00 just as you pressed.")
    assert watching.rows("charges") == []


def test_a_press_keeps_the_sealed_sum_even_if_the_price_changes_then(driven_clock: Clock) -> None:
    """Interrupted before the flow, then the price changed: finishing refuses the other sum."""
    seeded = seeded_books.seed()
    values = {"customer": seeded.customer, "item": seeded.item, "amount": "", "description": "P"}
    commands.keep_draft(CMD, OPERATOR, "fire", values)
    watching.write(
        "UPDATE commands SET state = 'running', sealed = :sealed,"
        " leased_until = '2026-03-16 14:00:30.000000'",
        sealed=rows.dump(values | {"expected_minor": "500000"}),
    )
    watching.write("UPDATE items SET unit_price_minor = 600000")
    driven_clock.advance(seconds=31)
    refused = commands.finish(CMD, OPERATOR)
    assert (refused.state, watching.rows("charges")) == ("draft", [])
    assert "6000.00 USD" in refused.refusal


# --- other people's


def test_another_persons_command_shows_nothing_and_does_nothing() -> None:
    values = fire_values()
    commands.keep_draft(CMD, OPERATOR, "fire", values)
    foreign = commands.find_command(CMD, STRANGER)
    assert foreign == Command(CMD, "", "foreign", {}, {})
    commands.keep_draft(CMD, STRANGER, "fire", values | {"amount": "1.00"})
    shown = label("fire", values)
    assert commands.press(CMD, STRANGER, "fire", values, shown=shown).state == "foreign"
    assert commands.finish(CMD, STRANGER).state == "foreign"
    assert commands.find_command(CMD, OPERATOR).draft == values
    assert watching.rows("charges") == []
    done = press("fire", values)
    assert commands.find_command(CMD, STRANGER) == foreign
    assert done.state == "done"


def test_a_replayed_charge_says_so() -> None:
    """The same within a minute, under another command: the preview refuses it with the cure."""
    values = fire_values()
    first = press("fire", values)
    refused = press("fire", values, cmd="cmd_02")
    assert refused.state == "draft"
    assert "Exactly this went out" in refused.refusal
    meant = press("fire", values | {"again": "yes"}, cmd="cmd_02")
    assert meant.state == "done"
    assert meant.charge_id != first.charge_id


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "fire"])
def test_a_charge_that_is_none_is_refused(verb: str) -> None:
    refused = press(verb, {"charge": "sc_nobody"})
    noun = "request" if verb == "approve_request" else "charge"
    assert (refused.state, refused.refusal) == ("draft", f"There is no such {noun}.")


@pytest.mark.parametrize("verb", ["void", "record_payment", "answer", "resend", "revise"])
def test_what_has_ended_is_refused_in_words(verb: str) -> None:
    charge_id = fresh_charge()
    values = {
        "charge": charge_id, "method": "cash", "paid_on": "2026-03-16", "answer": "x",
        "amount": "1.00", "description": "x",
    }  # fmt: skip
    void_charge(charge_id, reason="", actor=OPERATOR)
    before = counts()
    refused = press(verb, values)
    assert (refused.state, added(before)) == ("draft", {})
    assert "void" in refused.refusal
