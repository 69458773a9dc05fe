"""The two-person rule: above a limit nothing happens until somebody else approves."""

from __future__ import annotations

from typing import Any

import pytest

from billing_core import jobs
from billing_core.errors import IllegalMove, NotAllowed, Refused, SecondPersonNeeded
from billing_core.flows.approve_request import approve_request
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.refuse_request import refuse_request, withdraw_request
from billing_core.flows.revise_charge import revise_charge
from billing_core.flows.save_company import save_company
from billing_core.flows.suspend_customer import restore_customer, suspend_customer
from billing_core.flows.verify_evidence import verify_all
from billing_core.reports.dossier import dossier
from billing_core.rules.nouns import Actor, Charge
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import id_of

pytestmark = pytest.mark.usefixtures("database", "driven_clock")

OTHER = Actor("key", "key_bookkeeper", "Bookkeeping")
QUIET = {"requests", "idempotency_keys"}


def _limits(**limits: str) -> None:
    save_company(limits, actor=OPERATOR)


def _paid(limit: str = "1000") -> Charge:
    charge = seeded_books.paid(seeded_books.seed())
    _limits(second_refund_above=limit)
    jobs.drain()
    return charge


def _refund(charge: Charge, amount: str, key: str | None = None, actor: Actor = OPERATOR) -> Any:
    return refund_charge(charge.id, amount=amount, reason="other", note="", actor=actor, key=key)


def _asked(charge: Charge, amount: str, key: str | None = None) -> str:
    with pytest.raises(SecondPersonNeeded) as needed:
        _refund(charge, amount, key)
    return needed.value.request_id


def test_a_large_refund_waits_and_is_done_once_by_another_person() -> None:
    charge = _paid()
    assert _refund(charge, "1000.00").state == "succeeded"
    before = watching.everything()
    with watching.watched() as wall:
        request_id = _asked(charge, "", key="k")
        assert _asked(charge, "", key="k") == request_id
        assert set(watching.changed(before)) == QUIET
        with pytest.raises(NotAllowed, match="You asked for this yourself"):
            approve_request(request_id, actor=OPERATOR)
        assert wall.asked == []
        done = approve_request(request_id, actor=OTHER, key="yes")
        assert approve_request(request_id, actor=OTHER, key="yes") == done
        assert approve_request(request_id, actor=OTHER) == done
    refund = _refund(charge, "", key="k")
    assert (done.state, done.result, refund.amount_minor) == ("executed", refund.id, 350_000)
    assert refund.actor == OPERATOR
    assert seeded_books.charge(charge.id).state == "refunded"
    assert wall.inner.balance() == watching.cash() == {"USD": 0}
    asked = [e.event for e in dossier(charge.id).events if e.event.kind == "refund.requested"]
    assert asked[-1].payload["approved_by"] == OTHER.id
    assert verify_all().problems == ()


def test_parts_of_a_sum_do_not_get_round_the_limit() -> None:
    charge = _paid()
    _refund(charge, "600.00")
    assert _asked(charge, "600.00").startswith("rq_")


def test_the_rules_are_looked_at_again_when_it_is_approved() -> None:
    charge = _paid()
    request_id = _asked(charge, "4000.00")
    _refund(charge, "900.00")
    with pytest.raises(Refused, match="At most 3600"):
        approve_request(request_id, actor=OTHER)
    waits = watching.rows("requests")[0]
    assert (waits["state"], waits["decided_id"]) == ("waiting", "")
    assert "At most 3600.00" in waits["problem"]
    refuse_request(request_id, reason="Too late", actor=OTHER)
    with pytest.raises(IllegalMove):
        approve_request(request_id, actor=OTHER)


def test_what_was_approved_survives_a_death_before_it_was_done(driven_clock: Clock) -> None:
    charge = _paid()
    request_id = _asked(charge, "4000.00")
    done = approve_request(request_id, actor=OTHER)
    # as a worker left it that died when the money was gone and nothing of it recorded
    watching.write("UPDATE requests SET state = 'waiting', result = NULL")
    watching.write("UPDATE jobs SET done_at = NULL WHERE kind = 'execute_request'")
    with pytest.raises(IllegalMove, match="approved already"):
        withdraw_request(request_id, actor=OPERATOR)
    driven_clock.advance(minutes=5)
    jobs.drain()
    (request,) = watching.rows("requests")
    assert (request["state"], request["result"]) == ("executed", done.result)
    assert watching.cash() == {"USD": 50_000}


def test_two_who_approve_at_once_send_it_back_once() -> None:
    request_id = _asked(_paid(), "4000.00")
    others = [Actor("key", f"key_{number}") for number in range(4)]
    done = watching.at_once(4, lambda number: approve_request(request_id, actor=others[number]))
    assert {each.state for each in done if not isinstance(each, Exception)} == {"executed"}
    assert not [each for each in done if isinstance(each, Exception)]
    assert (len(watching.rows("refunds")), watching.cash()) == (1, {"USD": 50_000})


def test_a_large_charge_touches_no_number_and_no_client_until_it_is_approved() -> None:
    seeded = seeded_books.seed(item={"capture_mode": "off_session"})
    _limits(second_charge_above="1000")
    assert id_of(seeded_books.fire(seeded, "1000.00"))
    before = watching.everything()
    with watching.watched() as wall, pytest.raises(SecondPersonNeeded) as needed:
        seeded_books.fire(seeded, "1000.01", "Phase 3", key="k")
    assert (set(watching.changed(before)), wall.asked) == (QUIET, [])
    request_id = needed.value.request_id
    suspend_customer(seeded.customer, actor=OPERATOR)
    with pytest.raises(NotAllowed):
        approve_request(request_id, actor=OTHER)
    restore_customer(seeded.customer, actor=OPERATOR)
    done = approve_request(request_id, actor=OTHER)
    fired = seeded_books.fire(seeded, "1000.01", "Phase 3", key="k")
    assert fired.charge
    assert (fired.charge.id, fired.charge.state, fired.replay) == (done.result, "captured", True)
    assert fired.charge.actor == OPERATOR
    assert len(watching.rows("charges")) == 2


def test_without_a_key_the_same_again_is_the_same_request_and_the_asker_may_withdraw() -> None:
    seeded = seeded_books.seed()
    _limits(second_charge_above="1000")
    ids = set()
    for _ in range(2):
        with pytest.raises(SecondPersonNeeded) as needed:
            seeded_books.fire(seeded)
        ids.add(needed.value.request_id)
    (request_id,) = ids
    with pytest.raises(NotAllowed):
        withdraw_request(request_id, actor=OTHER)
    with pytest.raises(NotAllowed):
        refuse_request(request_id, actor=OPERATOR)
    assert withdraw_request(request_id, actor=OPERATOR).state == "withdrawn"
    with pytest.raises(IllegalMove):
        approve_request(request_id, actor=OTHER)


def test_a_revision_goes_no_higher_than_one_person_may() -> None:
    fired = seeded_books.fire(seeded_books.seed(), "900.00")
    _limits(second_charge_above="1000")
    with pytest.raises(NotAllowed) as refused:
        revise_charge(
            id_of(fired), amount="4500.00", description="All of it", answer="", actor=OPERATOR
        )
    assert refused.value.code == "SECOND_PERSON_NEEDED"
    assert seeded_books.charge(id_of(fired)).state == "pending_client"
