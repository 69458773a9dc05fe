"""A cardholder's bank objects: taken in as it is, booked once, shown with its deadline."""

from __future__ import annotations

import pytest

from billing_core import reports
from billing_core.errors import NotAllowed, Refused
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.take_dispute import take_dispute
from billing_core.reports.needs import needs_me_now
from tests.books import OPERATOR
from tests.flows import watching
from tests.stripe.test_refunds import paid, refund
from tests.stripe.till import Till

DISPUTED, INQUIRED = "4000000000000259", "4000000000001976"


def kinds(charge_id: str) -> list[str]:
    """What the chain says of disputes."""
    return [kind for kind in watching.kinds(charge_id) if kind.startswith("dispute.")]


def only_dispute(till: Till) -> str:
    """The stand-in's one dispute."""
    [made] = till.fake.objects("dispute")
    return str(made["id"])


@pytest.mark.parametrize("status", ["won", "lost"])
def test_a_chargeback_from_opened_to_decided(each_till: Till, status: str) -> None:
    till = each_till.open()
    charge_id, step = till.approved()
    till.pay(step, DISPUTED)
    till.hear(copies=3, shuffle=2)
    till.later(minutes=5)
    assert till.charge(charge_id).state == "disputed"
    assert till.account("dispute_held") == {"USD": 450_000}
    assert till.account("dispute_fees") == {"USD": 1500}
    [need] = [n for n in needs_me_now() if n.kind == "dispute"]
    assert (need.title, need.amount_minor) == ("Harbor & Vine, CS-2026-00001", 450_000)
    assert need.detail == "Chargeback: fraudulent, answer by March 25"
    till.check()
    with pytest.raises(Refused):
        refund(charge_id)
    till.fake.control("close", dispute=only_dispute(till), status=status)
    till.hear(copies=3, shuffle=9)
    assert till.charge(charge_id).state == ("captured" if status == "won" else "lost")
    assert till.account("dispute_held") == {"USD": 0}
    assert till.account("dispute_losses") == ({} if status == "won" else {"USD": 450_000})
    assert kinds(charge_id) == ["dispute.opened", "dispute.funds_withdrawn"] + (
        ["dispute.closed", "dispute.funds_reinstated"] if status == "won" else ["dispute.closed"]
    )
    assert [n for n in needs_me_now() if n.kind == "dispute"] == []
    [told] = reports.disputes().to_dict("records")
    assert (told["kind"], told["state"], told["fee_minor"]) == ("chargeback", status, 1500)
    assert (told["invoice_number"], told["customer"]) == ("CS-2026-00001", "Harbor & Vine")
    if status == "lost":
        assert sum(r.gross_minor for r in watching.revenue(charge_id)) == 0
    till.check()


def test_an_inquiry_moves_no_money_and_no_state_until_it_escalates(till: Till) -> None:
    till.open()
    charge_id, step = till.approved()
    till.pay(step, INQUIRED)
    till.hear()
    till.later(minutes=5)
    assert till.charge(charge_id).state == "captured"
    assert till.account("dispute_held") == {}
    [need] = [n for n in needs_me_now() if n.kind == "dispute"]
    assert need.detail.startswith("Inquiry, no money has moved: ")
    assert refund(charge_id, "1.00").state == "succeeded"
    till.fake.control("escalate", dispute=only_dispute(till))
    till.hear()
    assert till.charge(charge_id).state == "disputed"
    [row] = watching.rows("disputes")
    assert (row["kind"], row["held_minor"]) == ("chargeback", 450_000)
    till.check()


def test_an_inquiry_that_goes_no_further_is_closed(till: Till) -> None:
    charge_id = paid(till.open(), number=INQUIRED)
    till.fake.control("close", dispute=only_dispute(till), status="warning_closed")
    till.hear()
    take_dispute(only_dispute(till))
    assert till.charge(charge_id).state == "captured"
    assert watching.rows("disputes")[0]["status"] == "closed"
    till.check()


def test_a_dispute_heard_of_only_when_it_was_decided(till: Till) -> None:
    charge_id = paid(till.open())
    intent = till.attempt(charge_id).payment_reference
    made = till.fake.control("dispute", payment_intent=intent, reason="product_not_received")
    till.fake.control("close", dispute=made["id"], status="lost")
    till.hear(shuffle=4)
    assert till.charge(charge_id).state == "lost"
    assert till.account("dispute_held") == {"USD": 0}
    till.check()


def test_refunded_first_disputed_then_won(till: Till) -> None:
    charge_id = paid(till.open())
    refund(charge_id)
    intent = till.attempt(charge_id).payment_reference
    made = till.fake.control("dispute", payment_intent=intent)
    till.hear()
    assert till.charge(charge_id).state == "disputed"
    till.fake.control("close", dispute=made["id"], status="won")
    till.hear()
    assert till.charge(charge_id).state == "refunded"
    till.check()


def test_a_dispute_while_a_refund_is_on_its_way(each_till: Till) -> None:
    till = each_till.open()
    charge_id = paid(till)
    till.fake.control("fault", kind="drop_before", path="/v1/refunds", times=2)
    assert refund(charge_id, "1000.00").state == "unknown"
    till.fake.control("dispute", payment_intent=till.attempt(charge_id).payment_reference)
    till.hear()
    with pytest.raises((NotAllowed, Refused)):
        refund_charge(charge_id, amount="1.00", reason="other", actor=OPERATOR)
    till.later(minutes=5)
    # the bank holds the money, so the gateway refuses the refund: nothing is paid twice
    assert watching.rows("refunds")[0]["state"] == "failed"
    assert till.charge(charge_id).state == "disputed"
    till.check()


def test_a_dispute_about_somebody_elses_payment_is_let_go(till: Till) -> None:
    made = till.open().fake.control("pay", amount=9900, currency="usd")
    till.fake.control("dispute", payment_intent=made["id"])
    till.hear()
    till.later(hours=2)
    assert {row["state"] for row in watching.rows("gateway_messages")} == {"ignored"}
    assert watching.rows("disputes") == []
