"""The table of bad input (tests/hostile.py) typed into Charge Now: said in place, never a
traceback, nothing sent, nothing typed is lost; what is allowed goes out as typed, shown as text.
"""

from __future__ import annotations

import pytest

from billing_core.flows import commands
from billing_core.flows.preview_verb import preview_verb
from tests import books
from tests.books import OPERATOR, Seeded
from tests.console.screen import Screen, fired, opened, typed
from tests.flows import watching
from tests.hostile import AMOUNTS, IDS, TEXTS

pytestmark = pytest.mark.usefixtures("books")
#: What a press writes whatever becomes of it: its own row.
_OWN = {"commands"}
#: Texts that mean something to one who does not show them as text.
_MARKED = {"HTML", "markdown", "template", "dollar and typst", "formula", "Arabic"}
#: For a person, no amount is the item's price: it stands on the button before it is pressed.
_NONE_AT_ALL = "   "


def _values(seeded: Seeded, **typed_in: str) -> dict[str, str]:
    return {"customer": seeded.customer, "item": seeded.item, "amount": "4500.00",
            "description": "Phase 2"} | typed_in  # fmt: skip


def _problem(seeded: Seeded, **typed_in: str) -> str:
    """The sentence that says why this cannot go out."""
    found = preview_verb("fire", _values(seeded, **typed_in), OPERATOR).problem
    assert found
    return found


def _press(values: dict[str, str]) -> commands.Command:
    """The press itself, past a button that is disabled: as a tab that was drawn before."""
    label = preview_verb("fire", values, OPERATOR).label
    return commands.press(commands.new_id(), OPERATOR, "fire", values, shown=label)


def test_no_bad_amount_goes_out_and_each_stays_where_it_was_typed() -> None:
    seeded = books.seed()
    screen = typed(opened(seeded), description="Phase 2")
    before = watching.everything()
    for amount in (a for a in AMOUNTS if a.text not in (None, _NONE_AT_ALL)):
        typed(screen, amount=amount.text or "")
        assert screen.money_button().disabled, amount.name
        assert screen.at.text_input(key=screen.field("amount")).value == amount.text
        assert _problem(seeded, amount=amount.text or "") in screen.said(), amount.name
    assert watching.changed(before).keys() <= _OWN
    assert fired() == []
    typed(screen, amount="4500.00").press()
    assert fired() == [(450_000, "Phase 2")], "after all that, the right one still goes out"


def test_no_bad_amount_goes_out_past_the_button() -> None:
    seeded = books.seed()
    before = watching.everything()
    for amount in (a for a in AMOUNTS if a.text not in (None, _NONE_AT_ALL)):
        command = _press(_values(seeded, amount=amount.text or ""))
        assert (command.state, command.charge_id) == ("draft", None), amount.name
        assert command.refusal, amount.name
        assert watching.changed(before).keys() <= _OWN, amount.name
    assert _press(_values(seeded, amount=_NONE_AT_ALL)).state in ("draft", "done")
    assert {minor for minor, _ in fired()} <= {500_000}


def test_a_refused_text_is_said_in_place_and_kept() -> None:
    seeded = books.seed()
    screen = typed(opened(seeded), amount="4500.00")
    before = watching.everything()
    for text in (t for t in TEXTS if t.refused):
        typed(screen, description=text.value)
        assert screen.money_button().disabled, text.name
        assert _problem(seeded, description=text.value) in screen.said(), text.name
        assert screen.at.text_input(key=screen.field("description")).value == text.value
        command = _press(_values(seeded, description=text.value))
        assert (command.state, command.charge_id) == ("draft", None), text.name
    assert watching.changed(before).keys() <= _OWN
    assert fired() == []


def test_an_allowed_text_goes_out_as_typed_and_is_shown_as_text() -> None:
    seeded = books.seed()
    screen = typed(opened(seeded), amount="4500.00")
    for text in (t for t in TEXTS if not t.refused):
        typed(screen, description=text.value)
        assert not screen.money_button().disabled, text.name
        command = _press(_values(seeded, description=text.value))
        assert command.charge_id, (text.name, command.refusal)
        assert books.charge(command.charge_id).description == text.value
        if text.name in _MARKED:
            shown = Screen("charges", charge=command.charge_id).said()
            assert "".join(text.value.split()) in "".join(shown.split()), text.name


def test_what_is_no_id_in_the_address_opens_nothing() -> None:
    seeded = books.seed()
    before = watching.everything()
    for number, odd in enumerate(IDS):
        if number % 4 == 0:
            page, name = (("customers", "customer"), ("charges", "charge"))[number // 4 % 2]
            assert Screen(page, **{name: odd}).said(), (page, odd)
        for name in ("customer", "item", "milestone"):
            command = _press(_values(seeded, **{name: odd}))
            assert (command.state, command.charge_id) == ("draft", None), (name, odd)
    assert watching.changed(before).keys() <= _OWN
