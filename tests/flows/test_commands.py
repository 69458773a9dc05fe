"""Money buttons (document 8): the table decides, once, for what stood on the button."""

from __future__ import annotations

import pytest

from billing_core.flows import commands
from billing_core.flows.commands import Command
from billing_core.flows.preview_verb import preview_verb
from billing_core.flows.record_payment import METHODS
from billing_core.records import rows
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.pressing import (
    CMD,
    EFFECTS,
    VERBS,
    added,
    counts,
    label,
    press,
)

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def test_every_verb_is_here() -> None:
    assert set(VERBS) == set(EFFECTS) == set(commands._VERBS)
    assert set(METHODS) == {"bank_transfer", "cheque", "cash", "other"}


@pytest.mark.parametrize("verb", VERBS)
def test_sixteen_presses_of_one_button_act_once(verb: str) -> None:
    values = VERBS[verb]()
    shown, before = label(verb, values), counts()
    results = watching.at_once(
        16, lambda _: commands.press(CMD, OPERATOR, verb, values, shown=shown)
    )
    assert all(isinstance(result, Command) for result in results), results
    assert {r.state for r in results if isinstance(r, Command)} <= {"running", "done"}
    done = commands.find_command(CMD, OPERATOR)
    assert (done.state, done.refusal, done.verb, done.label) == ("done", "", verb, shown)
    assert added(before) == EFFECTS[verb]
    assert commands.press(CMD, OPERATOR, verb, values, shown=shown) == done
    assert added(before) == EFFECTS[verb]


@pytest.mark.parametrize("verb", VERBS)
def test_what_did_not_stand_on_the_button_is_not_done(verb: str) -> None:
    values = VERBS[verb]()
    before = counts()
    for shown in (None, "", label(verb, values) + " ", "Send invoice for $1.00"):
        refused = commands.press(CMD, OPERATOR, verb, values, shown=shown)
        assert refused.state == "draft"
        assert "just as you pressed" in refused.refusal
    assert added(before) == {}
    assert watching.rows("idempotency_keys") == []
    assert press(verb, values).state == "done", "read again and pressed again"


@pytest.mark.parametrize("verb", VERBS)
def test_an_interrupted_command_is_finished_with_its_sealed_values(
    verb: str, driven_clock: Clock
) -> None:
    """Killed after the flow's commit, before the command's own: it acts no second time."""
    values = VERBS[verb]()
    before = counts()
    done = press(verb, values)
    watching.write(
        "UPDATE commands SET state = 'running', result = '', charge_id = NULL, leased_until = :t",
        t="2026-03-16 14:00:30.000000",
    )
    assert commands.find_command(CMD, OPERATOR).state == "running"
    assert commands.finish(CMD, OPERATOR).state == "running", "its worker may still be alive"
    driven_clock.advance(seconds=31)
    assert commands.find_command(CMD, OPERATOR).state == "interrupted"
    finished = commands.finish(CMD, OPERATOR)
    assert (finished.state, finished.charge_id) == ("done", done.charge_id)
    assert added(before) == EFFECTS[verb]


@pytest.mark.parametrize("verb", VERBS)
def test_killed_before_the_flow_it_is_finished_once(verb: str, driven_clock: Clock) -> None:
    values = VERBS[verb]()
    before = counts()
    shown = label(verb, values)
    commands.keep_draft(CMD, OPERATOR, verb, {})
    sealed = values | {"expected_minor": str(preview_verb(verb, values, OPERATOR).total_minor)}
    watching.write(
        "UPDATE commands SET state = 'running', sealed = :sealed, shown = :shown,"
        " leased_until = '2026-03-16 14:00:30.000000'",
        sealed=rows.dump(sealed), shown=shown,
    )  # fmt: skip
    driven_clock.advance(seconds=31)
    results = watching.at_once(8, lambda _: commands.finish(CMD, OPERATOR))
    assert all(isinstance(result, Command) for result in results), results
    assert commands.find_command(CMD, OPERATOR).state == "done"
    assert added(before) == EFFECTS[verb]
