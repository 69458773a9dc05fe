"""Every row of /v1 doing what it says: what goes in, what comes out, what the books then hold."""

from __future__ import annotations

import re
from typing import Any

import pytest

from billing_core.rules.nouns import Charge
from tests import books as seeded_books
from tests.api.machine import Machine
from tests.books import Seeded
from tests.flows import watching

ITEM = {
    "name": "Project milestone",
    "unit_price": "5000.00",
    "currency": "USD",
    "trigger_mode": "event",
    "capture_mode": "client_confirm",
    "allow_override": True,
    "max_capture": "25000.00",
}
CUSTOMER = {
    "name": "Dana Whitfield",
    "email": "dana@harborvine.example",
    "currency": "USD",
    "allow_trigger": True,
}
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_TOKEN = re.compile(r"http://127\.0\.0\.1:8502/pay/[\w-]{43}")


def made(response: Any) -> dict[str, Any]:
    assert response.status_code == 201, response.text
    found: dict[str, Any] = response.json()
    assert found["idempotent_replay"] is False
    return found


def test_the_recipe_by_machine_alone(machine: Machine) -> None:
    """Item, customer, enrollment, project, milestone, delivery, fire: and the client can pay."""
    item = made(machine.post("items", **ITEM))
    customer = made(machine.post("customers", **CUSTOMER))
    enrolled = made(machine.post("enrollments", customer=customer["id"], item=item["id"]))
    project = made(
        machine.post("projects", customer=customer["id"], name="New website", currency="USD",
                     contract_sum="18000.00", po_number="PO-7781")
    )  # fmt: skip
    milestone = made(
        machine.post("milestones", project=project["id"], title="Phase 2: Homepage designs",
                     planned_amount_minor=450_000, due_on="2026-03-15", scope="Two directions")
    )  # fmt: skip
    assert milestone["state"] == "planned"
    delivered = machine.post(f"milestones/{milestone['id']}/deliver")
    assert (delivered.status_code, delivered.json()["state"]) == (200, "delivered")
    charge = made(
        machine.post("charges", customer=customer["id"], item=item["id"], amount="4500.00",
                     description="Phase 2: Homepage designs", milestone=milestone["id"])
    )  # fmt: skip
    assert {name: charge[name] for name in charge if name in _FIRED} == _FIRED | {
        "customer": customer["id"], "item": item["id"], "enrollment": enrolled["id"],
        "project": project["id"], "milestone": milestone["id"],
    }  # fmt: skip
    assert _TOKEN.fullmatch(charge["invoice_url"])
    assert _MOMENT.fullmatch(charge["created_at"])
    stored = _stored(charge["id"])
    assert charge["invoice"] == {
        "id": stored.invoice_id,
        "number": stored.invoice_number,
        "document_sha256": stored.document_sha256,
    }
    assert (stored.origin, stored.actor.kind, stored.actor.name) == ("api", "key", "Deploy bot")
    shown = machine.get(f"milestones/{milestone['id']}").json()
    assert (shown["state"], shown["charge"]) == ("billed", charge["id"])
    seeded_books.pay(seeded_books.approve(charge["invoice_url"].rpartition("/")[2]))
    seeded_books.settle(charge["id"])
    paid = machine.get(f"charges/{charge['id']}").json()
    assert paid["state"] == "captured"
    assert _MOMENT.fullmatch(paid["captured_at"])
    assert machine.get(f"milestones/{milestone['id']}").json()["state"] == "paid"


_FIRED = {
    "state": "pending_client",
    "amount": "4500.00",
    "amount_minor": 450_000,
    "net_minor": 450_000,
    "tax_minor": 0,
    "currency": "USD",
    "description": "Phase 2: Homepage designs",
    "capture_mode": "client_confirm",
    "origin": "api",
    "po_number": "PO-7781",
    "metric_value": None,
    "idempotent_replay": False,
    "customer": "", "item": "", "enrollment": "", "project": "", "milestone": "",
}  # fmt: skip


def _stored(charge_id: str) -> Charge:
    return seeded_books.charge(charge_id)


@pytest.mark.parametrize(
    ("sent", "text", "minor"),
    [
        ({"amount": "4500.00"}, "4500.00", 450_000),
        ({"amount": "4500"}, "4500.00", 450_000),
        ({"amount": "4500.5"}, "4500.50", 450_050),
        ({"amount_minor": 450_000}, "4500.00", 450_000),
        ({"amount": "0.29", "amount_minor": 29}, "0.29", 29),
        ({"amount": None, "amount_minor": None}, "5000.00", 500_000),
        ({}, "5000.00", 500_000),
    ],
)
def test_an_amount_in_either_way_comes_out_in_both(
    machine: Machine, seeded: Seeded, sent: dict[str, Any], text: str, minor: int
) -> None:
    fired = made(machine.post("charges", customer=seeded.customer, item=seeded.item, **sent))
    assert (fired["amount"], fired["amount_minor"]) == (text, minor)
    assert _stored(fired["id"]).total_minor == minor


@pytest.mark.parametrize(
    ("currency", "text", "minor"),
    [("JPY", "4500", 4500), ("KWD", "4500.125", 4_500_125), ("USD", "4500.00", 450_000)],
)
def test_each_currency_has_its_own_decimals(
    machine: Machine, currency: str, text: str, minor: int
) -> None:
    price = {"unit_price": text, "max_capture": text, "currency": currency}
    item = made(machine.post("items", **(ITEM | price)))
    assert (item["unit_price"], item["max_capture_minor"]) == (text, minor)
    customer = made(machine.post("customers", **(CUSTOMER | {"currency": currency})))
    machine.post("enrollments", customer=customer["id"], item=item["id"])
    fired = made(machine.post("charges", customer=customer["id"], item=item["id"]))
    assert (fired["amount"], fired["amount_minor"], fired["currency"]) == (text, minor, currency)


def test_two_amounts_at_odds_are_refused(machine: Machine, seeded: Seeded) -> None:
    before = watching.everything()
    for path, body in (
        ("charges", {"customer": seeded.customer, "item": seeded.item, "amount": "45.00",
                     "amount_minor": 4501}),
        ("items", ITEM | {"unit_price_minor": 1}),
        ("items", ITEM | {"max_capture_minor": 2_500_001}),
        ("projects", {"customer": seeded.customer, "name": "P", "currency": "USD",
                      "contract_sum": "1.00", "contract_sum_minor": 101}),
    ):  # fmt: skip
        answer = machine.post(path, **body)
        assert (answer.status_code, answer.json()["code"]) == (422, "amount_invalid"), path
        assert "different" in answer.json()["detail"]
    assert watching.changed(before).keys() <= {"api_keys"}, "a key's last use, nothing else"


def test_tax_is_told_beside_the_total(machine: Machine) -> None:
    taxed = ITEM | {"tax_name": "VAT", "tax_rate_ppm": 82_500}
    item = made(machine.post("items", **taxed))
    assert (item["tax_name"], item["tax_rate_ppm"]) == ("VAT", 82_500)
    customer = made(machine.post("customers", **CUSTOMER))
    machine.post("enrollments", customer=customer["id"], item=item["id"])
    fired = made(machine.post("charges", customer=customer["id"], item=item["id"], amount="99.99"))
    assert (fired["net_minor"], fired["tax_minor"], fired["amount"]) == (9999, 825, "108.24")


def test_a_contact_that_is_known_gives_its_customer(machine: Machine) -> None:
    first = made(machine.post("customers", **CUSTOMER, contact_id="crm-1"))
    assert first["existing"] is False
    again = machine.post("customers", **(CUSTOMER | {"name": "Another"}), contact_id="crm-1")
    assert again.status_code == 200
    assert again.json() == first | {"existing": True}
    found = machine.get("customers", contact_id="crm-1").json()["data"]
    assert [c["id"] for c in found] == [first["id"]]
    assert machine.get("customers", contact_id="crm\x00").json()["data"] == []


def test_enrolling_twice_gives_the_enrollment_that_stands(machine: Machine, seeded: Seeded) -> None:
    answer = machine.post("enrollments", customer=seeded.customer, item=seeded.item)
    assert (answer.status_code, answer.json()["existing"]) == (200, True)
    assert answer.json()["id"] == seeded.enrolment


def test_an_enrollment_is_paused_resumed_and_cancelled(machine: Machine, seeded: Seeded) -> None:
    way = f"enrollments/{seeded.enrolment}"
    assert machine.post(f"{way}/pause").json()["status"] == "paused"
    again = machine.post(f"{way}/pause")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    assert machine.post(f"{way}/resume").json()["status"] == "active"
    assert machine.post(f"{way}/cancel").json()["status"] == "cancelled"
    assert machine.get(way).json()["status"] == "cancelled"
    new = made(machine.post("enrollments", customer=seeded.customer, item=seeded.item))
    assert new["id"] != seeded.enrolment


def test_everything_of_a_customer_comes_back(machine: Machine) -> None:
    sent = CUSTOMER | {
        "company": "Harbor & Vine", "cc": ["a@example.com", "b@example.com"],
        "address": {"line1": "8 Orchard Lane", "city": "New York", "postal_code": "10001",
                    "state": "NY", "country": "US"},
        "tax_id": "US-1", "language": "en", "timezone": "America/New_York", "contact_id": "c-1",
        "notes": "Pays late.\nCall first.", "payment_method": "pm_card_visa",
    }  # fmt: skip
    new = made(machine.post("customers", **sent))
    shown = machine.get(f"customers/{new['id']}").json()
    assert shown == {k: v for k, v in new.items() if k not in ("existing", "idempotent_replay")}
    plain = {
        name: value for name, value in sent.items() if name not in ("address", "payment_method")
    }
    assert {name: shown[name] for name in plain} == plain
    assert shown["address"] == sent["address"] | {"line2": ""}  # type: ignore[operator]
    assert (shown["payment_method"]["brand"], shown["payment_method"]["last4"]) == ("Visa", "4242")
    assert shown["standing"] == "active"


def test_a_customer_to_be_verified_is_pending(machine: Machine, seeded: Seeded) -> None:
    asked = CUSTOMER | {"require_initial": True, "initial_amount_minor": 2000}
    new = made(machine.post("customers", **asked))
    assert (new["standing"], new["initial_amount"]) == ("pending", "20.00")
    low = machine.post("customers", **(asked | {"initial_amount_minor": 1499}))
    assert (low.status_code, low.json()["code"]) == (422, "amount_invalid")


def test_void_resend_link_and_payment(machine: Machine, seeded: Seeded) -> None:
    first = made(machine.post("charges", customer=seeded.customer, item=seeded.item, amount="1.00"))
    way = f"charges/{first['id']}"
    urls = [first["invoice_url"]]
    for verb in ("resend", "link"):
        answer = machine.post(f"{way}/{verb}")
        assert answer.status_code == 200, answer.text
        assert _TOKEN.fullmatch(answer.json()["invoice_url"])
        urls.append(answer.json()["invoice_url"])
    assert len(set(urls)) == 3
    assert [m.kind for m in watching.mails_of(first["id"])] == ["invoice", "invoice"]
    dead = machine.http.get(urls[0])
    alive = machine.http.get(urls[2])
    assert (dead.status_code, alive.status_code) == (410, 200)
    void = machine.post(f"{way}/void", reason="Wrong PO")
    assert (void.status_code, void.json()["state"]) == (200, "void")
    assert "invoice_url" not in void.json()
    again = machine.post(f"{way}/void")
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    other = made(machine.post("charges", customer=seeded.customer, item=seeded.item, amount="2.00"))
    paid = machine.post(f"charges/{other['id']}/payments", method="bank_transfer",
                        paid_on=other["created_at"][:10], reference="Statement 12")  # fmt: skip
    assert (paid.status_code, paid.json()["state"]) == (200, "captured")
    assert [r.source for r in watching.revenue(other["id"])] == ["manual"]
    assert watching.account("cash:bank") == {"USD": 200}
