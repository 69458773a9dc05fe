"""A disputed charge on its own screen: the deadline, and why nothing is refunded meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from billing_core import clock
from billing_core.flows.take_dispute import record_dispute
from billing_core.gateway.port import SeenDispute
from billing_core.reports.contested import contested
from tests import books
from tests.console.screen import Screen
from tests.flows.pressing import paid_charge

pytestmark = pytest.mark.usefixtures("books")


def test_a_disputed_charge_says_its_deadline_and_why_it_is_not_refunded() -> None:
    charge_id = paid_charge()
    record_dispute(seen_dispute(charge_id))
    screen = Screen("charges", charge=charge_id).click("verb:refund")
    assert "While it is open, a refund would pay twice" in screen.said()
    assert screen.money_button().disabled
    assert "Chargeback: product not received" in screen.said()
    assert "Answer by April 20, 2027, 3:00 PM UTC" in screen.said()


def test_overview_and_disputes_say_whose_until_when_and_how_much() -> None:
    assert "No dispute, and nothing to do." in Screen("disputes").said()
    charge_id = paid_charge()
    record_dispute(seen_dispute(charge_id))
    number = books.charge(charge_id).invoice_number
    said = Screen().said()
    assert f"Harbor & Vine, {number}" in said
    assert "Chargeback: product not received, answer by April 20" in said
    screen = Screen("disputes")
    assert (
        "Chargeback: product not received. Answer by April 20, 2027, 3:00 PM UTC" in screen.said()
    )
    (found,) = contested(decided=False)
    screen.click(f"open:{found.dispute.id}")
    assert screen.address("charge") == charge_id
    record_dispute(replace(seen_dispute(charge_id), status="lost"))
    said = Screen("disputes").said()
    assert "Decided" in said
    assert "To answer" not in said


def seen_dispute(charge_id: str) -> SeenDispute:
    """The payer's bank objects to the whole sum."""
    charge, (attempt,) = books.charge(charge_id), books.attempts_of(charge_id)
    return SeenDispute(
        reference="dp_of_the_bank",
        payment_reference=attempt.payment_reference or "",
        kind="chargeback",
        status="open",
        reason="product_not_received",
        amount_minor=charge.total_minor,
        currency=charge.currency,
        due_by=datetime(2027, 4, 20, 15, tzinfo=UTC),
        opened_at=clock.now(),
    )
