"""Refusals that are no fire's: what is not there, fields named as they were sent, and states."""

from __future__ import annotations

from typing import Any

import pytest

from tests import books as seeded_books
from tests.api.machine import Machine, Things
from tests.api.spoiling import Fire
from tests.flows import watching


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("items/bi_nobody", "item_not_found"),
        ("customers/bc_nobody", "customer_not_found"),
        ("enrollments/ts_nobody", "enrollment_not_found"),
        ("projects/prj_nobody", "project_not_found"),
        ("milestones/ms_nobody", "milestone_not_found"),
        ("charges/sc_nobody", "charge_not_found"),
        ("charges/sc_nobody/evidence", "charge_not_found"),
        ("charges/sc_nobody/refunds", "charge_not_found"),
        ("charges/sc_nobody/nothing", "not_found"),
        ("disputes/dp_nobody", "dispute_not_found"),
        ("nothing", "not_found"),
        ("charges/", "not_found"),
        ("", "not_found"),
    ],
)
def test_what_is_not_there(robot: Machine, path: str, code: str) -> None:
    answer = robot.get(path)
    assert (answer.status_code, answer.json()["code"]) == (404, code)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("enrollments/{}/pause", "enrollment_not_found"),
        ("enrollments/{}/resume", "enrollment_not_found"),
        ("enrollments/{}/cancel", "enrollment_not_found"),
        ("milestones/{}/deliver", "milestone_not_found"),
        ("charges/{}/void", "charge_not_found"),
        ("charges/{}/retry", "charge_not_found"),
        ("charges/{}/resend", "charge_not_found"),
        ("charges/{}/link", "charge_not_found"),
    ],
)
def test_what_cannot_be_done_to_nothing(robot: Machine, path: str, code: str) -> None:
    for nobody in ("sc_nobody", "bi_00000000000000000000000000", "%00", "%20", "x" * 60):
        answer = robot.post(path.format(nobody))
        assert (answer.status_code, answer.json()["code"]) == (404, code), nobody


@pytest.mark.parametrize(
    ("path", "body", "status", "code", "named"),
    [
        ("enrollments", {"customer": "bc_nobody", "item": "ITEM"}, 404, "customer_not_found", []),
        ("enrollments", {"customer": "CUSTOMER", "item": "bi_no"}, 404, "item_not_found", []),
        ("enrollments", {"customer": "CUSTOMER"}, 422, "missing_item", ["item"]),
        ("projects", {"customer": "bc_nobody", "name": "P", "currency": "USD"}, 404,
         "customer_not_found", []),
        ("projects", {"customer": "CUSTOMER", "name": "P", "currency": "EUR"}, 422,
         "currency_mismatch", []),
        ("projects", {"customer": "CUSTOMER", "name": "P", "currency": "usd"}, 422,
         "fields_invalid", ["currency"]),
        ("milestones", {"project": "prj_no", "title": "T", "planned_amount": "1.00"}, 404,
         "project_not_found", []),
        ("milestones", {"project": "PROJECT", "title": "T"}, 422, "amount_invalid",
         ["planned_amount"]),
        ("milestones", {"project": "PROJECT", "title": "T", "planned_amount": "1.00",
                        "due_on": "20260315"}, 422, "fields_invalid", ["due_on"]),
        ("milestones", {"project": "PROJECT", "title": "T", "planned_amount": "1.00",
                        "due_on": "2026-02-30"}, 422, "fields_invalid", ["due_on"]),
        ("customers", {"name": " ", "email": "no", "currency": "USD", "timezone": "Mars",
                       "cc": ["a@b.example, c@d.example"]}, 422, "fields_invalid", ["cc.0"]),
        ("customers", {"name": " ", "email": "no", "currency": "USD", "timezone": "Mars"}, 422,
         "fields_invalid", ["email", "name", "timezone"]),
        ("customers", {"name": "N", "email": "a@b.example", "currency": "USD",
                       "address": {"line1": "x", "city": "y", "postal_code": "\x07",
                                   "country": "US"}}, 422, "fields_invalid",
         ["address.postal_code"]),
        ("customers", {"name": "N", "email": "a@b.example", "currency": "USD",
                       "address": {"line1": "x", "country": "us", "zip": "1"}}, 422,
         "fields_invalid",
         ["address.city", "address.country", "address.postal_code", "address.zip"]),
        ("customers", {"name": "N", "email": "a@b.example", "currency": "USD",
                       "payment_method": "pm_card_unknown"}, 422, "fields_invalid",
         ["payment_method"]),
        ("charges/CHARGE/payments", {"method": "barter", "paid_on": "2026-03-16",
                                     "reference": ""}, 422, "fields_invalid", ["method"]),
        ("charges/CHARGE/payments", {"method": "cash", "paid_on": "2999-01-01", "reference": ""},
         422, "fields_invalid", ["paid_on"]),
        ("charges/CHARGE/void", {"reason": "two\nlines"}, 422, "text_invalid", []),
        ("charges/CHARGE/resend", {"to": "me@example.com"}, 422, "fields_invalid", ["to"]),
    ],
)  # fmt: skip
def test_fields_are_named_as_they_were_sent(
    robot: Machine, things: Things, path: str, body: dict[str, Any], status: int, code: str,
    named: list[str],
) -> None:  # fmt: skip
    ids = {
        "CUSTOMER": things.seeded.customer,
        "ITEM": things.seeded.item,
        "PROJECT": things.plan.project,
    }
    sent = {name: ids.get(str(value), value) for name, value in body.items()}
    answer = robot.post(path.replace("CHARGE", things.charge), **sent)
    told = answer.json()
    assert (answer.status_code, told["code"]) == (status, code), answer.text
    assert sorted(problem["field"] for problem in told.get("errors", [])) == named


def test_a_delivered_and_billed_milestone_moves_no_more(robot: Machine, things: Things) -> None:
    way = f"milestones/{things.plan.milestones[0]}/deliver"
    assert robot.post(way).json()["code"] == "illegal_move"
    robot.post("charges", **Fire(things).fields)
    answer = robot.post(way)
    assert (answer.status_code, answer.json()["code"]) == (409, "illegal_move")


def test_a_silent_gateway_is_said(robot: Machine, things: Things) -> None:
    with watching.watched() as wall:
        fired = robot.post(
            "charges", customer=things.seeded.customer, item=things.seeded.item, amount="9.00"
        ).json()
        seeded_books.approve(fired["invoice_url"].rpartition("/")[2])
        wall.down_before = {"read", "cancel"}
        answer = robot.post(f"charges/{fired['id']}/void")
    assert (answer.status_code, answer.json()["code"]) == (503, "gateway_unavailable")
    assert answer.headers["retry-after"] == "10"


def test_too_many_links_within_the_hour(robot: Machine, things: Things) -> None:
    answers = [robot.post(f"charges/{things.charge}/link") for _ in range(25)]
    last = answers[-1]
    assert answers[0].status_code == 200
    assert (last.status_code, last.json()["code"]) == (429, "too_many_requests")
    assert int(last.headers["retry-after"]) > 0
