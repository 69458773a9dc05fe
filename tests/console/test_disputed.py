"""A disputed charge on its own screen: the deadline, and why nothing is refunded meanwhile."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from billing_core import clock
from billing_core.flows.take_dispute import record_dispute
from billing_core.gateway.port import SeenDispute
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
