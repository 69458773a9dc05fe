"""Every refusal of a fire, by both ways in: /v1 as a problem, Edge as its envelope."""

from __future__ import annotations

from typing import Any

import pytest

from paynow.api.acts_charges import GATE
from paynow.api.problems import STATUS, TITLE
from tests.api.machine import FIRE, Machine, Things, make_key
from tests.api.spoiling import AT_ONCE, CONTRACT, SPOILS, Fire, Spoil
from tests.flows import watching

#: Refused before the fields are read, or by the key: code → the test below, or beside this file.
_BEFORE_THE_GATE = {
    "MISSING_API_KEY": "test_who_may_not_come_in",
    "INVALID_API_KEY": "test_who_may_not_come_in",
    "SCOPE_MISSING": "test_who_may_not_come_in",
    "MISSING_ORG": "test_edges_place",
    "MISSING_BRAND": "test_edges_place",
    "ORG_MISMATCH": "test_edges_place",
    "IDEMPOTENCY_CONFLICT": "test_idempotency.py",
    "REQUEST_IN_PROGRESS": "test_idempotency.py",
}
#: /v1 knows one installation and asks nobody for it.
_EDGE_ONLY = {"missing_org", "missing_brand", "org_mismatch"}
#: Shown in test_requests.py, and by the tests of the gateway.
_ELSEWHERE = {"second_person_needed", "gateway_unavailable"}
_STATUS_OF = {401: ("missing_api_key", "invalid_api_key"), 402: ("charge_declined",),
              403: ("scope_missing",), 404: ("item_not_found", "customer_not_found")}  # fmt: skip
_NAMES = [f"{code}-{number}" for number, (code, _) in enumerate(SPOILS)]


def test_every_code_of_the_contract_is_asked_for() -> None:
    spoiled = {code.upper() for code, _ in SPOILS}
    assert spoiled | _BEFORE_THE_GATE.keys() == CONTRACT | {"METRIC_INVALID", "TEXT_INVALID"}
    assert {code for code, _ in SPOILS} == set(GATE) - _ELSEWHERE
    assert {code.lower() for code in CONTRACT} <= STATUS.keys()


@pytest.mark.parametrize(("code", "spoil"), SPOILS, ids=_NAMES)
def test_each_refusal_of_a_fire(robot: Machine, things: Things, code: str, spoil: Spoil) -> None:
    fire = Fire(things)
    spoil(fire)
    before = watching.everything()
    answer = robot.post("charges", **fire.fields, key="k")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (_status(code), code), answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert (told["title"], told["status"]) == (TITLE[code], answer.status_code)
    assert told["type"].endswith(f"/docs#{code}")
    assert told["detail"]
    edge = robot.edge(**fire.as_edge(), key="k")
    assert (edge.status_code, edge.headers["content-type"]) == (200, "application/json")
    assert (edge.json()["status"], edge.json()["error_codes"]) == ("error", [code.upper()])
    assert edge.json()["errors"] == [told["detail"]] or code.startswith("missing")
    if code == "charge_declined":
        _is_declined_once(told, edge.json())
    else:
        assert watching.changed(before).keys() <= {"api_keys"}, "a refusal leaves nothing"


def _status(code: str) -> int:
    """What document 2 leaves to us, held here: gone, declined, wrong standing, or wrong words."""
    for status, codes in _STATUS_OF.items():
        if code in codes:
            return status
    return 409 if code in _STANDINGS else 422


_STANDINGS = {
    "item_inactive", "item_not_trigger", "initial_charge_required", "customer_not_active",
    "trigger_not_allowed", "not_enrolled", "enrollment_paused", "enrollment_cancelled",
    "milestone_not_billable", "no_payment_method",
}  # fmt: skip


def _is_declined_once(told: dict[str, Any], edge: dict[str, Any]) -> None:
    """The same command under the same key, by either way in: one charge, declined once."""
    assert told["idempotent_replay"] is False
    assert edge["data"] == {
        "success": False, "charge_id": told["charge"], "idempotent_replay": True,
    }  # fmt: skip
    assert [row["state"] for row in watching.rows("charges", "state = 'failed'")] == ["failed"]


def test_who_may_not_come_in(robot: Machine, things: Things) -> None:
    fire, other = Fire(things), make_key("read", "manage", "links", "refund")
    before = watching.everything()
    for secret, status, code in (
        ("", 401, "missing_api_key"),
        ("csk_nobody", 401, "invalid_api_key"),
        (other, 403, "scope_missing"),
    ):
        stranger = robot.with_key(secret)
        answer = stranger.post("charges", **fire.fields)
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert ("www-authenticate" in answer.headers) == (status == 401)
        edge = stranger.edge(**fire.as_edge(), api_key=secret or None)
        assert (edge.status_code, edge.json()["error_codes"]) == (200, [code.upper()])
    assert not watching.changed(before)


def test_edges_place(robot: Machine, things: Things) -> None:
    fire = Fire(things).as_edge()
    for sent, code in (
        ({"org_id": None}, "MISSING_ORG"),
        ({"org_id": ""}, "MISSING_ORG"),
        ({"brand_id": None}, "MISSING_BRAND"),
        ({"org_id": "org_other"}, "ORG_MISMATCH"),
        ({"brand_id": "brand_other"}, "ORG_MISMATCH"),
        ({"org_id": None, "billable_item_id": None}, "MISSING_ORG"),
    ):
        answer = robot.edge(**(fire | sent))
        assert (answer.status_code, answer.json()["error_codes"]) == (200, [code]), sent
    assert robot.edge(**fire).json()["status"] == "success", "and nothing else was wrong with it"


def test_v1_never_asks_for_edges_place() -> None:
    from paynow.api.operations import OPERATIONS

    assert not {code for row in OPERATIONS for code in row.codes} & _EDGE_ONLY


def test_who_bills_a_milestone_second_is_shown_the_first_charge(
    robot: Machine, things: Things
) -> None:
    fire = Fire(things)
    first = robot.post("charges", **fire.fields, key="a").json()
    second = robot.with_key(make_key()).post("charges", **fire.fields, key="b")
    assert (second.status_code, second.json()["code"]) == (409, "milestone_not_billable")
    assert second.json()["charge"] == first["id"]
    edge = robot.edge(**fire.as_edge()).json()
    assert edge["error_codes"] == ["MILESTONE_NOT_BILLABLE"]
    assert edge["data"] == {"success": False, "charge_id": first["id"]}


def test_an_off_session_fire_whose_outcome_is_unknown_is_charging(
    robot: Machine, things: Things
) -> None:
    fire = Fire(things)
    AT_ONCE(fire)
    with watching.watched() as wall:
        before = wall.inner.balance()["USD"]
        wall.down_after = {"charge_saved"}
        answer = robot.post("charges", **fire.fields, key="k")
        assert (answer.status_code, answer.json()["state"]) == (201, "charging")
        edge = robot.edge(**fire.as_edge(), key="k").json()["data"]
        assert (edge["status"], edge["success"], edge["gateway"]) == ("charging", True, "sandbox")
        wall.down_after = set()
        again = robot.post("charges", **fire.fields, key="k")
        assert (again.status_code, again.json()["state"]) == (200, "captured")
        assert wall.inner.balance() == {"USD": before + 450_000}


def test_a_wrong_key_learns_nothing_of_the_body(robot: Machine) -> None:
    stranger = robot.with_key(make_key("read"))
    for content in (b"{", b'{"customer": 1}', b""):
        assert stranger.send("charges", content).json()["code"] == "scope_missing"
        assert robot.with_key("csk_no").send("charges", content).status_code == 401
    assert robot.with_key("csk_no").edge_raw(b'{"a": 1}', FIRE).json()["error_codes"] == [
        "INVALID_API_KEY"
    ]
