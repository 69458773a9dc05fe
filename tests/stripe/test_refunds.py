"""Money that goes back: never more than came, once, with its tax share, credit note and mail."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from billing_core import gateway, jobs
from billing_core.errors import (
    AmountRefused,
    FieldsRefused,
    IllegalMove,
    KeyConflict,
    NotAllowed,
    Refused,
)
from billing_core.flows.record_payment import record_payment
from billing_core.flows.refund_charge import refund_charge
from billing_core.records import db, evidence
from billing_core.reports import outbox
from billing_core.reports.needs import needs_me_now
from billing_core.rules.nouns import Event, Refund
from tests import books as seeded
from tests.books import OPERATOR
from tests.flows import watching
from tests.stripe.till import Till
from tests.stripe_fake.running import PAYS

TAXED: dict[str, str | bool] = {"tax_name": "VAT", "tax_rate": "8.25"}
SLOW, FAILS = "4000000000007726", "4000000000005126"


def paid(till: Till, amount: str = "4500.00", number: str = PAYS) -> str:
    """A charge that is paid; its id."""
    charge_id, step = till.approved(amount)
    till.pay(step, number)
    till.hear()
    assert till.charge(charge_id).state == "captured"
    return charge_id


def refund(charge_id: str, amount: str = "", **more: Any) -> Refund:
    """A refund as the operator asks for it."""
    fields = {"reason": "requested_by_customer", "actor": OPERATOR} | more
    return refund_charge(charge_id, amount=amount, **fields)


def books_chain(charge_id: str) -> list[Event]:
    """The charge's chain."""
    with db.read_only() as connection:
        return evidence.of_stream(connection, charge_id)


def test_all_of_it_goes_back(each_till: Till) -> None:
    till = each_till.open(item=TAXED)
    charge_id = paid(till)
    done = refund(charge_id, note="Cancelled by both.", key="k")
    assert refund(charge_id, note="Cancelled by both.", key="k") == done
    with pytest.raises(KeyConflict):
        refund(charge_id, "1.00", key="k")
    assert (done.state, done.amount_minor, done.tax_minor) == ("succeeded", 487_125, 37_125)
    assert done.number == "CS-CN-2026-00001"
    note = json.loads(done.canonical or "")
    assert (note["total_minor"], note["tax_minor"]) == (487_125, 37_125)
    assert note["invoice"]["number"] == till.charge(charge_id).invoice_number
    assert till.charge(charge_id).state == "refunded"
    [row] = [r for r in watching.revenue(charge_id) if r.kind == "refund"]
    assert (row.gross_minor, row.tax_minor, row.net_minor) == (-487_125, -37_125, -487_125)
    assert (till.account("refunds"), till.account("sales")) == ({"USD": 450_000}, {"USD": -450_000})
    assert till.account("tax") == {"USD": 0}
    jobs.drain()
    [mail] = [m for m in outbox.mails() if m.kind == "refund"]
    assert mail.subject == "Northlight Studio: $4,871.25 refunded, invoice CS-2026-00001"
    assert "CS-CN-2026-00001" in outbox.mail(mail.id).text
    till.hear(copies=3, shuffle=3)
    till.check()
    [theirs] = till.fake.objects("refund")
    charge = till.charge(charge_id)
    [asked] = [e for e in books_chain(charge_id) if e.kind == "refund.requested"]
    assert theirs["metadata"] == {
        "charge_id": charge_id, "attempt_id": till.attempt(charge_id).id, "refund_id": done.id,
        "invoice_number": charge.invoice_number, "document_sha256": charge.document_sha256,
        "chain_head": asked.hash,
    }  # fmt: skip


def test_parts_add_up_and_never_to_more(till: Till) -> None:
    charge_id = paid(till.open(item=TAXED), "0.95")
    parts = [refund(charge_id, part) for part in ("0.33", "0.33", "0.33")]
    with pytest.raises(AmountRefused, match=r"At most 0\.04 USD is left"):
        refund(charge_id, "0.05")
    parts.append(refund(charge_id))
    assert sum(p.amount_minor for p in parts) == 103
    assert sum(p.tax_minor for p in parts) == till.charge(charge_id).tax_minor == 8
    assert till.charge(charge_id).state == "refunded"
    with pytest.raises(IllegalMove):
        refund(charge_id, "0.01")
    assert [p.number for p in parts] == [f"CS-CN-2026-0000{n}" for n in (1, 2, 3, 4)]
    till.hear()
    till.check()


@pytest.mark.parametrize("amount", ["0", "-1", "4500.01", "abc", "1e3", "NaN"])
def test_what_is_no_sum_changes_nothing(till: Till, amount: str) -> None:
    charge_id = paid(till.open())
    before = watching.everything()
    with pytest.raises(AmountRefused):
        refund(charge_id, amount, key="k")
    with pytest.raises(FieldsRefused):
        refund(charge_id, reason="because")
    assert watching.changed(before) == {}


def test_what_is_not_paid_here_is_not_refunded_here(till: Till) -> None:
    charge_id, _ = till.open().approved()
    with pytest.raises(IllegalMove):
        refund(charge_id)
    fired = till.fire("20.00")
    assert fired.charge
    record_payment(
        fired.charge.id, method="cash", paid_on="2026-03-16", reference="", actor=OPERATOR
    )
    with pytest.raises(NotAllowed, match="paid outside"):
        refund(fired.charge.id)


@pytest.mark.parametrize("arrives", [True, False])
def test_a_slow_refund_counts_when_it_arrives(till: Till, arrives: bool) -> None:
    till.open()
    charge_id = paid(till, number=SLOW)
    asked = refund(charge_id)
    assert asked.state == "processing"
    assert till.charge(charge_id).state == "captured"
    till.hear()
    till.check()
    with pytest.raises(AmountRefused):
        refund(charge_id, "1.00")
    reference = till.fake.objects("refund")[0]["id"]
    till.fake.control("refund", refund=reference, succeed=arrives)
    till.hear(copies=2, shuffle=5)
    till.check()
    assert till.charge(charge_id).state == ("refunded" if arrives else "captured")
    assert till.account("refunds_pending") == {"USD": 0}
    if not arrives:
        [need] = [n for n in needs_me_now() if n.kind == "refund_failed"]
        assert need.charge_id == charge_id
        assert refund(charge_id, "1.00").amount_minor == 100


@pytest.mark.parametrize("kind", ["drop_before", "drop_after", "error", "error_after"])
def test_a_silent_gateway_refunds_once(till: Till, kind: str) -> None:
    till.open()
    charge_id = paid(till)
    till.fake.control("fault", kind=kind, path="/v1/refunds", times=2)
    asked = refund(charge_id, "100.00")
    assert asked.state == "unknown"
    with pytest.raises(AmountRefused):
        refund(charge_id, "4400.01")
    till.later(minutes=5)
    till.later(minutes=5)
    # a 500 is replayed under its key for a day: from then on we look, and ask no more
    till.later(hours=21)
    till.hear()
    [made] = watching.rows("refunds")
    assert made["state"] == ("failed" if kind == "error" else "succeeded")
    assert len(till.fake.objects("refund")) == (kind != "error")
    till.check()


def test_two_operators_at_once_refund_once(each_till: Till) -> None:
    till = each_till.open()
    charge_id = paid(till)
    done = watching.at_once(6, lambda n: refund(charge_id, "3000.00", key=f"k{n}"))
    assert len([d for d in done if isinstance(d, Refund)]) == 1
    assert all(isinstance(d, (Refund, Refused)) for d in done)
    till.hear()
    till.check()


def test_a_refund_made_on_the_dashboard_is_booked_here(till: Till) -> None:
    charge_id = paid(till.open())
    intent = till.attempt(charge_id).payment_reference
    headers = {"authorization": "Bearer sk_test_countersign", "stripe-version": "2026-10-28.endive"}
    made = httpx.post(f"{till.fake.address}/v1/refunds", headers=headers, trust_env=False,
                      data={"payment_intent": intent, "amount": "1500"})  # fmt: skip
    assert made.status_code == 200
    till.hear(copies=2)
    [row] = watching.rows("refunds")
    assert (row["amount_minor"], row["state"], row["actor_kind"]) == (1500, "succeeded", "gateway")
    till.check()


def test_the_sandbox_refunds_too(books: str) -> None:
    charge = seeded.paid(seeded.seed())
    done = refund(charge.id, "1000.00")
    assert done.state == "succeeded"
    assert refund(charge.id).amount_minor == 350_000
    assert seeded.charge(charge.id).state == "refunded"
    assert watching.cash() == {"USD": 0}
    assert gateway.sandbox().balance() == {"USD": 0}
