"""What one person may not do alone, as machines meet it: asked for, decided, and done once."""

from __future__ import annotations

from billing_core.flows.save_company import save_company
from tests.api.machine import Machine, Things
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
