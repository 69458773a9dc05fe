"""Trying a failed charge once more with the stored method, on both databases."""

from __future__ import annotations

import pytest

from billing_core import jobs
from billing_core.errors import IllegalMove, NotAllowed, NotFound, Refused
from billing_core.flows.enroll_customer import change_enrolment
from billing_core.flows.retry_charge import retry_charge
from billing_core.flows.save_customer import save_customer
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.flows.verify_evidence import verify_all
from tests import books as seeded_books
from tests.books import CUSTOMER, OPERATOR, Seeded
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import id_of

pytestmark = pytest.mark.usefixtures("database", "driven_clock")


def _failed() -> tuple[Seeded, str]:
    declining = "pm_card_chargeDeclined"
    seeded = seeded_books.seed(item={"capture_mode": "off_session"}, payment_method=declining)
    return seeded, id_of(seeded_books.fire(seeded, "200.00"))


def _store(seeded: Seeded, method: str) -> None:
    save_customer(seeded.customer, CUSTOMER | {"payment_method": method}, actor=OPERATOR)


def test_a_retry_is_an_attempt_of_its_own_and_pays_once() -> None:
    seeded, failed = _failed()
    assert retry_charge(failed, actor=OPERATOR, key="first").state == "failed"
    _store(seeded, "pm_card_visa")
    with watching.watched() as wall:
        paid = retry_charge(failed, actor=OPERATOR, key="k")
        again = retry_charge(failed, actor=OPERATOR, key="k")
    assert (paid.state, paid.ended_at, again) == ("captured", None, paid)
    tries = seeded_books.attempts_of(failed)
    assert [each.outcome for each in tries] == ["declined", "declined", "succeeded"]
    assert len({each.idempotency_key for each in tries}) == 3
    assert wall.inner.balance() == watching.cash() == {"USD": 20_000}
    started = watching.kinds(failed).count("attempt.started")
    assert (started, verify_all().problems) == (3, ())
    with pytest.raises(IllegalMove):
        retry_charge(failed, actor=OPERATOR, key="another")


@pytest.mark.parametrize("silence", ["down_before", "down_after"])
def test_a_silent_gateway_leaves_it_charging_and_nobody_tries_twice(
    silence: str, driven_clock: Clock
) -> None:
    seeded, failed = _failed()
    _store(seeded, "pm_card_visa")
    with watching.watched() as wall:
        getattr(wall, silence).add("charge_saved")
        assert retry_charge(failed, actor=OPERATOR, key="k").state == "charging"
        with pytest.raises(IllegalMove):
            retry_charge(failed, actor=OPERATOR, key="other")
        getattr(wall, silence).clear()
        driven_clock.advance(minutes=1)
        jobs.drain()
        assert len(set(wall.keys())) == 1
    assert seeded_books.charge(failed).state == "captured"
    assert wall.inner.balance() == watching.cash() == {"USD": 20_000}


def test_the_gate_of_a_fire_holds_and_leaves_nothing_behind() -> None:
    seeded, failed = _failed()
    change_enrolment(seeded.enrolment, "pause", actor=OPERATOR)
    assert _refused(failed) == "ENROLLMENT_PAUSED"
    change_enrolment(seeded.enrolment, "resume", actor=OPERATOR)
    suspend_customer(seeded.customer, actor=OPERATOR)
    assert _refused(failed) == "CUSTOMER_NOT_ACTIVE"
    with pytest.raises(NotFound):
        retry_charge("sc_nowhere", actor=OPERATOR)


def test_without_a_stored_method_there_is_nothing_to_charge() -> None:
    _, failed = _failed()
    watching.write("UPDATE customers SET payment_method = NULL")
    assert _refused(failed) == "NO_PAYMENT_METHOD"


def _refused(charge_id: str) -> str:
    before = watching.everything()
    with pytest.raises(Refused) as refused:
        retry_charge(charge_id, actor=OPERATOR, key="k")
    assert isinstance(refused.value, NotAllowed)
    assert watching.changed(before) == {}
    return refused.value.code
