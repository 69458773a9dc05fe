"""The gateway refuses our request: the attempt ends, the charge lives on, a person is told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from billing_core import gateway, jobs
from billing_core.errors import Down, Misused
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from billing_core.gateway.port import KEY_REUSED, Order, Seen
from billing_core.reports.needs import Need, needs_me_now
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import fired, id_of, tab

pytestmark = pytest.mark.usefixtures("database", "driven_clock")
WORDS = "The currency is not enabled for this account."


class Refusing(watching.Watched):
    """A gateway that makes nothing for us while ``refuses``; ``code`` as the port has it."""

    def __init__(self, code: str | None = None) -> None:
        super().__init__()
        self.refuses, self.code = True, code

    def open_checkout(self, order: Order, key: str) -> Seen:
        self._check()
        return super().open_checkout(order, key)

    def charge_saved(self, order: Order, key: str) -> Seen:
        self._check()
        return super().charge_saved(order, key)

    def withdraw(self, order: Order, key: str) -> Seen:
        if self.code is not None:
            self._check()
        return super().withdraw(order, key)

    def _check(self) -> None:
        if self.refuses:
            raise Misused(WORDS, code=self.code)


@contextmanager
def _refusing(code: str | None = None) -> Iterator[Refusing]:
    wall = Refusing(code)
    with gateway.using(wall):
        yield wall


def _dead() -> list[Need]:
    return [need for need in needs_me_now() if need.kind == "job_dead"]


@pytest.mark.parametrize("method", ["new", "saved"])
def test_the_client_is_told_that_nothing_was_charged_and_can_pay_later(method: str) -> None:
    charge = fired("450.00")
    with _refusing() as wall:
        step = tab(charge).approve(method=method)
        assert not step.to_gateway
        (attempt,) = seeded_books.attempts_of(id_of(charge))
        assert (attempt.outcome, attempt.reference) == ("cancelled", None)
        assert WORDS in attempt.problem
        (need,) = _dead()
        assert (need.charge_id, need.amount_minor) == (id_of(charge), 45_000)
        assert WORDS in need.detail
        assert seeded_books.charge(id_of(charge)).state == "approved"
        assert "attempt.cancelled" in watching.kinds(id_of(charge))
        wall.refuses = False
        seeded_books.pay(tab(charge).pay())
        assert seeded_books.settle(id_of(charge)).state == "captured"
        assert wall.inner.balance() == watching.cash() == {"USD": 45_000}
    assert _dead() == [], "what is paid needs nobody"
    assert watching.kinds(id_of(charge)).count("charge.approved") == 1
    assert verify_all().problems == ()


def test_the_charge_can_be_voided() -> None:
    charge = fired()
    with _refusing():
        tab(charge).approve()
        assert void_charge(id_of(charge), reason="", actor=OPERATOR).state == "void"
    assert _dead() == []


def test_after_no_answer_a_refusal_under_the_same_key_ends_it_too(driven_clock: Clock) -> None:
    """The same key gives the same object: a refusal says that the first call made none."""
    charge = fired()
    with _refusing() as wall:
        wall.refuses = False
        wall.down_before.add("open_checkout")
        with pytest.raises(Down):
            tab(charge).approve()
        wall.refuses = True
        driven_clock.advance(minutes=1)
        jobs.drain()
    (attempt,) = seeded_books.attempts_of(id_of(charge))
    assert attempt.outcome == "cancelled"
    assert len(_dead()) == 1


def test_a_key_that_was_used_for_something_else_ends_nothing(driven_clock: Clock) -> None:
    """Money may hang on what the key made: nobody pays a second time before a person looked."""
    charge = fired()
    with _refusing(KEY_REUSED):
        with pytest.raises(Misused):
            tab(charge).approve()
        driven_clock.advance(minutes=1)
        jobs.drain()
    (attempt,) = seeded_books.attempts_of(id_of(charge))
    assert attempt.outcome == "pending"
    assert [need.charge_id for need in _dead()] == [id_of(charge)]


def test_off_session_the_charge_failed_and_may_be_voided() -> None:
    seeded = seeded_books.seed(item={"capture_mode": "off_session"})
    with _refusing() as wall:
        failed = seeded_books.fire(seeded, "200.00")
        assert failed.charge is not None
        assert failed.charge.state == "failed"
        assert failed.attempt is not None
        assert (failed.attempt.outcome, wall.inner.balance()) == ("declined", {})
        assert WORDS in failed.attempt.problem
        assert {need.kind for need in needs_me_now()} == {"failed", "job_dead"}
        assert void_charge(failed.charge.id, reason="", actor=OPERATOR).state == "void"
    assert needs_me_now() == ()
    assert verify_all().problems == ()
