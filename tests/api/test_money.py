"""/v1 about money that moved: refunds, the evidence pack, disputes, revenue."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing_core import clock
from billing_core.documents import pack_verifier
from billing_core.flows.record_payment import record_payment
from tests import books as seeded_books
from tests.api.machine import Machine, Things, make_key
from tests.api.spoiling import AT_ONCE, Fire
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching

WHY = {"reason": "requested_by_customer"}
TAXED: dict[str, str | bool] = {"tax_name": "VAT", "tax_rate": "20"}


def test_a_refund_goes_back_once_with_its_share_of_the_tax(machine: Machine) -> None:
    paid = seeded_books.paid(seeded_books.seed(item=TAXED), "100.00")
    way = f"charges/{paid.id}/refunds"
    answer = machine.post(way, key="r1", amount="30.00", note="A page less.", **WHY)
    told = answer.json()
    assert answer.status_code == 201
    assert told.pop("id").startswith("rf_")
    assert told.pop("reference")
    assert told.pop("created_at") <= told.pop("settled_at")
    assert told == {
        "charge": paid.id, "state": "succeeded", "amount": "30.00", "amount_minor": 3000,
        "tax_minor": 500, "currency": "USD", "reason": "requested_by_customer",
        "note": "A page less.", "credit_note": watching.rows("refunds")[0]["number"],
        "problem": "", "idempotent_replay": False,
    }  # fmt: skip
    again = machine.post(way, key="r1", amount="30.00", note="A page less.", **WHY)
    assert (again.status_code, again.json()) == (200, answer.json() | {"idempotent_replay": True})
    both = machine.post(
        way, key="r1", amount="30.00", amount_minor=3000, note="A page less.", **WHY
    )
    assert (both.status_code, both.json()["id"]) == (200, answer.json()["id"])
    other = machine.post(way, key="r1", amount="31.00", **WHY)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    rest = machine.post(way, amount=None, **WHY).json()
    assert (rest["amount_minor"], rest["tax_minor"]) == (9000, 1500)
    listed = machine.get(way, limit=1).json()
    assert [one["id"] for one in listed["data"]] == [rest["id"]] == [listed["next_cursor"]]
    last = machine.get(way, cursor=rest["id"]).json()
    assert [one["id"] for one in last["data"]] == [answer.json()["id"]]
    assert machine.get(f"charges/{paid.id}").json()["state"] == "refunded"


def test_what_cannot_be_refunded_says_why_and_writes_nothing(
    robot: Machine, things: Things
) -> None:
    by_hand = seeded_books.fire(things.seeded, "10.00", "By bank").charge
    assert by_hand
    record_payment(by_hand.id, method="bank_transfer", paid_on=clock.now().date().isoformat(),
                   reference="Statement 12", actor=OPERATOR)  # fmt: skip
    before = watching.everything()
    for charge, sent, status, code in (
        (things.charge, WHY, 409, "illegal_move"),
        (things.paid, WHY | {"amount": "2500.01"}, 422, "refund_too_much"),
        (things.paid, WHY | {"amount_minor": 250_001}, 422, "refund_too_much"),
        (things.paid, WHY | {"amount": "1.00", "amount_minor": 101}, 422, "amount_invalid"),
        (things.paid, WHY | {"amount": ""}, 422, "amount_invalid"),
        (things.paid, WHY | {"amount": 10}, 422, "amount_invalid"),
        (things.paid, WHY | {"note": "a\x07b"}, 422, "text_invalid"),
        (things.paid, WHY | {"amuont": "1.00"}, 422, "fields_invalid"),
        (things.paid, {"amount": "1.00"}, 422, "fields_invalid"),
        (things.paid, {"reason": "bored"}, 422, "fields_invalid"),
        (by_hand.id, WHY, 409, "paid_outside"),
        ("sc_nobody", WHY, 404, "charge_not_found"),
    ):
        answer = robot.post(f"charges/{charge}/refunds", key="k", **sent)
        assert (answer.status_code, answer.json()["code"]) == (status, code), (sent, answer.text)
    disputed = robot.get(f"disputes/{things.dispute}").json()["charge"]
    answer = robot.post(f"charges/{disputed}/refunds", **WHY)
    assert (answer.status_code, answer.json()["code"]) in (
        (409, "illegal_move"),
        (409, "dispute_open"),
    )
    assert watching.changed(before).keys() <= {"api_keys"}, "refusals bind no key and leave nothing"
    assert robot.post(f"charges/{things.paid}/refunds", key="k", **WHY).status_code == 201


def test_a_failed_charge_is_tried_again_with_the_method_stored_now(
    robot: Machine, things: Things
) -> None:
    declines = seeded_books.add_customer(payment_method="pm_card_chargeDeclined")
    robot.post("enrollments", customer=declines.id, item=things.seeded.item)
    AT_ONCE(fire := Fire(things))
    sent = {"customer": declines.id, "item": fire.fields["item"], "amount": "10.00"}
    failed = robot.post("charges", **sent)
    assert (failed.status_code, failed.json()["code"]) == (402, "charge_declined")
    way = f"charges/{failed.json()['charge']}/retry"
    again = robot.post(way, key="r0")
    assert (again.status_code, again.json()["code"]) == (402, "charge_declined")
    assert again.json()["detail"] == failed.json()["detail"]
    named = {"payment_data": {"pm_id": "pm_card_visa"}}
    robot.edge("/public/edge/setupPaymentMethod", bc_id=declines.id, **named)
    done = robot.post(way, key="r1")
    assert (done.status_code, done.json()["state"], done.json()["amount"]) == (
        200,
        "captured",
        "10.00",
    )
    assert "invoice_url" not in done.json(), "told where it is fired, sent again or minted alone"
    told = robot.post(way, key="r1")
    assert told.json() == done.json() | {"idempotent_replay": True}
    late = robot.post(way, key="r2")
    assert (late.status_code, late.json()["code"]) == (409, "illegal_move")


def test_the_evidence_of_a_charge_can_be_checked_by_anybody(robot: Machine, things: Things) -> None:
    answer = robot.get(f"charges/{things.paid}/evidence")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert pack_verifier.check(answer.content)["charge"] == things.paid
    assert robot.get(f"charges/{things.paid}/evidence").content == answer.content
    (noted, _) = (r for r in watching.rows("setting_changes") if r["name"] == "evidence.exported")
    assert noted["actor_id"].startswith("key_")


def test_disputes_are_listed_and_shown(robot: Machine, things: Things) -> None:
    shown = robot.get(f"disputes/{things.dispute}").json()
    assert (shown["kind"], shown["status"], shown["amount"]) == ("chargeback", "open", "50.00")
    for filters, found in (({}, [shown]), ({"charge": shown["charge"]}, [shown]),
                           ({"status": "won"}, []), ({"charge": things.paid}, [])):  # fmt: skip
        assert robot.get("disputes", **filters).json() == {"data": found, "next_cursor": None}


def test_revenue_row_by_row_as_the_books_have_it(driven_clock: Clock, machine: Machine) -> None:
    seeded = seeded_books.seed()
    paid = seeded_books.paid(seeded, "100.00")
    driven_clock.advance(days=2)
    machine.post(f"charges/{paid.id}/refunds", amount="40.00", **WHY)
    told = machine.get("revenue", limit=1).json()
    (back,) = told["data"]
    (came,) = machine.get("revenue", cursor=told["next_cursor"]).json()["data"]
    assert (back["kind"], back["gross"], back["gross_minor"]) == ("refund", "-40.00", -4000)
    assert (came["kind"], came["gross"], came["net_minor"]) == ("capture", "100.00", 10_000)
    assert (came["charge"], came["customer"], came["item"], came["project"]) == (
        paid.id, seeded.customer, seeded.item, None)  # fmt: skip
    today, past = driven_clock.now.date(), (driven_clock.now - timedelta(days=2)).date()
    for filters, found in (
        ({"since": str(today)}, [back]),
        ({"until": f"{today}T00:00:00Z"}, [came]),
        ({"since": str(past), "until": str(past + timedelta(days=1))}, [came]),
        ({"customer": seeded.customer, "currency": "USD"}, [back, came]),
        ({"currency": "EUR"}, []),
        ({"project": "prj_nobody"}, []),
    ):
        assert machine.get("revenue", **filters).json()["data"] == found, filters
    for odd in (
        "2026-02-30",
        "yesterday",
        "2026-13-01",
        "2026-01-01T25:00:00Z",
        "2026-01-01 00:00",
    ):
        answer = machine.get("revenue", since=odd)
        assert (answer.status_code, answer.json()["code"]) == (422, "parameter_invalid"), odd


@pytest.mark.parametrize("scope", ["fire", "manage", "links", "read"])
def test_only_the_scope_refund_sends_money_back(robot: Machine, things: Things, scope: str) -> None:
    answer = robot.with_key(make_key(scope)).post(f"charges/{things.paid}/refunds", **WHY)
    assert (answer.status_code, answer.json()["code"]) == (403, "scope_missing")
