"""Money from elsewhere, money too late, money twice, and money of the wrong size."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from billing_core.errors import FieldsRefused, IllegalMove, KeyConflict
from billing_core.flows.record_payment import record_payment
from billing_core.flows.settle_attempt import record_seen
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from billing_core.gateway.port import Seen
from billing_core.reports.needs import needs_me_now
from billing_core.reports.trial_balance import trial_balance
from billing_core.rules.nouns import Charge
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.flows import watching
from tests.flows.visiting import fired, id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")
TRANSFER = {"method": "bank_transfer", "paid_on": "2026-03-15", "reference": "CT-991"}


def _record(charge_id: str, **fields: Any) -> Charge:
    return record_payment(charge_id, **(TRANSFER | fields), actor=OPERATOR)


def _late(charge_id: str) -> list[str]:
    """What a person is told to look at, of this charge."""
    return [n.kind for n in needs_me_now() if n.charge_id == charge_id and n.kind == "late_money"]


# --- recorded by hand


def test_a_payment_by_hand_is_booked_once_at_the_bank() -> None:
    item: dict[str, str | bool] = {"tax_name": "VAT", "tax_rate": "20"}
    charge = seeded_books.fire(seeded_books.seed(item=item))
    paid = _record(id_of(charge), key="k")
    assert _record(id_of(charge), key="k") == paid
    assert (paid.state, paid.late_money) == ("captured", False)
    (money,) = watching.revenue(id_of(charge))
    assert (money.kind, money.source, money.method, money.reference, money.fee_minor) == (
        "payment", "manual", "Bank transfer", "CT-991", 0,
    )  # fmt: skip
    assert (money.gross_minor, money.tax_minor) == (540_000, 90_000)
    assert money.booked_at.date().isoformat() == "2026-03-15"
    assert watching.account("cash:bank") == {"USD": 540_000}
    assert (watching.account("sales"), watching.account("tax")) == (
        {"USD": -450_000}, {"USD": -90_000},
    )  # fmt: skip
    assert trial_balance().balanced
    assert watching.kinds(id_of(charge))[-2:] == ["payment.recorded", "mail.queued"]
    assert len(watching.mails_of(id_of(charge), "receipt")) == 1
    assert watching.rows("jobs", "kind = 'remind_client' AND done_at IS NULL") == []
    assert tab(charge).page.story[-1].kind == "paid"
    with pytest.raises(KeyConflict):
        _record(id_of(charge), key="k", reference="other")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"method": "shells"}, "method"),
        ({"method": ""}, "method"),
        ({"paid_on": "2026-03-17"}, "paid_on"),
        ({"paid_on": "15.03.2026"}, "paid_on"),
        ({"paid_on": ""}, "paid_on"),
        ({"paid_on": "1999-01-01"}, "paid_on"),
        ({"paid_on": "2026-02-30"}, "paid_on"),
        ({"reference": "x" * 121}, "reference"),
        ({"reference": "a\nb"}, "reference"),
    ],
)
def test_what_is_wrong_is_named_and_an_open_session_stays(
    fields: dict[str, str], wrong: str
) -> None:
    """A slip of the pen may not throw a client out who is paying at this moment."""
    charge = fired()
    with watching.watched() as wall:
        step = tab(charge).approve()
        before = watching.everything()
        with pytest.raises(FieldsRefused) as refused:
            _record(id_of(charge), **fields)
        assert set(refused.value.problems) == {wrong}
        assert watching.changed(before) == {}
        assert wall.inner.show(seeded_books.session_of(step)).state == "open"


def test_today_is_the_customers_day() -> None:
    """14:00 UTC on the 16th is the 17th in Auckland already."""
    charge = fired(time_zone="Pacific/Auckland")
    assert _record(id_of(charge), paid_on="2026-03-17").state == "captured"


def test_an_open_session_is_cancelled_first() -> None:
    charge = fired()
    with watching.watched() as wall:
        step = tab(charge).approve()
        assert _record(id_of(charge)).state == "captured"
        seeded_books.pay(step)
        seeded_books.settle(id_of(charge))
    assert wall.inner.balance() == {}
    assert len(watching.revenue(id_of(charge))) == 1


def test_what_the_gateway_took_meanwhile_counts_and_nothing_is_recorded() -> None:
    charge = fired()
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).approve())
        with pytest.raises(IllegalMove) as refused:
            _record(id_of(charge))
    assert "paid" in refused.value.sentence
    assert [r.source for r in watching.revenue(id_of(charge))] == ["gateway"]
    assert wall.inner.balance() == watching.cash() == {"USD": 450_000}


def test_a_payment_after_a_decline_needs_no_second_approval() -> None:
    charge = fired()
    seeded_books.pay(tab(charge).approve(), seeded_books.DECLINES)
    seeded_books.settle(id_of(charge))
    assert _record(id_of(charge), method="cheque").state == "captured"


@pytest.mark.parametrize("how", ["captured", "void", "changes"])
def test_what_is_not_owed_cannot_be_recorded(how: str) -> None:
    charge = fired()
    if how == "captured":
        _record(id_of(charge))
    elif how == "void":
        void_charge(id_of(charge), reason="", actor=OPERATOR)
    else:
        tab(charge).ask()
    before = watching.everything()
    with pytest.raises(IllegalMove):
        _record(id_of(charge))
    assert watching.changed(before) == {}


def test_recorded_by_sixteen_hands_it_is_booked_once() -> None:
    charge = fired()
    results = watching.at_once(16, lambda n: _record(id_of(charge), reference=f"r{n}"))
    assert sum(isinstance(result, Charge) for result in results) == 1, results
    assert sum(watching.refusal(result, IllegalMove) for result in results) == 15
    assert len(watching.revenue(id_of(charge))) == 1
    assert watching.account("cash:bank") == {"USD": 450_000}


# --- late


def _paid_after_the_company_said_cancelled(charge_id: str, step: Any, wall: Any) -> Charge:
    """The gateway took the money of a session that it had called cancelled; the news comes now."""
    seeded_books.pay(step)
    attempt = seeded_books.attempts_of(charge_id)[0]
    assert attempt.outcome == "cancelled"
    return record_seen(attempt.id, wall.inner.read(attempt.reference))


def test_money_after_a_void_is_booked_and_flagged() -> None:
    charge = fired()
    with watching.watched() as wall:
        wall.cannot_cancel = True
        step = tab(charge).approve()
        void_charge(id_of(charge), reason="", actor=OPERATOR)
        late = _paid_after_the_company_said_cancelled(id_of(charge), step, wall)
        again = record_seen(
            seeded_books.attempts_of(id_of(charge))[0].id,
            wall.inner.read(seeded_books.session_of(step)),
        )
    assert (late.state, late.late_money, late.ended_at) == ("captured", True, None)
    assert again == late, "the same news twice is one fact"
    assert wall.inner.balance() == watching.cash() == {"USD": 450_000}
    assert len(watching.revenue(id_of(charge))) == 1
    assert _late(id_of(charge)) == ["late_money"]
    assert verify_all().problems == ()


def test_money_after_a_void_whose_milestone_is_billed_anew_is_held_apart() -> None:
    """Two live charges of one milestone may not be: the late money waits in suspense."""
    seeded = seeded_books.seed()
    milestone = seeded_books.plan(seeded.customer, "4500.00").milestones[0]
    charge = seeded_books.fire(seeded, milestone=milestone)
    with watching.watched() as wall:
        wall.cannot_cancel = True
        step = tab(charge).approve()
        void_charge(id_of(charge), reason="", actor=OPERATOR)
        successor = seeded_books.fire(seeded, "4200.00", milestone=milestone)
        late = _paid_after_the_company_said_cancelled(id_of(charge), step, wall)
    assert (late.state, late.late_money) == ("void", True)
    assert watching.account("suspense") == {"USD": -450_000}
    assert wall.inner.balance() == watching.cash() == {"USD": 450_000}
    assert watching.revenue(id_of(charge)) == []
    assert _late(id_of(charge)) == ["late_money"], "a person must hear of it"
    assert seeded_books.charge(id_of(successor)).state == "pending_client"


def test_money_a_second_time_goes_to_suspense() -> None:
    charge = fired()
    with watching.watched() as wall:
        wall.cannot_cancel = True
        first = tab(charge).approve()
        _record(id_of(charge))
        late = _paid_after_the_company_said_cancelled(id_of(charge), first, wall)
    assert (late.state, late.late_money) == ("captured", True)
    assert len(watching.revenue(id_of(charge))) == 1
    assert watching.account("suspense") == {"USD": -450_000}
    assert wall.inner.balance() == watching.cash() == {"USD": 450_000}
    assert watching.account("sales") == {"USD": -450_000}, "revenue knows it once"
    assert _late(id_of(charge)) == ["late_money"]
    assert verify_all().problems == ()


def test_two_sessions_that_both_paid_are_one_revenue_and_one_suspense() -> None:
    charge = fired()
    with watching.watched() as wall:
        first = tab(charge).approve()
        attempt = seeded_books.attempts_of(id_of(charge))[0]
        seen = wall.inner.read(seeded_books.session_of(first))
        record_seen(attempt.id, replace(seen, outcome="cancelled"))
        second = tab(charge).pay()
        seeded_books.pay(second)
        assert seeded_books.settle(id_of(charge)).state == "captured"
        late = _paid_after_the_company_said_cancelled(id_of(charge), first, wall)
        record_seen(attempt.id, wall.inner.read(seeded_books.session_of(first)))
    assert (late.state, late.late_money) == ("captured", True)
    assert [a.outcome for a in seeded_books.attempts_of(id_of(charge))] == ["succeeded"] * 2
    assert len(watching.revenue(id_of(charge))) == 1
    assert watching.account("suspense") == {"USD": -450_000}
    assert wall.inner.balance() == watching.cash() == {"USD": 900_000}
    assert verify_all().problems == ()


@pytest.mark.parametrize("wrong", [{"amount_minor": 449_999}, {"currency": "EUR"}])
def test_money_of_another_size_goes_to_suspense(wrong: dict[str, Any]) -> None:
    charge = fired()
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).approve())
        attempt = seeded_books.attempts_of(id_of(charge))[0]
        seen = replace(wall.inner.read(attempt.reference or ""), **wrong)
    stored = record_seen(attempt.id, seen)
    assert (stored.state, stored.late_money) == ("approved", True)
    assert watching.revenue(id_of(charge)) == []
    assert watching.account("suspense") == {seen.currency: -seen.amount_minor}
    assert trial_balance().balanced
    assert _late(id_of(charge)) == ["late_money"]


def test_wrong_money_for_what_has_ended_is_told_too() -> None:
    charge = fired()
    with watching.watched() as wall:
        wall.cannot_cancel = True
        step = tab(charge).approve()
        void_charge(id_of(charge), reason="", actor=OPERATOR)
        seeded_books.pay(step)
        attempt = seeded_books.attempts_of(id_of(charge))[0]
        seen = replace(wall.inner.read(attempt.reference or ""), amount_minor=1)
    assert record_seen(attempt.id, seen).state == "void"
    assert _late(id_of(charge)) == ["late_money"]


# --- news out of order (I8)


@pytest.mark.parametrize("late", ["requires_action", "processing", "declined", "expired"])
def test_late_news_never_takes_a_payment_back(late: str) -> None:
    charge = fired()
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).approve())
        seeded_books.settle(id_of(charge))
        attempt = seeded_books.attempts_of(id_of(charge))[0]
        seen: Seen = wall.inner.read(attempt.reference or "")
    before = watching.everything()
    record_seen(attempt.id, replace(seen, outcome=late))
    assert watching.changed(before) == {}
