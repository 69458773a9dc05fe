"""A customer's payment method on the profile: how it stands, another one, and resume all."""

from __future__ import annotations

import pytest

from billing_core.reports import lists
from tests import books
from tests.console.screen import Screen

pytestmark = pytest.mark.usefixtures("books")


def test_a_dead_card_is_said_replaced_and_all_is_resumed_at_one_press() -> None:
    seeded = books.seed(
        item={"capture_mode": "off_session"}, payment_method="pm_card_chargeDeclined"
    )
    for number in (1, 2, 3):
        books.fire(seeded, "200.00", f"Care {number}")
    screen = Screen("customers", customer=seeded.customer)
    for words in ("Declined", "Declined 3 times in a row", "One enrolment is paused by declines."):
        assert words in screen.said()
    screen.choose("test-method", "pm_card_visa").click("store-method")
    assert "Visa •••• 4242" in screen.said()
    assert "Declined" not in screen.said()
    screen.click("resume-all")
    (row,) = lists.enrolments(seeded.customer)
    assert (row.enrolment.status, row.enrolment.consecutive_failures) == ("active", 0)
    assert not screen.has("resume-all")


def test_without_a_method_it_says_so() -> None:
    seeded = books.seed(payment_method="")
    said = Screen("customers", customer=seeded.customer).said()
    assert "No payment method is stored." in said
