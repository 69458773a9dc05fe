"""Two people, two keys, two phases, one key: what is the same charge when all come at once."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from billing_core.errors import Duplicate, KeyConflict
from billing_core.flows import commands
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.fire_charge import Fired, fire_charge
from billing_core.records import db, tables
from billing_core.rules.nouns import Actor
from tests import books
from tests.races import audit
from tests.races.counts import COUNTS
from tests.races.together import answers, together

MAYA = Actor("staff", "st_maya", "Maya Okafor")
LIAM = Actor("staff", "st_liam", "Liam Ito")
KEY_A = Actor("key", "key_a", "billing robot A")
KEY_B = Actor("key", "key_b", "billing robot B")
ROUNDS = range(COUNTS.duels)


def _fire(command: FireCommand, actor: Actor, **more: Any) -> partial[Fired]:
    return partial(fire_charge, command, actor=actor, **more)


def _id(fired: Fired) -> str:
    assert fired.charge is not None
    return fired.charge.id


@pytest.mark.parametrize(
    ("first", "second", "origin"), [(MAYA, LIAM, "manual_ui"), (KEY_A, KEY_B, "api")]
)
def test_two_on_one_milestone_make_one_charge_and_the_other_is_shown_it(
    seeded: books.Seeded, first: Actor, second: Actor, origin: str
) -> None:
    planned = books.plan(seeded.customer, *["100.00"] * COUNTS.duels)
    for number, milestone in enumerate(planned.milestones):
        command = FireCommand(seeded.customer, seeded.item, "100.00", milestone=milestone)
        found = together(
            [
                _fire(command, first, origin=origin, key=f"a{number}"),
                _fire(command, second, origin=origin, key=f"b{number}"),
            ]
        )
        (won,) = answers(found, Fired)
        (lost,) = [one for one in found if not isinstance(one, Fired)]
        assert isinstance(lost, Duplicate)
        assert lost.charge_id == _id(won)
    assert len(audit.charges()) == COUNTS.duels
    audit.check_books()


def test_two_operators_press_their_buttons_at_once(seeded: books.Seeded) -> None:
    planned = books.plan(seeded.customer, *["100.00"] * COUNTS.duels)
    for milestone in planned.milestones:
        values = {
            "customer": seeded.customer, "item": seeded.item, "amount": "100.00",
            "milestone": milestone, "description": "A phase",
        }  # fmt: skip
        said = commands.preview_verb("fire", values, MAYA).label
        found = together(
            [
                partial(commands.press, commands.new_id(), who, "fire", values, shown=said)
                for who in (MAYA, LIAM)
            ]
        )
        both = answers(found, commands.Command)
        assert sorted(one.state for one in both) == ["done", "draft"], found
        (refused,) = [one for one in both if one.state == "draft"]
        assert "was billed already" in refused.refusal
    assert len(audit.charges()) == COUNTS.duels


def test_two_phases_in_the_same_second_both_exist(seeded: books.Seeded) -> None:
    planned = books.plan(seeded.customer, *["100.00"] * (2 * COUNTS.duels))
    for number in ROUNDS:
        pair = planned.milestones[2 * number : 2 * number + 2]
        command = FireCommand(
            seeded.customer, seeded.item, "100.00", description="The same words and sum"
        )
        found = together(
            [
                _fire(replace(command, milestone=m), who)
                for m, who in zip(pair, (MAYA, LIAM), strict=True)
            ]
        )
        assert len({_id(one) for one in answers(found, Fired)}) == 2, found
    assert len(audit.charges()) == 2 * COUNTS.duels
    audit.check_numbers()


def test_the_same_text_and_sum_twice_inside_the_cooldown_is_one(seeded: books.Seeded) -> None:
    for number in ROUNDS:
        command = FireCommand(seeded.customer, seeded.item, "80.00", description=f"Phase {number}")
        keys = [{}, {"key": f"maya-{number}"}, {"key": f"liam-{number}"}, {}]
        found = together(
            [
                _fire(command, who, **key)
                for who, key in zip((MAYA, MAYA, LIAM, LIAM), keys, strict=True)
            ]
        )
        fired = answers(found, Fired)
        assert len(fired) == 4, found
        assert len({_id(one) for one in fired}) == 1
        assert sorted(one.replay for one in fired) == [False, True, True, True]
    assert len(audit.charges()) == COUNTS.duels


def test_different_sums_or_words_at_once_are_different_charges(seeded: books.Seeded) -> None:
    texts = [("80.00", "Phase 1"), ("80.01", "Phase 1"), ("80.00", "Phase 2"), ("80.01", "Phase 2")]
    found = together(
        [_fire(FireCommand(seeded.customer, seeded.item, a, description=t), MAYA) for a, t in texts]
    )
    assert len({_id(one) for one in answers(found, Fired)}) == len(texts), found


def test_one_key_thirty_two_times_at_once_is_one_charge_and_equal_answers(
    seeded: books.Seeded,
) -> None:
    for number in ROUNDS:
        command = FireCommand(seeded.customer, seeded.item, "70.00", description=f"Phase {number}")
        same = _fire(command, KEY_A, origin="api", key=f"order {number}")
        fired = answers(together([same] * 32), Fired)
        assert len(fired) == 32
        assert len({(one.charge, one.url, one.met) for one in fired}) == 1
        assert sum(not one.replay for one in fired) == 1
    assert len(audit.charges()) == COUNTS.duels
    with db.read_only() as connection:
        bound = list(connection.execute(select(tables.keys.c.key)).scalars())
    assert len(bound) == COUNTS.duels


def test_one_key_with_two_bodies_at_once_binds_one(seeded: books.Seeded) -> None:
    for number in ROUNDS:
        found = together(
            [
                _fire(
                    FireCommand(seeded.customer, seeded.item, amount, description=f"P {number}"),
                    KEY_A,
                    origin="api",
                    key=f"order {number}",
                )
                for amount in ("60.00", "61.00") * 4
            ]
        )
        assert len({_id(one) for one in answers(found, Fired)}) == 1
        assert sum(isinstance(one, KeyConflict) for one in found) == 4, found
    assert len(audit.charges()) == COUNTS.duels
