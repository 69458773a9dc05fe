"""What one person may not do alone, as machines meet it: asked for, decided, and done once."""

from __future__ import annotations

from billing_core.flows.save_company import save_company
from tests.api.machine import Machine, Things, make_key
from tests.api.spoiling import Fire
from tests.books import OPERATOR
from tests.flows import watching


def test_a_large_fire_is_accepted_and_waits(robot: Machine, things: Things) -> None:
    save_company({"second_charge_above": "1000"}, actor=OPERATOR)
    fire = Fire(things)
    before = watching.everything()
    answer = robot.post("charges", **fire.fields, key="k")
    told = answer.json()
    assert (answer.status_code, told["code"]) == (202, "second_person_needed"), answer.text
    assert told["request"].startswith("rq_")
    assert robot.post("charges", **fire.fields, key="k").json() == told
    edge = robot.edge(**fire.as_edge(), key="k").json()
    assert (edge["status"], edge["error_codes"]) == ("error", ["SECOND_PERSON_NEEDED"])
    assert edge["data"] == {"success": False, "request_id": told["request"]}
    assert watching.changed(before).keys() <= {"api_keys", "idempotency_keys", "requests"}
    fire.fields["amount"] = "1000.00"
    assert robot.post("charges", **fire.fields, key="other").status_code == 201


def test_who_asked_cannot_approve_and_somebody_else_does_it_once(
    robot: Machine, things: Things
) -> None:
    save_company({"second_charge_above": "1000"}, actor=OPERATOR)
    asked = robot.post("charges", **Fire(things).fields, key="k").json()["request"]
    own = robot.post(f"requests/{asked}/approve")
    assert (own.status_code, own.json()["code"]) == (403, "own_request")
    other = robot.with_key(make_key("manage", "refund"))
    foreign = other.post(f"requests/{asked}/withdraw")
    assert (foreign.status_code, foreign.json()["code"]) == (403, "not_yours")
    done = other.post(f"requests/{asked}/approve", key="yes").json()
    assert done["state"] == "executed"
    assert robot.get(f"requests/{asked}").json()["charge"] == done["charge"]
    fired = robot.post("charges", **Fire(things).fields, key="k").json()
    assert (fired["id"], fired["idempotent_replay"]) == (done["charge"], True)
    late = other.post(f"requests/{asked}/refuse", reason="Too late")
    assert (late.status_code, late.json()["code"]) == (409, "illegal_move")
    assert [row["id"] for row in robot.get("requests", state="executed").json()["data"]] == [asked]


def test_what_the_rules_refuse_waits_on_and_says_why(robot: Machine, things: Things) -> None:
    watching.write("UPDATE charges SET state = 'refunded' WHERE id = :id", id=things.paid)
    refused = robot.post(f"requests/{things.request}/approve")
    assert (refused.status_code, refused.json()["code"]) == (409, "illegal_move")
    waits = robot.get(f"requests/{things.request}").json()
    assert (waits["state"], waits["decided_by"]) == ("waiting", None)
    assert waits["problem"] == refused.json()["detail"]
    nobody = robot.post("requests/rq_nobody/approve")
    assert (nobody.status_code, nobody.json()["code"]) == (404, "request_not_found")
