"""Voiding: the client is told, the open session ends first, and what was paid stays paid."""

from __future__ import annotations

from typing import Any

import pytest

from billing_core import jobs
from billing_core.errors import (
    AlreadyDone,
    Down,
    IllegalMove,
    TextRefused,
)
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.start_attempt import order_of
from billing_core.flows.void_charge import void_charge
from billing_core.records import db
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import fired, id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


# --- voiding


def test_a_void_tells_the_client_and_stops_everything() -> None:
    charge = fired()
    gone = void_charge(id_of(charge), reason="Wrong customer", actor=OPERATOR, key="k")
    assert void_charge(id_of(charge), reason="Wrong customer", actor=OPERATOR, key="k") == gone
    assert (gone.state, gone.invoice_number) == ("void", "CS-2026-00001")
    assert len(watching.mails_of(id_of(charge), "voided")) == 1
    page = tab(charge).page
    assert (page.can, page.story[-1].kind) == (frozenset(), "voided")
    open_reminders = watching.rows("jobs", "kind = 'remind_client' AND done_at IS NULL")
    assert open_reminders == []
    with pytest.raises(AlreadyDone):
        tab(charge).approve()
    with pytest.raises(AlreadyDone):
        tab(charge).ask()
    for verb in (void_charge, answer_changes):
        with pytest.raises(IllegalMove):
            verb(id_of(charge), **{"reason" if verb is void_charge else "answer": "x"},
                 actor=OPERATOR)  # fmt: skip


def test_a_void_cancels_the_open_session_first() -> None:
    charge = fired()
    with watching.watched() as wall:
        step = tab(charge).approve()
        assert void_charge(id_of(charge), reason="", actor=OPERATOR).state == "void"
        seeded_books.pay(step)
    assert wall.inner.show(seeded_books.session_of(step)).state == "cancelled"
    assert wall.inner.balance() == {}
    assert [a.outcome for a in seeded_books.attempts_of(id_of(charge))] == ["cancelled"]


def test_a_void_sends_nothing_that_was_never_sent(driven_clock: Clock) -> None:
    """The press died before the gateway was called: to void it is not to charge the card first."""
    charge = fired("900.00")
    with watching.watched() as wall:
        wall.down_before.add("charge_saved")
        with pytest.raises(Down):
            tab(charge).approve(method="saved")
        [attempt] = seeded_books.attempts_of(id_of(charge))
        with db.read_only() as connection:
            order = order_of(connection, attempt)
        assert void_charge(id_of(charge), reason="", actor=OPERATOR).state == "void"
        # a call that was on its way all the same finds its key used up
        late = wall.inner.charge_saved(order, attempt.idempotency_key)
        assert late.outcome == "cancelled"
        wall.down_before.clear()
        driven_clock.advance(hours=1)
        jobs.drain()
    assert [a.outcome for a in seeded_books.attempts_of(id_of(charge))] == ["cancelled"]
    assert wall.keys() == [attempt.idempotency_key]
    assert wall.inner.balance() == {}


def test_a_void_of_what_was_paid_meanwhile_is_refused_and_the_money_booked() -> None:
    charge = fired()
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).approve())
        with pytest.raises(IllegalMove) as refused:
            void_charge(id_of(charge), reason="", actor=OPERATOR)
    assert "paid" in refused.value.sentence
    assert seeded_books.charge(id_of(charge)).state == "captured"
    assert wall.inner.balance() == watching.cash() == {"USD": 450_000}
    assert watching.mails_of(id_of(charge), "voided") == []


def test_a_void_waits_while_the_gateway_is_silent() -> None:
    charge = fired()
    with watching.watched() as wall:
        tab(charge).approve()
        wall.down_before = {"read", "cancel"}
        before = watching.everything()
        with pytest.raises(Down):
            void_charge(id_of(charge), reason="", actor=OPERATOR)
        assert watching.changed(before) == {}
        wall.down_before = set()
        assert void_charge(id_of(charge), reason="", actor=OPERATOR).state == "void"


def test_voiding_and_paying_at_once_ends_in_exactly_one_of_them() -> None:
    for turn in range(4):
        charge = seeded_books.fire(seeded_books.seed(email=f"t{turn}@example.com"))
        step = tab(charge).approve()

        def act(number: int, fired_id: str = id_of(charge), step: Any = step) -> object:
            if number % 2:
                return void_charge(fired_id, reason="", actor=OPERATOR)
            seeded_books.pay(step)
            return seeded_books.settle(fired_id)

        for result in watching.at_once(4, act):
            watching.refusal(result)
        stored = seeded_books.charge(id_of(charge))
        money = [r.gross_minor for r in watching.revenue(id_of(charge))]
        assert (stored.state, money) in (("void", []), ("captured", [450_000]))
    with watching.watched() as wall:
        assert wall.inner.balance() == watching.cash()


def test_a_reason_is_one_line() -> None:
    charge = fired()
    tab(charge).approve()
    before = watching.everything()
    for reason in ("x" * 301, "two\nlines", "\x00"):
        with pytest.raises(TextRefused):
            void_charge(id_of(charge), reason=reason, actor=OPERATOR)
    assert watching.changed(before) == {}, "not even the session was cancelled"
