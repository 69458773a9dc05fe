"""Stored cards that end soon: the client is asked for another one, once per card."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from billing_core import jobs
from billing_core.flows.store_method import store_method
from billing_core.flows.verify_evidence import verify_all
from billing_core.reports import needs, outbox
from billing_core.rules import cards
from billing_core.rules.nouns import PaymentMethod
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching


def _card(month: int, year: int) -> PaymentMethod:
    return PaymentMethod("pm_1", "Visa", "4242", month, year, date(2026, 1, 1))


def test_a_card_is_good_to_the_last_day_of_its_month() -> None:
    card = _card(2, 2028)
    assert cards.last_day(card) == date(2028, 2, 29)
    says = {date(2028, 1, 29): "fine", date(2028, 1, 30): "expiring",
            date(2028, 2, 29): "expiring", date(2028, 3, 1): "expired"}  # fmt: skip
    assert {day: cards.standing(card, day) for day in says} == says


def test_the_months_that_are_watched_hold_every_card_that_is_not_fine() -> None:
    for day in (date(2028, 1, 1), date(2028, 1, 30), date(2028, 12, 31), date(2029, 2, 28)):
        months = cards.months_to_watch(day)
        watched = {cards.standing(_card(*month), day) for month in months}
        assert watched >= {"expiring"} or "expired" in watched
        assert (day.month, day.year) in months
        ahead = day + cards.AHEAD
        assert (ahead.month, ahead.year) in months


@pytest.mark.usefixtures("database")
def test_a_client_is_asked_once_for_each_card(driven_clock: Clock) -> None:
    seeded = seeded_books.seed()  # the sandbox's card ends with December 2030
    seeded_books.add_customer(name="No Card", payment_method="")
    driven_clock.set(datetime(2030, 11, 30, 12, tzinfo=UTC))
    jobs.drain()
    assert (outbox.mails(), needs.needs_me_now()) == ((), ())
    driven_clock.set(datetime(2030, 12, 1, 12, tzinfo=UTC))
    for _ in range(3):
        jobs.drain()
        driven_clock.advance(hours=1)
    (mail,) = outbox.mails()
    assert "Visa •••• 4242 can be charged until December 31, 2030." in outbox.mail(mail.id).text
    (need,) = needs.needs_me_now()
    assert (need.kind, need.customer_id) == ("card_expiring", seeded.customer)
    watching.write("UPDATE customers SET standing = 'suspended'")
    assert needs.needs_me_now() == ()
    watching.write("UPDATE customers SET standing = 'active'")
    store_method(seeded.customer, "pm_card_visa", actor=OPERATOR)
    assert needs.needs_me_now() == ()
    for day, mails in (((2034, 12, 1), 2), ((2035, 1, 2), 2)):
        driven_clock.set(datetime(*day, 12, tzinfo=UTC))
        jobs.drain()
        assert len(outbox.mails()) == mails, "another card, another warning, and only one"
    assert "could be charged until" in needs.needs_me_now()[0].detail
    assert verify_all().problems == ()
