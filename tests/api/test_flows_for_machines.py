"""What machines need of the flows: answers given again, things that existed, pages, turns."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from billing_core import clock
from billing_core.errors import FieldsRefused, IllegalMove, KeyConflict, StillRunning
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.enroll_customer import change_enrolment, enroll_customer
from billing_core.flows.fire_charge import Fired, fire_charge
from billing_core.flows.noticing import noticing
from billing_core.flows.save_customer import save_customer
from billing_core.flows.save_project import change_milestone, deliver_milestone
from billing_core.flows.suspend_customer import restore_customer, suspend_customer
from billing_core.records import db, keys
from billing_core.reports import pages
from billing_core.rules.nouns import Actor
from tests import books as seeded_books
from tests.books import CUSTOMER, OPERATOR, Seeded
from tests.flows import watching

BOT = Actor("key", "key_1", "Deploy bot")
AT_ONCE = {"capture_mode": "off_session"}


def _off_session(seeded: Seeded, key: str | None = "k") -> Fired:
    command = FireCommand(seeded.customer, seeded.item, "900.00", description="Hosting, March")
    return fire_charge(command, actor=BOT, origin="api", key=key)


def test_a_silent_gateway_leaves_the_charge_charging_and_a_repetition_settles_it(
    database: str,
) -> None:
    seeded = seeded_books.seed(item=AT_ONCE)
    with watching.watched() as wall:
        wall.down_after = {"charge_saved"}
        first = _off_session(seeded)
        assert first.charge
        assert (first.charge.state, first.replay) == ("charging", False)
        wall.down_after = set()
        again = _off_session(seeded)
        assert again.charge
        assert again.attempt
        assert (again.charge.state, again.replay) == ("captured", True)
        assert (again.charge.id, again.attempt.outcome) == (first.charge.id, "succeeded")
        assert wall.inner.balance() == {"USD": 90_000} == watching.cash()
    assert len(set(wall.keys())) == 1


@pytest.mark.parametrize(
    ("method", "state", "outcome"),
    [
        ("pm_card_visa", "captured", "succeeded"),
        ("pm_card_chargeDeclined", "failed", "declined"),
        ("pm_card_authenticationRequired", "pending_client", "cancelled"),
    ],
)
def test_the_latest_attempt_comes_with_the_charge(
    books: str, method: str, state: str, outcome: str
) -> None:
    seeded = seeded_books.seed(item=AT_ONCE, payment_method=method)
    first, again = _off_session(seeded), _off_session(seeded)
    for fired in (first, again):
        assert fired.charge
        assert fired.attempt
        assert (fired.charge.state, fired.attempt.outcome) == (state, outcome)
    assert again.url == first.url
    assert (again.url is not None) == (state == "pending_client")


def test_the_same_contact_twice_is_one_customer(database: str) -> None:
    fields = CUSTOMER | {"contact_id": "crm-17"}

    def create(number: int) -> tuple[str, bool]:
        with noticing() as seen:
            made = save_customer(None, fields | {"name": f"Name {number}"}, actor=BOT)
        return made.id, seen.existing

    answers = watching.at_once(8, create)
    assert len({a[0] for a in answers if isinstance(a, tuple)}) == 1
    assert sorted(a[1] for a in answers if isinstance(a, tuple)) == [False] + [True] * 7
    assert len(watching.rows("customers")) == 1


def test_somebody_known_gets_no_second_payment_method(books: str) -> None:
    save_customer(None, CUSTOMER | {"contact_id": "crm-17"}, actor=BOT)
    refused_by_the_sandbox = {"contact_id": "crm-17", "payment_method": "pm_card_unheard_of"}
    with noticing() as seen:
        save_customer(None, CUSTOMER | refused_by_the_sandbox, actor=BOT)
    assert seen.existing


def test_a_customer_to_be_verified_waits_with_the_sum(books: str) -> None:
    asked = CUSTOMER | {"require_initial": True}
    made = save_customer(None, asked, actor=BOT)
    assert (made.standing, made.require_initial, made.initial_minor) == ("pending", True, 1500)
    more = save_customer(None, asked | {"initial_amount": "20.00"}, actor=BOT)
    assert more.initial_minor == 2000
    with pytest.raises(FieldsRefused) as refused:
        save_customer(None, asked | {"initial_amount": "14.99"}, actor=BOT)
    assert set(refused.value.problems) == {"initial_amount"}
    assert save_customer(None, CUSTOMER, actor=BOT).standing == "active"


Keyed = Callable[[str], object]


def _keyed(seeded: Seeded) -> dict[str, tuple[Keyed, Keyed]]:
    """Each keyed verb, and the verb that would make its repetition impossible or wrong."""
    milestone = seeded_books.plan(seeded.customer, "100.00").milestones[0]
    change_milestone(milestone, "reopen", actor=BOT)
    ts, bc = seeded.enrolment, seeded.customer
    return {
        "enroll": (
            lambda key: enroll_customer(bc, seeded.item, actor=BOT, key=key),
            lambda key: suspend_customer(bc, actor=BOT, key=key),
        ),
        "restore": (
            lambda key: restore_customer(bc, actor=BOT, key=key),
            lambda key: suspend_customer(bc, actor=BOT, key=key),
        ),
        "pause": (
            lambda key: change_enrolment(ts, "pause", actor=BOT, key=key),
            lambda key: change_enrolment(ts, "resume", actor=BOT, key=key),
        ),
        "cancel": (
            lambda key: change_enrolment(ts, "cancel", actor=BOT, key=key),
            lambda key: change_milestone(milestone, "start", actor=BOT, key=key),
        ),
        "deliver": (
            lambda key: deliver_milestone(milestone, actor=BOT, key=key),
            lambda key: change_milestone(milestone, "reopen", actor=BOT, key=key),
        ),
    }


def test_a_repeated_key_acts_once_and_says_so(database: str) -> None:
    for name, (act, undo) in _keyed(seeded_books.seed()).items():
        with noticing() as first:
            act(f"{name}-1")
        if name != "cancel":
            undo(f"{name}-2")
        before = watching.everything()
        with noticing() as again:
            act(f"{name}-1")
        assert (first.replay, again.replay) == (False, True), name
        assert watching.everything() == before, name
        with pytest.raises(KeyConflict):
            undo(f"{name}-1")


def test_without_a_key_a_move_is_made_or_refused(books: str) -> None:
    seeded = seeded_books.seed()
    change_enrolment(seeded.enrolment, "pause", actor=BOT)
    with pytest.raises(IllegalMove):
        change_enrolment(seeded.enrolment, "pause", actor=BOT)


@pytest.mark.postgres
@pytest.mark.parametrize("database", ["postgres"], indirect=True)
def test_a_turn_that_does_not_come_is_said_within_five_seconds(database: str) -> None:
    seeded = seeded_books.seed()

    def impatient() -> float:
        began = clock.monotonic_s()
        with pytest.raises(StillRunning):
            seeded_books.fire(seeded, key="k")
        return clock.monotonic_s() - began

    # a thread of its own: this one stands inside a transaction
    with ThreadPoolExecutor(1) as other, db.begin() as connection:
        keys.lock(connection, OPERATOR, "k")
        assert 4 < other.submit(impatient).result(timeout=30) < 8
    assert not seeded_books.fire(seeded, key="k").replay


def test_pages_show_everything_once_whatever_is_added_meanwhile(database: str) -> None:
    seeded = seeded_books.seed()
    fired = [seeded_books.fire(seeded, description=f"Part {n}").charge for n in range(7)]
    wanted = sorted((c.id for c in fired if c), reverse=True)
    seen, after = [], ""
    while True:
        page = pages.charges(limit=3, after=after, customer_id=seeded.customer)
        seen += [c.id for c in page.rows]
        if page.next_id is None:
            break
        after = page.next_id
        seeded_books.fire(seeded, description=f"Added after {after}")
    assert seen == wanted
    assert pages.charges(limit=100, state="void").rows == ()
    assert pages.charges(limit=1, after=wanted[0]).rows[0].id == wanted[1]


def test_milestones_show_what_became_of_them(books: str) -> None:
    seeded = seeded_books.seed()
    plan = seeded_books.plan(seeded.customer, "4500.00", "100.00")
    fired = seeded_books.fire(seeded, milestone=plan.milestones[0]).charge
    assert fired
    shown = {
        p.row.milestone.id: (p.row.shown_state, p.row.charge_id, p.currency)
        for p in pages.milestones(limit=10, project_id=plan.project).rows
    }
    assert shown == {
        plan.milestones[0]: ("billed", fired.id, "USD"),
        plan.milestones[1]: ("delivered", None, "USD"),
    }
    assert pages.milestone(plan.milestones[0]).row.charge_id == fired.id
