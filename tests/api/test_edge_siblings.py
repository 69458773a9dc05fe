"""Edge's other endpoints: customers, enrollments and items under Edge's field names."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests import books as seeded_books
from tests.api.machine import FIRE, HERE, Machine, Things
from tests.api.spoiling import AT_ONCE, Fire
from tests.flows import watching

CUSTOMER = {
    "bc_dt", "bc_id", "bc_orgid", "bc_contid", "bc_status", "bc_gateway", "bc_allow_trigger",
    "bc_require_initial", "bc_initial_charged",
}  # fmt: skip
ENROLLMENT = {
    "ts_dt", "ts_id", "ts_contid", "ts_status", "ts_billable_item_id", "ts_billing_customer_id",
    "ts_last_triggered_at", "ts_last_charge_status", "ts_consecutive_failures",
}  # fmt: skip
NEW = {"contact_id": "crm-9", "name": "Alma Reyes", "email": "alma@example.com", "currency": "USD"}


def _ask(robot: Machine, endpoint: str, *, form: bool = False, **fields: Any) -> dict[str, Any]:
    """The answer, the same at both of its paths."""
    answers = [
        robot.edge(path, key=f"{endpoint} {fields!a}"[:255], form=form, **fields)
        for path in (f"/apis/public/edge/{endpoint}.php", f"/public/edge/{endpoint}")
    ]
    assert [a.status_code for a in answers] == [200, 200]
    first, again = (a.json() for a in answers)
    replayed = again.pop("idempotent_replay", None)
    assert replayed is None or replayed == (first["status"] == "success")
    assert {n: v for n, v in first.items() if n != "idempotent_replay"} == again
    return dict(first)


@pytest.mark.parametrize("form", [False, True])
def test_a_customer_is_made_once_for_a_contact(robot: Machine, things: Things, form: bool) -> None:
    made = _ask(robot, "createCustomer", **NEW, allow_trigger=1, form=form)
    assert (made["status"], made["existing"]) == ("success", False)
    assert set(made["data"]) == CUSTOMER
    bc = made["billing_customer_id"]
    assert made["data"] | {"bc_dt": ""} == {
        "bc_dt": "", "bc_id": bc, "bc_orgid": "org_local", "bc_contid": "crm-9",
        "bc_status": "active", "bc_gateway": "sandbox", "bc_allow_trigger": 1,
        "bc_require_initial": 0, "bc_initial_charged": 0,
    }  # fmt: skip
    again = _ask(robot, "createCustomer", **(NEW | {"name": "Somebody Else"}))
    assert (again["existing"], again["billing_customer_id"]) == (True, bc)
    known = robot.edge("/public/edge/createCustomer", contact_id="crm-9").json()
    assert (known["existing"], known["data"]) == (True, made["data"])
    unknown = _ask(robot, "createCustomer", contact_id="crm-10")
    assert unknown["error_codes"] == ["FIELDS_INVALID"]
    assert len(watching.rows("customers")) == 2


def test_a_customer_with_a_method_is_enrolled_and_fired(robot: Machine, things: Things) -> None:
    made = _ask(robot, "createCustomer", **NEW, allow_trigger=True,
                payment_data={"pm_id": "pm_card_visa"})  # fmt: skip
    bc = made["billing_customer_id"]
    enrolled = _ask(robot, "enroll", billing_customer_id=bc, billable_item_id=things.seeded.item)
    assert (enrolled["existing"], set(enrolled["data"])) == (False, ENROLLMENT)
    ts = enrolled["ts_id"]
    assert (enrolled["data"]["ts_id"], enrolled["data"]["ts_status"]) == (ts, "active")
    robot.edge(FIRE, billing_customer_id=bc, billable_item_id=things.seeded.item)
    shown = _ask(robot, "getCustomer", bc_id=bc)
    assert set(shown["data"]) == CUSTOMER | {"bc_payment_data"}
    assert shown["data"]["bc_payment_data"]["pm_label"] == "Visa •••• 4242"
    (one,) = shown["enrollments"]
    assert (one["ts_id"], one["ts_contid"]) == (ts, "crm-9")
    assert one["ts_last_triggered_at"]
    assert one["ts_last_charge_status"] == "pending_client"
    assert _ask(robot, "getCustomer", billing_customer_id=bc) == shown


def test_enrolling_again_gives_what_stands(robot: Machine, things: Things) -> None:
    ids = {"billing_customer_id": things.seeded.customer, "billable_item_id": things.seeded.item}
    found = _ask(robot, "enroll", **ids)
    assert (found["existing"], found["ts_id"]) == (True, things.seeded.enrolment)


def test_enrollments_by_page_and_filter(robot: Machine, things: Things) -> None:
    other = seeded_books.add_customer(email="other@example.com", contact_id="c2")
    made = _ask(robot, "enroll", billing_customer_id=other.id, billable_item_id=things.seeded.item)
    listed = _ask(robot, "getEnrollments")
    assert (listed["count"], [set(one) for one in listed["data"]]) == (2, [ENROLLMENT] * 2)
    assert [one["ts_id"] for one in listed["data"]] == [made["ts_id"], things.seeded.enrolment]
    for asked, wanted in (
        ({"limit": 1}, [made["ts_id"]]),
        ({"limit": "1", "offset": "1"}, [things.seeded.enrolment]),
        ({"billing_customer_id": other.id}, [made["ts_id"]]),
        ({"status": "paused"}, []),
        ({"billable_item_id": "bi_nobody"}, []),
    ):
        found = _ask(robot, "getEnrollments", **asked)
        assert [one["ts_id"] for one in found["data"]] == wanted, asked
    for asked in ({"limit": 0}, {"limit": 201}, {"offset": -1}, {"status": "odd"}):
        assert _ask(robot, "getEnrollments", **asked)["error_codes"] == ["FIELDS_INVALID"], asked


def test_items_carry_a_sample_that_fires(robot: Machine, things: Things) -> None:
    found = _ask(robot, "getItems")
    (one,) = found["data"]
    assert (found["count"], one["bi_id"], one["bi_unit_price"]) == (1, things.seeded.item, 5000)
    sample = one["api_sample"]
    method, path = sample["endpoint"].split()
    body = sample["body"] | {
        "api_key": robot.secret, "billing_customer_id": things.seeded.customer,
    }  # fmt: skip
    told = robot.http.request(method, path, json=body).json()
    assert (told["status"], told["data"]["amount_minor"]) == ("success", 500_000)


def test_a_method_named_is_stored_and_the_next_takes_its_place(
    robot: Machine, things: Things
) -> None:
    bc = things.seeded.customer
    stored = _ask(robot, "setupPaymentMethod", bc_id=bc, payment_data={"pm_id": "pm_card_visa"})
    assert stored["data"]["bc_payment_data"]["pm_label"] == "Visa •••• 4242"
    assert _ask(robot, "confirmPaymentMethod", bc_id=bc)["data"] == stored["data"]
    declined = {"pm_id": "pm_card_chargeDeclined"}
    again = _ask(robot, "confirmPaymentMethod", bc_id=bc, payment_data=declined)
    assert again["data"]["bc_payment_data"] != stored["data"]["bc_payment_data"]
    chain = [json.loads(row["canonical"]) for row in watching.rows("evidence_events")
             if row["stream"] == bc and row["kind"] == "method.stored"]  # fmt: skip
    assert [one["payload"]["replaces"] for one in chain[-1:]] == [
        stored["data"]["bc_payment_data"]["pm_id"]
    ]
    AT_ONCE(fire := Fire(things))
    assert robot.edge(**fire.as_edge()).json()["error_codes"] == ["CHARGE_DECLINED"]


def test_what_the_sandbox_has_not_is_said_and_nothing_is_written(
    robot: Machine, things: Things
) -> None:
    bc, odd = things.seeded.customer, {"payment_data": {"pm_id": "pm_1"}}
    before = watching.everything()
    for name in ("setupPaymentMethod", "buildCustomerProfileSetup"):
        assert _ask(robot, name, bc_id=bc)["error_codes"] == ["GATEWAY_CANNOT"], name
    told = robot.post(f"customers/{bc}/setup-link")
    assert (told.status_code, told.json()["code"]) == (409, "gateway_cannot")
    assert _ask(robot, "setupPaymentMethod", bc_id=bc, **odd)["error_codes"] == ["FIELDS_INVALID"]
    assert _ask(robot, "setupPaymentMethod")["error_codes"] == ["MISSING_CUSTOMER"]
    other = seeded_books.add_customer(email="o@example.com", payment_method="")
    assert watching.changed(before).keys() == {"api_keys", "customers"}
    told = _ask(robot, "confirmPaymentMethod", bc_id=other.id)
    assert told["error_codes"] == ["NO_PAYMENT_METHOD"]
    robot.edge("/public/edge/suspendCustomer", bc_id=bc)
    named = {"payment_data": {"pm_id": "pm_card_visa"}}
    told = _ask(robot, "setupPaymentMethod", bc_id=bc, **named)
    assert told["error_codes"] == ["CUSTOMER_NOT_ACTIVE"]


def test_suspending_stops_fires_and_restoring_brings_them_back(
    robot: Machine, things: Things
) -> None:
    bc = things.seeded.customer
    assert _ask(robot, "suspendCustomer", bc_id=bc)["data"]["bc_status"] == "suspended"
    refused = robot.edge(**Fire(things).as_edge()).json()
    assert refused["error_codes"] == ["CUSTOMER_NOT_ACTIVE"]
    twice = robot.edge("/public/edge/suspendCustomer", bc_id=bc).json()
    assert twice["error_codes"] == ["ILLEGAL_MOVE"]
    assert _ask(robot, "restoreCustomer", billing_customer_id=bc)["data"]["bc_status"] == "active"
    assert robot.edge(**Fire(things).as_edge()).json()["status"] == "success"


@pytest.mark.parametrize(
    "name",
    ["getCustomer", "suspendCustomer", "restoreCustomer", "confirmPaymentMethod"],
)
def test_nobody_is_found(robot: Machine, things: Things, name: str) -> None:
    before = watching.everything()
    assert _ask(robot, name)["error_codes"] == ["MISSING_CUSTOMER"]
    for nobody in ("bc_nobody", things.seeded.item, "bc\x00", "x" * 41, "第"):
        told = _ask(robot, name, bc_id=nobody)
        assert told["error_codes"][0] in ("CUSTOMER_NOT_FOUND", "FIELDS_INVALID"), nobody
    assert watching.changed(before).keys() <= {"api_keys"}


def test_the_place_is_asked_for_where_edge_asks(robot: Machine) -> None:
    for name, needed in (
        ("createCustomer", ["org_id", "brand_id"]), ("enroll", ["org_id", "brand_id"]),
        ("getItems", ["org_id", "brand_id"]), ("getEnrollments", ["org_id"]),
    ):  # fmt: skip
        for field in needed:
            sent = {"api_key": robot.secret} | {n: v for n, v in HERE.items() if n != field}
            told = robot.http.post(f"/public/edge/{name}", json=sent).json()
            assert told["error_codes"] == [f"MISSING_{field[:-3].upper()}"], (name, field)
