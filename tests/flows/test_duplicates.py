"""Nothing is charged twice by mistake, and nothing meant twice is swallowed: the three rules of
document 1 (key, milestone, content), and the gapless numbers.
"""

from __future__ import annotations

from typing import Any

import pytest

from billing_core import jobs
from billing_core.errors import Duplicate, KeyConflict, Refused
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.fire_charge import Fired, fire_charge
from billing_core.flows.save_company import save_company
from billing_core.flows.save_project import change_milestone
from billing_core.flows.void_charge import void_charge
from billing_core.rules.nouns import Actor
from tests import books as seeded_books
from tests.books import OPERATOR, PHASE_2, Seeded
from tests.conftest import Clock
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("books", "driven_clock")
API = Actor("key", "key_1", "Deploy bot")


def _id(fired: Fired) -> str:
    assert fired.charge is not None
    return fired.charge.id


def _by_api(seeded: Seeded, key: str | None, **fields: Any) -> Fired:
    fields = {"amount": "4500.00", "description": PHASE_2} | fields
    command = FireCommand(seeded.customer, seeded.item, **fields)
    return fire_charge(command, actor=API, origin="api", key=key)


# --- the key


def test_the_same_key_and_command_give_the_same_charge() -> None:
    seeded = seeded_books.seed()
    first = seeded_books.fire(seeded, key="k")
    again = seeded_books.fire(seeded, key="k")
    assert (again.charge, again.url) == (first.charge, first.url)
    assert (first.replay, again.replay) == (False, True)
    assert len(watching.rows("charges")) == len(watching.rows("mails")) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"amount": "4500.01"}, {"description": "Phase 3"}, {"po_number": "PO-7"},
        {"amount": "", "amount_minor": 450_001},
    ],
)  # fmt: skip
def test_the_same_key_with_another_command_is_a_conflict(other: dict[str, Any]) -> None:
    seeded = seeded_books.seed()
    fields = {"amount": "4500.00", "description": PHASE_2}
    seeded_books.fire(seeded, **fields, key="k")
    before = watching.everything()
    with pytest.raises(KeyConflict) as refused:
        seeded_books.fire(seeded, **(fields | other), key="k")
    assert refused.value.code == "IDEMPOTENCY_CONFLICT"
    assert watching.changed(before) == {}


@pytest.mark.parametrize(
    "same",
    [
        {"amount": " 4500.00 "}, {"amount": "4500"}, {"amount": "4,500.00", "grouped": True},
        {"description": f"  {PHASE_2}  "},
    ],
)  # fmt: skip
def test_the_fingerprint_is_of_what_was_meant_not_of_how_it_was_typed(same: dict[str, Any]) -> None:
    seeded = seeded_books.seed()
    fields = {"amount": "4500.00", "description": PHASE_2}
    first = seeded_books.fire(seeded, **fields, key="k")
    again = seeded_books.fire(seeded, **(fields | same), key="k")
    assert (_id(again), again.replay) == (_id(first), True)


def test_a_key_belongs_to_its_actor() -> None:
    seeded = seeded_books.seed()
    first = seeded_books.fire(seeded, key="k")
    second = _by_api(seeded, "k", description="Another phase")
    assert _id(first) != _id(second)


def test_a_key_lives_for_seven_days(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    first = seeded_books.fire(seeded, key="k")
    driven_clock.advance(days=6, hours=23, minutes=59)
    assert seeded_books.fire(seeded, key="k").replay
    driven_clock.advance(minutes=2)
    second = seeded_books.fire(seeded, key="k")
    assert not second.replay
    assert _id(second) != _id(first)
    assert seeded_books.fire(seeded, key="k").charge == second.charge


def test_old_keys_are_swept_away(driven_clock: Clock) -> None:
    seeded_books.fire(seeded_books.seed(), key="k")
    driven_clock.advance(days=7, minutes=1)
    jobs.drain()
    assert watching.rows("idempotency_keys") == []


def test_a_replay_shows_the_charge_as_it_is_now() -> None:
    seeded = seeded_books.seed()
    first = seeded_books.fire(seeded, key="k")
    seeded_books.pay(seeded_books.approve(seeded_books.token(first)))
    seeded_books.settle(_id(first))
    again = seeded_books.fire(seeded, key="k")
    assert again.charge
    assert (again.charge.state, again.url) == ("captured", first.url)
    void = seeded_books.fire(seeded, description="to be void", key="v")
    void_charge(_id(void), reason="", actor=OPERATOR)
    gone = seeded_books.fire(seeded, description="to be void", key="v").charge
    assert gone
    assert gone.state == "void"


def test_a_replay_comes_even_when_the_gate_would_now_refuse() -> None:
    """The key is looked up before the gate: a retry after a pause must not look like a refusal."""
    seeded = seeded_books.seed()
    first = seeded_books.fire(seeded, key="k")
    watching.write("UPDATE customers SET allow_trigger = false")
    assert seeded_books.fire(seeded, key="k").charge == first.charge


def test_one_key_pressed_sixteen_times_at_once_charges_once() -> None:
    seeded = seeded_books.seed()
    results = watching.at_once(16, lambda _: seeded_books.fire(seeded, key="k"))
    fired = [result for result in results if isinstance(result, Fired)]
    assert len(fired) == 16, results
    assert len({_id(f) for f in fired}) == 1
    assert sum(not f.replay for f in fired) == 1
    assert len(watching.rows("charges")) == 1


# --- the milestone


def test_a_milestone_has_one_live_charge_whatever_the_keys(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    milestone = seeded_books.plan(seeded.customer, "4500.00").milestones[0]
    first = seeded_books.fire(seeded, milestone=milestone, key="a")
    driven_clock.advance(days=3)
    with pytest.raises(Duplicate) as refused:
        seeded_books.fire(seeded, "1.00", "Something else", milestone=milestone, key="b")
    assert refused.value.code == "MILESTONE_NOT_BILLABLE"
    assert refused.value.charge_id == _id(first)
    seeded_books.pay(seeded_books.approve(seeded_books.token(first)))
    seeded_books.settle(_id(first))
    with pytest.raises(Duplicate):
        seeded_books.fire(seeded, milestone=milestone, again=True)


def test_a_void_gives_the_milestone_back_at_once() -> None:
    seeded = seeded_books.seed()
    milestone = seeded_books.plan(seeded.customer, "4500.00").milestones[0]
    first = seeded_books.fire(seeded, milestone=milestone)
    void_charge(_id(first), reason="Wrong sum", actor=OPERATOR)
    second = seeded_books.fire(seeded, milestone=milestone)
    assert _id(second) != _id(first)
    assert second.charge
    assert second.charge.invoice_number == "CS-2026-00002", "a voided invoice keeps its number"


@pytest.mark.parametrize("verb", ["reopen", "drop"])
def test_a_milestone_must_be_delivered(verb: str) -> None:
    seeded = seeded_books.seed()
    milestone = seeded_books.plan(seeded.customer, "4500.00").milestones[0]
    change_milestone(milestone, "reopen", actor=OPERATOR)
    if verb == "drop":
        change_milestone(milestone, "drop", actor=OPERATOR)
    with pytest.raises(Refused) as refused:
        seeded_books.fire(seeded, milestone=milestone)
    assert refused.value.code == "MILESTONE_NOT_BILLABLE"


def test_one_milestone_fired_by_many_at_once_is_billed_once() -> None:
    seeded = seeded_books.seed()
    milestone = seeded_books.plan(seeded.customer, "4500.00").milestones[0]
    results = watching.at_once(
        8, lambda n: seeded_books.fire(seeded, f"{n + 1}.00", milestone=milestone, key=f"k{n}")
    )
    fired = [result for result in results if isinstance(result, Fired)]
    assert len(fired) == 1
    refused = [result for result in results if watching.refusal(result, Duplicate)]
    assert {r.charge_id for r in refused if isinstance(r, Duplicate)} == {_id(fired[0])}
    assert len(refused) == 7


# --- the content


def test_the_same_within_a_minute_is_the_first_answer_again(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    first = seeded_books.fire(seeded, key="a")
    driven_clock.advance(seconds=59)
    again = seeded_books.fire(seeded, key="b")
    assert (_id(again), again.replay, again.url) == (_id(first), True, first.url)
    driven_clock.advance(seconds=2)
    later = seeded_books.fire(seeded, key="c")
    assert (later.replay, _id(later) == _id(first)) == (False, False)
    assert _id(seeded_books.fire(seeded, key="b")) == _id(first), "its key was bound to the first"


@pytest.mark.parametrize(
    "other", [{"amount": "4500.01"}, {"description": "Phase 3"}, {"again": True}]
)
def test_another_amount_or_description_is_another_charge_at_once(other: dict[str, Any]) -> None:
    seeded = seeded_books.seed()
    first = seeded_books.fire(seeded)
    second = seeded_books.fire(seeded, **other)
    assert (second.replay, _id(second) == _id(first)) == (False, False)


def test_two_phases_within_a_minute_on_one_enrolment(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    second_phase = seeded_books.fire(seeded)
    driven_clock.advance(seconds=20)
    third_phase = seeded_books.fire(seeded, "4500.00", "Phase 3: Templates")
    assert [f.charge.state for f in (second_phase, third_phase) if f.charge] == [
        "pending_client", "pending_client",
    ]  # fmt: skip
    assert len(watching.rows("charges")) == 2
    assert len(watching.rows("enrolments")) == 1


def test_the_same_for_another_customer_is_another_charge() -> None:
    seeded = seeded_books.seed()
    other = seeded_books.seed(email="other@example.com")
    seeded_books.fire(seeded)
    assert not seeded_books.fire(Seeded(other.customer, other.item, other.enrolment)).replay


def test_two_milestones_of_the_same_price_and_words_are_two_charges() -> None:
    seeded = seeded_books.seed()
    plan = seeded_books.plan(seeded.customer, "4500.00", "4500.00")
    fired = [seeded_books.fire(seeded, "4500.00", "A phase", milestone=m) for m in plan.milestones]
    assert len({_id(f) for f in fired}) == 2


def test_keys_of_an_api_caller_say_that_two_are_meant() -> None:
    seeded = seeded_books.seed()
    first, second = _by_api(seeded, "one"), _by_api(seeded, "two")
    assert (second.replay, _id(first) == _id(second)) == (False, False)


def test_without_a_key_the_content_rule_holds_for_an_api_caller_too() -> None:
    seeded = seeded_books.seed()
    first, second = _by_api(seeded, None), _by_api(seeded, None)
    assert (second.replay, _id(first) == _id(second)) == (True, True)


def test_the_cooldown_is_the_organisations_own(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    save_company({"cooldown_s": "5"}, actor=OPERATOR)
    first = seeded_books.fire(seeded)
    driven_clock.advance(seconds=6)
    assert _id(seeded_books.fire(seeded)) != _id(first)


def test_a_voided_charge_does_not_stand_in_the_way_of_its_repetition() -> None:
    seeded = seeded_books.seed()
    first = seeded_books.fire(seeded)
    void_charge(_id(first), reason="", actor=OPERATOR)
    second = seeded_books.fire(seeded)
    assert (second.replay, _id(second) == _id(first)) == (False, False)
