"""After the approval: saved methods, 3-D Secure, declines, paying again, codes by mail."""

from __future__ import annotations

import pytest

from billing_core import jobs
from billing_core.errors import AlreadyDone, FieldsRefused, NotAllowed, StaleDocument
from billing_core.flows import sandbox_checkout
from billing_core.flows.approve_charge import NextStep
from billing_core.flows.save_customer import save_customer
from billing_core.flows.suspend_customer import restore_customer, suspend_customer
from billing_core.flows.verify_evidence import verify_all
from tests import books as seeded_books
from tests.books import ASKS, CUSTOMER, DECLINES, DISPUTED_LATER, OPERATOR
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import fired, id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def _outcomes(charge_id: str) -> list[str]:
    return [attempt.outcome for attempt in seeded_books.attempts_of(charge_id)]


def _paid_once(charge_id: str, wall: watching.Watched, minor: int = 450_000) -> None:
    """One approval, one capture, one revenue row; our cash is the company's own balance."""
    assert seeded_books.charge(charge_id).state == "captured"
    told = watching.kinds(charge_id)
    assert (told.count("charge.approved"), told.count("charge.captured")) == (1, 1)
    assert [r.gross_minor for r in watching.revenue(charge_id)] == [minor]
    assert wall.inner.balance() == watching.cash() == {"USD": minor}
    assert len(watching.mails_of(charge_id, "receipt")) == 1
    assert verify_all().problems == ()


# --- the hosted page


@pytest.mark.parametrize("number", [seeded_books.PAYS, DISPUTED_LATER])
def test_a_card_that_pays(number: str) -> None:
    charge = fired()
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).approve(), number)
        assert seeded_books.settle(id_of(charge)).state == "captured"
    _paid_once(id_of(charge), wall)


def test_the_gateway_is_told_what_document_2_says() -> None:
    charge = fired()
    step = tab(charge).approve()
    with watching.watched() as wall:
        order = wall.inner.show(seeded_books.session_of(step)).order
    attempt = seeded_books.attempts_of(id_of(charge))[0]
    stored = seeded_books.charge(id_of(charge))
    assert (order.amount_minor, order.currency) == (stored.total_minor, "USD")
    heads = [row["hash"] for row in watching.rows("evidence_events", "kind = 'attempt.started'")]
    assert order.metadata == {
        "charge_id": stored.id,
        "attempt_id": attempt.id,
        "invoice_number": stored.invoice_number,
        "document_sha256": stored.document_sha256,
        "chain_head": heads[0],
    }


def test_a_decline_then_another_card_is_one_approval_and_one_capture() -> None:
    charge = fired()
    with watching.watched() as wall:
        back = seeded_books.pay(tab(charge).approve(), DECLINES)
        assert back.endswith(f"/pay/{seeded_books.token(charge)}/status")
        assert seeded_books.settle(id_of(charge)).state == "approved"
        page = tab(charge).page
        assert (page.can, page.attempt.problem if page.attempt else "") == (
            {"pay"}, "The card was declined.",
        )  # fmt: skip
        seeded_books.pay(tab(charge).pay())
        seeded_books.settle(id_of(charge))
    assert _outcomes(id_of(charge)) == ["declined", "succeeded"]
    assert len(set(wall.keys())) == 2, "each attempt has a key of its own"
    _paid_once(id_of(charge), wall)


def test_a_clients_decline_is_no_failure_of_the_enrolment() -> None:
    charge = fired()
    for _ in range(4):
        step = tab(charge).approve() if not _outcomes(id_of(charge)) else tab(charge).pay()
        seeded_books.pay(step, DECLINES)
        seeded_books.settle(id_of(charge))
    enrolment = watching.rows("enrolments")[0]
    assert (enrolment["status"], enrolment["consecutive_failures"]) == ("active", 0)


@pytest.mark.parametrize("succeed", [True, False])
def test_three_d_secure_on_the_hosted_page(succeed: bool) -> None:
    charge = fired()
    with watching.watched() as wall:
        step = tab(charge).approve()
        assert "/sandbox/checkout/" in seeded_books.pay(step, ASKS)
        assert seeded_books.settle(id_of(charge)).state == "approved"
        sandbox_checkout.authenticate(seeded_books.session_of(step), succeed=succeed)
        state = seeded_books.settle(id_of(charge)).state
    if succeed:
        _paid_once(id_of(charge), wall)
    else:
        assert (state, _outcomes(id_of(charge))) == ("approved", ["declined"])


def test_going_back_without_paying_leaves_the_approval_standing() -> None:
    charge = fired()
    step = tab(charge).approve()
    sandbox_checkout.cancel(seeded_books.session_of(step))
    assert seeded_books.settle(id_of(charge)).state == "approved"
    assert tab(charge).page.can == {"pay"}


def test_a_session_lives_for_a_day(driven_clock: Clock) -> None:
    charge = fired()
    tab(charge).approve()
    driven_clock.advance(hours=24, seconds=1)
    jobs.drain()
    assert (_outcomes(id_of(charge)), seeded_books.charge(id_of(charge)).state) == (
        ["expired"], "approved",
    )  # fmt: skip
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).pay())
        seeded_books.settle(id_of(charge))
    _paid_once(id_of(charge), wall)


def test_while_a_session_is_open_there_is_a_way_back_and_no_second_one() -> None:
    charge = fired()
    step = tab(charge).approve()
    page = tab(charge).page
    assert (page.can, page.continue_url, page.awaiting) == (frozenset(), step.url, False)
    with pytest.raises(AlreadyDone):
        tab(charge).pay()
    assert len(watching.rows("attempts")) == 1


def test_paying_again_from_sixteen_tabs_starts_one_attempt() -> None:
    charge = fired()
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).approve(), DECLINES)
        seeded_books.settle(id_of(charge))
        tabs = [tab(charge) for _ in range(16)]
        results = watching.at_once(16, lambda n: tabs[n].pay())
        steps = [r for r in results if not watching.refusal(r, AlreadyDone)]
        assert len(steps) == 1, results
        assert isinstance(steps[0], NextStep)
        seeded_books.pay(steps[0])
        seeded_books.settle(id_of(charge))
    assert _outcomes(id_of(charge)) == ["declined", "succeeded"]
    _paid_once(id_of(charge), wall)


def test_paying_again_checks_what_approving_checks() -> None:
    charge = fired()
    first = tab(charge)
    with pytest.raises(AlreadyDone):
        first.pay()
    seeded_books.pay(first.approve(), DECLINES)
    seeded_books.settle(id_of(charge))
    again = tab(charge)
    with pytest.raises(AlreadyDone):
        again.pay(nonce=first.page.nonce)
    with pytest.raises(StaleDocument):
        again.pay(nonce="forged")
    with pytest.raises(FieldsRefused):
        again.pay(method="cash")
    customer = seeded_books.charge(id_of(charge)).customer_id
    suspend_customer(customer, actor=OPERATOR)
    with pytest.raises(NotAllowed):
        again.pay()
    restore_customer(customer, actor=OPERATOR)
    assert again.pay().to_gateway


def test_every_look_at_a_paid_charge_finds_it_paid_once() -> None:
    """A redirect, a poll and the worker all ask at once: one fact, booked once."""
    charge = fired()
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).approve())
        results = watching.at_once(16, lambda _: seeded_books.settle(id_of(charge)))
        assert not [r for r in results if isinstance(r, Exception)]
    _paid_once(id_of(charge), wall)


# --- the saved method


def test_a_saved_method_pays_at_once() -> None:
    charge = fired("1000.00")
    with watching.watched() as wall:
        step = tab(charge).approve(method="saved")
        assert (step.to_gateway, step.url) == (False, f"/pay/{seeded_books.token(charge)}/status")
    assert [verb for verb, _ in wall.asked] == ["charge_saved"]
    assert watching.revenue(id_of(charge))[0].method == "Visa •••• 4242"
    _paid_once(id_of(charge), wall, 100_000)


def test_a_saved_method_that_declines_can_be_left_for_another() -> None:
    charge = fired("900.00", payment_method="pm_card_chargeDeclined")
    with watching.watched() as wall:
        assert not tab(charge).approve(method="saved").to_gateway
        assert tab(charge).page.can == {"pay"}
        seeded_books.pay(tab(charge).pay(method="new"))
        seeded_books.settle(id_of(charge))
    assert _outcomes(id_of(charge)) == ["declined", "succeeded"]
    _paid_once(id_of(charge), wall, 90_000)


@pytest.mark.parametrize("succeed", [True, False])
def test_a_saved_method_that_asks_sends_the_client_to_the_bank(succeed: bool) -> None:
    charge = fired("900.00", payment_method="pm_card_authenticationRequired")
    with watching.watched() as wall:
        step = tab(charge).approve(method="saved")
        assert step.to_gateway
        assert seeded_books.charge(id_of(charge)).state == "approved"
        sandbox_checkout.authenticate(seeded_books.session_of(step), succeed=succeed)
        seeded_books.settle(id_of(charge))
    if succeed:
        _paid_once(id_of(charge), wall, 90_000)
    else:
        assert (tab(charge).page.can, watching.revenue(id_of(charge))) == ({"pay"}, [])


def test_the_method_charged_is_the_one_frozen_in_the_attempt() -> None:
    """A repeated call after the customer changed cards must ask for the very same thing."""
    charge = fired("900.00")
    with watching.watched() as wall:
        wall.down_before = {"charge_saved"}
        with pytest.raises(Exception, match="dead"):
            tab(charge).approve(method="saved")
        customer = seeded_books.charge(id_of(charge)).customer_id
        fields = CUSTOMER | {"payment_method": "pm_card_chargeDeclined"}
        save_customer(customer, fields, actor=OPERATOR)
        wall.down_before = set()
        assert seeded_books.settle(id_of(charge)).state == "captured"
    assert watching.revenue(id_of(charge))[0].method == "Visa •••• 4242"
