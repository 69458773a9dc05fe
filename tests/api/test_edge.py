"""Edge's fire endpoint: every way to send it, its answer to the letter, and Edge's own names."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests import books as seeded_books
from tests.api.machine import FIRE, HERE, Machine, Things, make_key
from tests.api.spoiling import AT_ONCE, Fire, item
from tests.flows import watching

PATHS = ("/apis/edge/trigger/fire.php", "/apis/public/edge/fire.php", "/public/edge/fire")
#: Document 2, in its order.
DATA = [
    "success", "status", "amount", "amount_minor", "currency", "gateway", "gateway_ref",
    "charge_id", "invoice_id", "captured_at", "invoice_url", "idempotent_replay",
]  # fmt: skip
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
_URL = re.compile(r"http://127\.0\.0\.1:8502/pay/[\w-]{43}")
Send = Callable[[Machine, dict[str, Any]], Any]


def _as_json(robot: Machine, fields: dict[str, Any]) -> Any:
    return robot.edge(**fields)


def _as_form(robot: Machine, fields: dict[str, Any]) -> Any:
    return robot.edge(**fields, form=True)


def _with_bearer(robot: Machine, fields: dict[str, Any]) -> Any:
    return robot.edge_raw(json.dumps(HERE | fields).encode())


def _with_both(robot: Machine, fields: dict[str, Any]) -> Any:
    return robot.edge_raw(json.dumps(HERE | fields | {"api_key": robot.secret}).encode())


@pytest.mark.parametrize("send", [_as_json, _as_form, _with_bearer, _with_both])
@pytest.mark.parametrize("amount", ["4500.00", "4500", "4500.5"])
def test_each_way_to_send_it_makes_the_same_charge(
    robot: Machine, things: Things, send: Send, amount: str
) -> None:
    fields = Fire(things).as_edge() | {"override_amount": amount}
    answer = send(robot, fields)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    told = json.loads(answer.text, parse_float=Decimal)
    assert set(told) == {"status", "data"}
    assert told["status"] == "success"
    data = told["data"]
    assert list(data) == DATA
    minor = int(Decimal(amount).scaleb(2))
    assert f'"amount":{minor // 100}.{minor % 100:02},' in answer.text, "a number, two decimals"
    charge = seeded_books.charge(data["charge_id"])
    assert data == {
        "success": True, "status": "pending_client_action", "amount": Decimal(amount),
        "amount_minor": minor, "currency": "USD", "gateway": "sandbox", "gateway_ref": None,
        "charge_id": charge.id, "invoice_id": charge.invoice_id, "captured_at": None,
        "invoice_url": data["invoice_url"], "idempotent_replay": False,
    }  # fmt: skip
    assert _URL.fullmatch(data["invoice_url"])
    assert (charge.total_minor, charge.description) == (minor, "Phase 2")
    assert charge.milestone_id == things.plan.milestones[0]
    assert (charge.origin, charge.actor.kind, charge.actor.name) == ("api", "key", "Deploy bot")


@pytest.mark.parametrize("path", PATHS)
def test_each_path_is_the_same_endpoint(robot: Machine, things: Things, path: str) -> None:
    first = robot.edge(path, **Fire(things).as_edge(), key="k").json()["data"]
    again = robot.edge(FIRE, **Fire(things).as_edge(), key="k").json()["data"]
    assert again == first | {"idempotent_replay": True}
    for method in ("GET", "PUT", "DELETE"):
        refused = robot.http.request(method, path)
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")
        assert refused.json()["status"] == "error"


def test_a_number_is_read_exactly(robot: Machine, things: Things) -> None:
    """0.29 as a double is 0.28999…: it must never become 28 cents."""
    for sent, minor in (("0.29", 29), ("4500.00", 450_000), ("1e2", 10_000), ("19.9", 1990)):
        fields = Fire(things).as_edge() | HERE
        del fields["override_amount"], fields["milestone_id"]
        body = json.dumps(fields)[:-1] + f', "override_amount": {sent}}}'
        data = robot.edge_raw(body.encode()).json()["data"]
        assert seeded_books.charge(data["charge_id"]).total_minor == minor


def test_a_captured_charge_says_when_and_under_which_reference(
    robot: Machine, things: Things
) -> None:
    fire = Fire(things)
    AT_ONCE(fire)
    told = robot.edge(**fire.as_edge(), key="k")
    data = told.json()["data"]
    assert (data["success"], data["status"], data["gateway"]) == (True, "captured", "sandbox")
    assert _MOMENT.fullmatch(data["captured_at"])
    assert data["gateway_ref"] == watching.revenue(data["charge_id"])[0].reference
    assert data["invoice_url"] is None, "there is nothing left to pay"
    again = robot.edge(**fire.as_edge(), key="k").json()["data"]
    assert again == data | {"idempotent_replay": True}


@pytest.mark.parametrize("sent", ["94", 94, 94.5, "94.999"])
def test_a_condition_that_does_not_hold_is_a_success_without_a_charge(
    robot: Machine, things: Things, sent: object
) -> None:
    fire = Fire(things)
    item(trigger_mode="threshold", condition="gte", threshold="95")(fire)
    fields = fire.as_edge() | {"override_amount": None, "override_description": None}
    before = watching.everything()
    answer = robot.edge(**fields, metric_value=sent, key="k")
    assert answer.status_code == 200
    assert answer.json() == {
        "status": "success",
        "data": {
            "success": False, "status": "condition_not_met", "code": "CONDITION_NOT_MET",
            "metric_value": str(sent), "charge_id": None, "idempotent_replay": False,
        },
    }  # fmt: skip
    assert watching.changed(before).keys() <= {"api_keys"}
    met = robot.edge(**fields, metric_value=95, key="k").json()["data"]
    assert (met["success"], met["amount_minor"]) == (True, 500_000)


def test_two_keys_that_differ_are_none(robot: Machine, things: Things) -> None:
    fields = Fire(things).as_edge() | HERE
    for inside in (make_key(), "csk_other", 7, ["csk_x"], True):
        answer = robot.edge_raw(json.dumps(fields | {"api_key": inside}).encode())
        assert answer.json()["error_codes"] == ["INVALID_API_KEY"], inside
    assert robot.with_key("").edge_raw(json.dumps(fields).encode()).json()["error_codes"] == [
        "MISSING_API_KEY"
    ]


def test_what_edge_does_not_know_is_refused_by_name(robot: Machine, things: Things) -> None:
    answer = robot.edge(**Fire(things).as_edge(), override_ammount="1.00")
    assert answer.json()["error_codes"] == ["FIELDS_INVALID"]
    assert "override_ammount" in answer.json()["errors"][0]


def test_without_a_key_the_same_again_within_a_minute_is_the_first_answer(
    robot: Machine, things: Things
) -> None:
    fields = Fire(things).as_edge() | {"milestone_id": None}
    first, again = (robot.edge(**fields).json()["data"] for _ in range(2))
    assert again == first | {"idempotent_replay": True}
    other = robot.edge(**(fields | {"override_description": "Phase 3"})).json()["data"]
    assert (other["idempotent_replay"], other["charge_id"] == first["charge_id"]) == (False, False)
    keyed = [robot.edge(**fields, key=k).json()["data"]["charge_id"] for k in ("a", "b")]
    assert len({first["charge_id"], *keyed}) == 3, "two keys of a caller's own mean two charges"
