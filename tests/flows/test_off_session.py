"""Charging a stored method without the client: at once, and counted when it fails."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing_core import jobs
from billing_core.errors import Refused
from billing_core.flows.enroll_customer import change_enrolment, enroll_customer
from billing_core.flows.fire_charge import Fired
from billing_core.flows.resume_enrolments import resume_enrolments
from billing_core.flows.revise_charge import revise_charge
from billing_core.flows.save_customer import save_customer
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from billing_core.reports.dossier import dossier
from tests import books as seeded_books
from tests.books import CUSTOMER, OPERATOR, Seeded
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def _seed(method: str = "pm_card_visa") -> Seeded:
    return seeded_books.seed(item={"capture_mode": "off_session"}, payment_method=method)


def _fire(seeded: Seeded, number: int = 1, key: str | None = None) -> Fired:
    return seeded_books.fire(seeded, "200.00", f"Phase {number}", key=key)


def _change_card(seeded: Seeded, method: str) -> None:
    save_customer(seeded.customer, CUSTOMER | {"payment_method": method}, actor=OPERATOR)


def test_a_stored_method_is_charged_at_once() -> None:
    seeded = _seed()
    with watching.watched() as wall:
        fired = _fire(seeded, key="k")
        again = _fire(seeded, key="k")
    assert fired.charge
    assert (fired.charge.state, fired.url, again.charge) == ("captured", None, fired.charge)
    assert [verb for verb, _ in wall.asked] == ["charge_saved"]
    assert wall.inner.balance() == watching.cash() == {"USD": 20_000}
    assert [mail.kind for mail in watching.mails_of(id_of(fired))] == ["receipt"]
    assert verify_all().problems == ()


def test_declines_are_counted_and_the_third_pauses_the_enrolment() -> None:
    seeded = _seed("pm_card_chargeDeclined")
    for number in (1, 2, 3):
        fired = _fire(seeded, number)
        assert fired.charge
        assert fired.charge.state == "failed"
        assert watching.rows("enrolments")[0]["consecutive_failures"] == number
    with pytest.raises(Refused) as refused:
        _fire(seeded, 4)
    assert refused.value.code == "ENROLLMENT_PAUSED"
    _change_card(seeded, "pm_card_visa")
    resumed = change_enrolment(seeded.enrolment, "resume", actor=OPERATOR)
    assert (resumed.status, resumed.consecutive_failures) == ("active", 0)
    paid = _fire(seeded, 5).charge
    assert paid
    assert paid.state == "captured"


def test_a_dead_card_pauses_all_it_pays_and_one_press_brings_them_back() -> None:
    seeded = _seed("pm_card_chargeDeclined")
    others = [seeded_books.add_item(name=f"Care {n}", capture_mode="off_session") for n in (1, 2)]
    held = [enroll_customer(seeded.customer, other.id, actor=OPERATOR) for other in others]
    change_enrolment(held[1].id, "pause", actor=OPERATOR)
    _fire(seeded, 1)
    _fire(seeded, 2)
    _fire(replace(seeded, item=others[0].id), 3)
    assert _standing() == {seeded.enrolment: ("paused", "method", 2),
                           held[0].id: ("paused", "method", 1),
                           held[1].id: ("paused", "", 0)}  # fmt: skip
    _change_card(seeded, "pm_card_visa")
    resumed = resume_enrolments(seeded.customer, actor=OPERATOR, key="k")
    assert resume_enrolments(seeded.customer, actor=OPERATOR, key="k") == resumed
    assert _standing() == {seeded.enrolment: ("active", "", 0), held[0].id: ("active", "", 0),
                           held[1].id: ("paused", "", 0)}  # fmt: skip
    with pytest.raises(Refused, match="No enrolment is paused by declines"):
        resume_enrolments(seeded.customer, actor=OPERATOR)


def test_a_card_that_pays_or_is_replaced_counts_from_nothing() -> None:
    seeded = _seed("pm_card_chargeDeclined")
    other = seeded_books.add_item(name="Care", capture_mode="off_session")
    enroll_customer(seeded.customer, other.id, actor=OPERATOR)
    _fire(seeded, 1)
    _fire(seeded, 2)
    _change_card(seeded, "pm_card_chargeDeclined")
    _fire(replace(seeded, item=other.id), 3)
    assert {status for status, _, _ in _standing().values()} == {"active"}


def _standing() -> dict[str, tuple[str, str, int]]:
    return {
        row["id"]: (row["status"], row["paused_why"], row["consecutive_failures"])
        for row in watching.rows("enrolments")
    }


def test_a_success_starts_the_count_anew() -> None:
    seeded = _seed("pm_card_chargeDeclined")
    for number in (1, 2):
        _fire(seeded, number)
    _change_card(seeded, "pm_card_visa")
    _fire(seeded, 3)
    enrolment = watching.rows("enrolments")[0]
    assert (enrolment["consecutive_failures"], enrolment["last_result"]) == (0, "captured")
    _change_card(seeded, "pm_card_chargeDeclined")
    _fire(seeded, 4)
    enrolment = watching.rows("enrolments")[0]
    assert (enrolment["consecutive_failures"], enrolment["status"]) == (1, "active")


def test_a_bank_that_asks_for_the_client_gets_the_client(driven_clock: Clock) -> None:
    with watching.watched() as wall:
        fired = _fire(_seed("pm_card_authenticationRequired"))
    assert fired.charge
    assert (fired.charge.state, fired.url is not None) == ("pending_client", True)
    assert [verb for verb, _ in wall.asked] == ["charge_saved", "cancel"]
    seeded_books.pay(tab(fired).approve())
    assert seeded_books.settle(id_of(fired)).state == "captured"
    assert wall.inner.balance() == {"USD": 20_000}


def test_who_is_asked_is_reminded(driven_clock: Clock) -> None:
    fired = _fire(_seed("pm_card_authenticationRequired"))
    driven_clock.advance(days=3)
    jobs.drain()
    kinds = [mail.kind for mail in watching.mails_of(id_of(fired))]
    assert kinds == ["invoice", "reminder"]


def test_a_charge_that_went_to_the_client_may_be_revised() -> None:
    fired = _fire(_seed("pm_card_authenticationRequired"))
    new = revise_charge(
        id_of(fired), amount="150.00", description="Less", answer="", actor=OPERATOR
    )
    assert new.state == "pending_client"
    token = (dossier(new.id).pay_url or "").rpartition("/")[2]
    seeded_books.pay(tab(token).approve())
    assert seeded_books.settle(new.id).state == "captured"


def test_a_failed_charge_may_be_voided_and_fired_anew() -> None:
    seeded = _seed("pm_card_chargeDeclined")
    failed = _fire(seeded)
    assert void_charge(id_of(failed), reason="", actor=OPERATOR).state == "void"


@pytest.mark.parametrize("silence", ["down_before", "down_after"])
@pytest.mark.parametrize("who", ["the caller", "the worker"])
def test_no_answer_is_found_out_later_with_the_same_key(
    silence: str, who: str, driven_clock: Clock
) -> None:
    seeded = _seed()
    with watching.watched() as wall:
        getattr(wall, silence).add("charge_saved")
        fired = _fire(seeded, key="k").charge
        assert fired
        assert fired.state == "charging"
        getattr(wall, silence).clear()
        driven_clock.advance(minutes=1)
        if who == "the worker":
            jobs.drain()
        again = _fire(seeded, key="k")
        assert len(set(wall.keys())) == 1
    assert again.charge
    assert (again.replay, again.charge.state) == (True, "captured")
    assert wall.inner.balance() == watching.cash() == {"USD": 20_000}


def test_without_a_stored_method_nothing_is_fired() -> None:
    seeded = seeded_books.seed(item={"capture_mode": "off_session"}, payment_method="")
    before = watching.everything()
    with pytest.raises(Refused) as refused:
        _fire(seeded)
    assert (refused.value.code, watching.changed(before)) == ("NO_PAYMENT_METHOD", {})
