"""What ends by itself or is stopped for a while: expiry, links, suspension."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from billing_core import jobs
from billing_core.errors import (
    AlreadyDone,
    Duplicate,
    IllegalMove,
    LinkExpired,
    LinkUnknown,
    NotAllowed,
    Refused,
    TooMany,
)
from billing_core.flows.enroll_customer import change_enrolment, enroll_customer
from billing_core.flows.mint_link import mint_link
from billing_core.flows.open_link import open_link
from billing_core.flows.renew_link import renew_link
from billing_core.flows.resend_invoice import resend_invoice
from billing_core.flows.suspend_customer import restore_customer, suspend_customer
from billing_core.flows.void_charge import void_charge
from billing_core.reports.dossier import dossier
from tests import books as seeded_books
from tests.books import OPERATOR, VISIT
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import Tab, fired, id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def _live_tab(charge_id: str) -> Tab:
    url = dossier(charge_id).pay_url
    assert url is not None
    return tab(url.rpartition("/")[2])


# --- expiry


def _expired(driven_clock: Clock, **plan: Any) -> str:
    seeded = seeded_books.seed()
    fired_id = id_of(seeded_books.fire(seeded, **plan))
    watching.write("UPDATE charges SET valid_until = :day", day=date(2026, 3, 20).isoformat())
    driven_clock.advance(days=10)
    jobs.drain()
    return fired_id


def test_a_charge_is_valid_to_the_end_of_its_day_where_the_customer_is(driven_clock: Clock) -> None:
    fired_id = id_of(fired(time_zone="Pacific/Auckland"))
    watching.write("UPDATE charges SET valid_until = '2026-03-20'")
    driven_clock.set(driven_clock.now.replace(day=20, hour=10, minute=59))
    jobs.drain()
    assert seeded_books.charge(fired_id).state == "pending_client"
    driven_clock.advance(minutes=1)
    jobs.drain()
    assert seeded_books.charge(fired_id).state == "expired"
    assert watching.kinds(fired_id)[-1] == "charge.expired"


def test_an_expired_charge_may_be_sent_again(driven_clock: Clock) -> None:
    fired_id = _expired(driven_clock)
    assert _live_tab(fired_id).page.can == frozenset()
    with pytest.raises(AlreadyDone):
        _live_tab(fired_id).approve()
    again = resend_invoice(fired_id, actor=OPERATOR, key="k")
    assert (again.state, again.valid_until) == ("pending_client", None)
    assert resend_invoice(fired_id, actor=OPERATOR, key="k") == again
    driven_clock.advance(days=1)
    jobs.drain()
    seeded_books.pay(_live_tab(fired_id).approve())
    assert seeded_books.settle(fired_id).state == "captured"


def test_an_approval_stops_the_expiry(driven_clock: Clock) -> None:
    charge = fired()
    watching.write("UPDATE charges SET valid_until = '2026-03-20'")
    tab(charge).approve()
    driven_clock.advance(days=10)
    jobs.drain()
    assert seeded_books.charge(id_of(charge)).state == "approved"


def test_an_expired_charge_whose_milestone_is_billed_anew_stays_so(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    plan = seeded_books.plan(seeded.customer, "4500.00")
    old = id_of(seeded_books.fire(seeded, milestone=plan.milestones[0]))
    watching.write("UPDATE charges SET valid_until = '2026-03-20'")
    driven_clock.advance(days=10)
    jobs.drain()
    new = seeded_books.fire(seeded, milestone=plan.milestones[0])
    before = watching.everything()
    with pytest.raises(Duplicate) as refused:
        resend_invoice(old, actor=OPERATOR)
    assert (refused.value.charge_id, watching.changed(before)) == (id_of(new), {})


def test_an_expired_charge_must_still_fit_into_the_contract(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    plan = seeded_books.plan(seeded.customer, "6000.00", "6000.00", contract_sum="10000.00")
    old = id_of(seeded_books.fire(seeded, "6000.00", milestone=plan.milestones[0]))
    watching.write("UPDATE charges SET valid_until = '2026-03-20'")
    driven_clock.advance(days=10)
    jobs.drain()
    seeded_books.fire(seeded, "6000.00", milestone=plan.milestones[1])
    with pytest.raises(Refused) as refused:
        resend_invoice(old, actor=OPERATOR)
    assert refused.value.code == "CONTRACT_EXCEEDED"
    assert seeded_books.charge(old).state == "expired"


# --- links


def test_a_resend_kills_the_old_link_and_mails_the_new_one() -> None:
    charge = fired()
    resend_invoice(id_of(charge), actor=OPERATOR, key="k")
    resend_invoice(id_of(charge), actor=OPERATOR, key="k")
    with pytest.raises(LinkExpired):
        open_link(seeded_books.token(charge))
    assert len(watching.mails_of(id_of(charge), "invoice")) == 2
    assert [row["replaced_at"] is None for row in watching.rows("links")].count(True) == 1
    assert _live_tab(id_of(charge)).page.can == {"approve", "changes"}


def test_a_new_link_is_no_mail() -> None:
    charge = fired()
    url = mint_link(id_of(charge), actor=OPERATOR, key="k")
    assert url != charge.url
    assert mint_link(id_of(charge), actor=OPERATOR, key="k") == url
    assert len(watching.mails_of(id_of(charge))) == 1
    assert watching.kinds(id_of(charge))[-1] == "link.replaced"


def test_what_has_ended_has_nothing_to_send() -> None:
    charge = fired()
    void_charge(id_of(charge), reason="", actor=OPERATOR)
    for verb in (resend_invoice, mint_link):
        with pytest.raises(IllegalMove):
            verb(id_of(charge), actor=OPERATOR)


def test_a_link_lives_for_thirty_days_and_the_invoice_for_longer(driven_clock: Clock) -> None:
    charge = fired()
    driven_clock.advance(days=29, hours=23)
    assert tab(charge).page.can == {"approve", "changes"}
    driven_clock.advance(hours=1)
    with pytest.raises(LinkExpired):
        tab(charge)
    assert seeded_books.charge(id_of(charge)).state == "pending_client"
    assert resend_invoice(id_of(charge), actor=OPERATOR).state == "pending_client"


def test_twenty_new_links_an_hour() -> None:
    charge = fired()
    for _ in range(19):
        mint_link(id_of(charge), actor=OPERATOR)
    with pytest.raises(TooMany):
        mint_link(id_of(charge), actor=OPERATOR)


def test_an_old_link_may_be_renewed_three_times_an_hour_silently(driven_clock: Clock) -> None:
    charge = fired()
    driven_clock.advance(days=31)
    for _ in range(5):
        renew_link(seeded_books.token(charge), visit=VISIT)
    fresh = watching.mails_of(id_of(charge), "fresh_link")
    assert len(fresh) == 3
    assert {mail.to for mail in fresh} == {("dana@harborvine.example",)}
    assert len(watching.rows("links", "replaced_at IS NULL")) == 1
    driven_clock.advance(hours=1, seconds=1)
    renew_link(seeded_books.token(charge), visit=VISIT)
    assert len(watching.mails_of(id_of(charge), "fresh_link")) == 4
    assert _live_tab(id_of(charge)).page.can == {"approve", "changes"}


@pytest.mark.parametrize("why", ["alive", "void"])
def test_a_renewal_that_gives_nothing_says_nothing(why: str, driven_clock: Clock) -> None:
    charge = fired()
    if why == "void":
        void_charge(id_of(charge), reason="", actor=OPERATOR)
        driven_clock.advance(days=31)
    before = watching.everything()
    renew_link(seeded_books.token(charge), visit=VISIT)
    assert watching.changed(before) == {}
    with pytest.raises(LinkUnknown):
        renew_link("x" * 43, visit=VISIT)


# --- suspension


def test_suspending_stops_what_could_take_money_and_restoring_undoes_it() -> None:
    seeded = seeded_books.seed()
    paused = enroll_customer(seeded.customer, seeded_books.add_item().id, actor=OPERATOR)
    change_enrolment(paused.id, "pause", actor=OPERATOR)
    waiting = seeded_books.fire(seeded)
    paying = seeded_books.fire(seeded, description="Phase 3")
    with watching.watched() as wall:
        step = tab(paying).approve()
        suspend_customer(seeded.customer, actor=OPERATOR)
        seeded_books.pay(step)
    assert wall.inner.balance() == {}
    assert tab(waiting).page.blocked
    with pytest.raises(NotAllowed):
        tab(waiting).approve()
    for refused_verb in (
        lambda: seeded_books.fire(seeded, description="Phase 4"),
        lambda: enroll_customer(seeded.customer, seeded_books.add_item().id, actor=OPERATOR),
    ):
        with pytest.raises(Refused) as refused:
            refused_verb()
        assert refused.value.code == "CUSTOMER_NOT_ACTIVE"
    restore_customer(seeded.customer, actor=OPERATOR)
    assert sorted(row["status"] for row in watching.rows("enrolments")) == ["active", "paused"]
    seeded_books.pay(tab(paying).pay())
    assert seeded_books.settle(id_of(paying)).state == "captured"
    assert tab(waiting).approve().to_gateway


def test_suspending_twice_is_refused_by_name() -> None:
    seeded = seeded_books.seed()
    suspend_customer(seeded.customer, actor=OPERATOR)
    with pytest.raises(IllegalMove):
        suspend_customer(seeded.customer, actor=OPERATOR)
    restore_customer(seeded.customer, actor=OPERATOR)
    with pytest.raises(IllegalMove):
        restore_customer(seeded.customer, actor=OPERATOR)
    assert watching.kinds(seeded.customer) == ["customer.suspended", "customer.active"]


def test_money_that_completes_all_the_same_is_settled() -> None:
    seeded = seeded_books.seed()
    charge = seeded_books.fire(seeded)
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).approve())
        suspend_customer(seeded.customer, actor=OPERATOR)
    assert seeded_books.charge(id_of(charge)).state == "captured"
    assert wall.inner.balance() == watching.cash() == {"USD": 450_000}


def test_one_silent_session_does_not_keep_the_others_payable() -> None:
    """The gateway is silent at the suspension: the sweep cancels what stayed open."""
    seeded = seeded_books.seed()
    charges = [seeded_books.fire(seeded, description=f"Phase {n}") for n in range(3)]
    with watching.watched() as wall:
        steps = [tab(charge).approve() for charge in charges]
        wall.down_before = {"cancel"}
        assert suspend_customer(seeded.customer, actor=OPERATOR).standing == "suspended"
        assert [verb for verb, _ in wall.asked].count("cancel") == 3, "one failure hides no other"
        wall.down_before = set()
        _settle_by_worker()
        for step in steps:
            seeded_books.pay(step)
    assert wall.inner.balance() == {}


def _settle_by_worker() -> None:
    from billing_core import clock

    with clock.driven(clock.now().replace(hour=clock.now().hour + 1)):
        jobs.drain()
