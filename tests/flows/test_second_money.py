"""Money that came a second time and goes back: out of suspense, and the paid invoice stays paid."""

from __future__ import annotations

from dataclasses import replace

import pytest

from billing_core import gateway
from billing_core.flows.record_payment import record_payment
from billing_core.flows.settle_attempt import record_seen
from billing_core.flows.take_refund import take_refund
from billing_core.flows.verify_evidence import verify_all
from billing_core.rules.nouns import Attempt
from tests import books as made
from tests.books import OPERATOR
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("database", "driven_clock")


def paid_twice() -> Attempt:
    """An invoice paid by transfer whose page, said to be closed, was paid all the same."""
    fired = made.fire(made.seed())
    assert fired.charge
    session = made.session_of(made.approve(made.token(fired)))
    (attempt,) = made.attempts_of(fired.charge.id)
    record_seen(attempt.id, replace(gateway.sandbox().read(session), outcome="cancelled", url=None))
    record_payment(fired.charge.id, method="bank_transfer", paid_on="2026-03-16", reference="0042",
                   actor=OPERATOR)  # fmt: skip
    gateway.sandbox().pay(session, made.PAYS)
    record_seen(attempt.id, gateway.sandbox().read(session))
    (attempt,) = made.attempts_of(fired.charge.id)
    return attempt


def test_sent_back_on_the_dashboard_in_two_parts() -> None:
    surplus = paid_twice()
    assert surplus.surplus
    assert watching.account("suspense") == {"USD": -450_000}
    sent = [
        gateway.sandbox().refund(
            surplus.payment_reference or "", amount_minor=part, currency="USD",
            reason="duplicate", metadata={}, key=f"dashboard-{part}",
        )
        for part in (150_000, 300_000)
    ]  # fmt: skip
    assert [take_refund(seen.reference) for seen in sent * 2] == [""] * 4
    assert watching.account("suspense") == watching.account("refunds_pending") == {"USD": 0}
    assert watching.account("refunds") == {}
    assert watching.cash() == {"USD": 0}
    assert [row.kind for row in watching.revenue(surplus.charge_id)] == ["payment"]
    assert made.charge(surplus.charge_id).state == "captured"
    states = [(row["state"], row["number"]) for row in watching.rows("refunds")]
    assert states == [("succeeded", None)] * 2, "no credit note: no invoice asked for it"
    assert verify_all().problems == ()
