"""Reminders: 09:00 where the customer is, on days 3, 7 and 14, and never one too many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from billing_core import jobs
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.mint_link import mint_link
from billing_core.flows.remind_client import remind_client
from billing_core.flows.resend_invoice import resend_invoice
from billing_core.flows.save_company import save_company
from billing_core.flows.suspend_customer import restore_customer, suspend_customer
from billing_core.flows.void_charge import void_charge
from billing_core.reports import outbox
from billing_core.reports.dossier import dossier
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import Fired, fired, id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def _reminders(charge: Fired) -> int:
    jobs.drain()
    return len(watching.mails_of(id_of(charge), "reminder"))


def _utc(month: int, day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "moments"),
    [
        ("America/New_York", [_utc(3, 19, 13), _utc(3, 23, 13), _utc(3, 30, 13)]),
        # fired on the 16th there; summer time begins on the 29th
        ("Europe/Berlin", [_utc(3, 19, 8), _utc(3, 23, 8), _utc(3, 30, 7)]),
        # 14:00 UTC is the 17th there already
        ("Pacific/Auckland", [_utc(3, 19, 20), _utc(3, 23, 20), _utc(3, 30, 20)]),
        ("Asia/Kolkata", [_utc(3, 19, 3, 30), _utc(3, 23, 3, 30), _utc(3, 30, 3, 30)]),
    ],
)
def test_at_nine_where_the_customer_is(
    zone: str, moments: list[datetime], driven_clock: Clock
) -> None:
    charge = fired(time_zone=zone)
    for number, at in enumerate(moments, start=1):
        driven_clock.set(at)
        driven_clock.advance(seconds=-1)
        assert _reminders(charge) == number - 1
        driven_clock.set(at)
        assert _reminders(charge) == number
    driven_clock.advance(days=10)
    assert _reminders(charge) == 3
    assert watching.kinds(id_of(charge)).count("reminder.sent") == 3


def test_a_reminder_carries_the_same_link_and_the_papers(driven_clock: Clock) -> None:
    charge = fired()
    driven_clock.advance(days=3)
    assert _reminders(charge) == 1
    shown = outbox.mail(watching.mails_of(id_of(charge), "reminder")[0].id)
    assert shown.pay_url == charge.url
    assert [name for name, _ in shown.attachments] == ["CS-2026-00001.pdf"]
    mint_link(id_of(charge), actor=OPERATOR)
    driven_clock.advance(days=4)
    assert _reminders(charge) == 2
    second = outbox.mail(watching.mails_of(id_of(charge), "reminder")[1].id)
    assert second.pay_url == dossier(id_of(charge)).pay_url != charge.url


@pytest.mark.parametrize("how", ["approved", "paid", "changes", "void", "suspended"])
def test_none_once_it_has_moved_on(how: str, driven_clock: Clock) -> None:
    charge = fired()
    customer = seeded_books.charge(id_of(charge)).customer_id
    if how == "approved":
        tab(charge).approve()
    elif how == "paid":
        seeded_books.pay(tab(charge).approve())
        seeded_books.settle(id_of(charge))
    elif how == "changes":
        tab(charge).ask()
    elif how == "void":
        void_charge(id_of(charge), reason="", actor=OPERATOR)
    else:
        suspend_customer(customer, actor=OPERATOR)
    driven_clock.advance(days=20)
    assert _reminders(charge) == 0


def test_after_a_suspension_the_days_that_are_left_are_kept(driven_clock: Clock) -> None:
    charge = fired()
    customer = seeded_books.charge(id_of(charge)).customer_id
    suspend_customer(customer, actor=OPERATOR)
    driven_clock.advance(days=4)
    assert _reminders(charge) == 0
    restore_customer(customer, actor=OPERATOR)
    driven_clock.advance(days=4)
    assert _reminders(charge) == 1


def test_an_answered_request_is_reminded_of_again(driven_clock: Clock) -> None:
    charge = fired()
    tab(charge).ask()
    driven_clock.advance(days=1)
    answer_changes(id_of(charge), answer="Done.", actor=OPERATOR)
    driven_clock.advance(days=3)
    assert _reminders(charge) == 1
    driven_clock.advance(days=4)
    assert _reminders(charge) == 2


def test_an_expired_charge_that_was_sent_again_is_reminded_of(driven_clock: Clock) -> None:
    charge = fired()
    watching.write("UPDATE charges SET valid_until = '2026-03-17'")
    driven_clock.advance(days=5)
    assert _reminders(charge) == 0
    resend_invoice(id_of(charge), actor=OPERATOR)
    driven_clock.advance(days=3)
    assert _reminders(charge) == 1


def test_a_repeated_job_reminds_once(driven_clock: Clock) -> None:
    """A worker died between the mail and the end of its job: the next one must not write again."""
    charge = fired()
    driven_clock.advance(days=3)
    assert remind_client(id_of(charge), 3)
    assert not remind_client(id_of(charge), 3)
    assert _reminders(charge) == 1


def test_the_days_are_the_organisations_own(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    save_company({"reminder_days": "1, 2"}, actor=OPERATOR)
    charge = seeded_books.fire(seeded)
    save_company({"reminder_days": "5"}, actor=OPERATOR)
    driven_clock.advance(days=20)
    assert _reminders(charge) >= 1
    days = {row["payload"] for row in watching.rows("jobs", "kind = 'remind_client'")}
    assert len(days) == 2, "changes never act backwards"


def test_an_old_link_is_not_reminded_of(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()
    save_company({"link_life_days": "5"}, actor=OPERATOR)
    charge = seeded_books.fire(seeded)
    driven_clock.advance(days=10)
    assert _reminders(charge) == 0
