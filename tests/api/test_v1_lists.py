"""Every row of /v1: whose address is told, lists page by page, thresholds, who is named."""

from __future__ import annotations

import json

import pytest

from tests import books as seeded_books
from tests.api.machine import Machine, make_key, one_of_everything
from tests.api.test_v1 import CUSTOMER, ITEM, made
from tests.books import Seeded
from tests.flows import watching


def test_the_clients_address_is_told_only_where_it_may_be(machine: Machine) -> None:
    things = one_of_everything()
    way = f"charges/{things.charge}"
    for answer in (machine.get(way), machine.get("charges"), machine.post(f"{way}/void")):
        assert answer.status_code == 200
        assert "/pay/" not in answer.text
    other = one_of_everything()
    resend = f"charges/{other.charge}/resend"
    for scopes, told in (
        (("manage",), False),
        (("manage", "fire"), True),
        (("manage", "links"), True),
        (("manage", "read", "refund"), False),
    ):
        answer = machine.with_key(make_key(*scopes)).post(resend)
        assert (answer.status_code, "/pay/" in answer.text) == (200, told), scopes


def test_lists_page_by_page_and_filtered(machine: Machine) -> None:
    things = one_of_everything()
    for number in range(5):
        seeded_books.fire(things.seeded, "1.00", f"Part {number}")
    seen: list[str] = []
    page = machine.get("charges", limit=2).json()
    while True:
        seen += [charge["id"] for charge in page["data"]]
        if page["next_cursor"] is None:
            break
        page = machine.get("charges", limit=2, cursor=page["next_cursor"]).json()
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == len(set(seen)) == 6
    for path, filters, many in (
        ("charges", {"customer": things.seeded.customer}, 6),
        ("charges", {"customer": "bc_nobody"}, 0),
        ("charges", {"state": "void"}, 0),
        ("charges", {"project": things.plan.project}, 0),
        ("items", {}, 1),
        ("customers", {}, 1),
        ("enrollments", {"customer": things.seeded.customer}, 1),
        ("projects", {"customer": things.seeded.customer}, 1),
        ("milestones", {"project": things.plan.project}, 2),
        ("milestones", {"project": "prj_\x00"}, 0),
    ):
        answer = machine.get(path, **filters)
        assert (answer.status_code, len(answer.json()["data"])) == (200, many), (path, filters)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=-1", "limit=ten", "limit=5.0", "limit=1e1", "limit=",
        "limit=1&limit=2", "limit=\u0661", "cursor=x", "cursor=", "cursor=sc_1", "offset=1",
        "custmer=bc_1", "customer=", "%ff=1", "customer=%ff",
        "&".join(map("a{}=1".format, range(30))),
    ],
)  # fmt: skip
def test_parameters_nobody_knows_or_can_mean_are_refused(machine: Machine, query: str) -> None:
    answer = machine.http.get(f"/v1/charges?{query}", headers=machine._bearer())
    assert (answer.status_code, answer.json()["code"]) == (422, "parameter_invalid"), query


def test_a_threshold_that_does_not_hold_is_no_charge(machine: Machine) -> None:
    item = made(machine.post("items", **(ITEM | {
        "trigger_mode": "threshold", "allow_override": False, "condition": "gte", "threshold": 95,
    })))  # fmt: skip
    assert item["threshold"] == "95"
    customer = made(machine.post("customers", **CUSTOMER))
    machine.post("enrollments", customer=customer["id"], item=item["id"])
    fields = {"customer": customer["id"], "item": item["id"]}
    answer = machine.post("charges", **fields, metric_value=94.5, key="k")
    assert answer.status_code == 200
    assert answer.json() == {
        "id": None, "code": "condition_not_met", "metric_value": "94.5",
        "idempotent_replay": False, **fields,
    }  # fmt: skip
    assert watching.rows("charges") == watching.rows("idempotency_keys") == []
    fired = made(machine.post("charges", **fields, metric_value="95", key="k"))
    assert (fired["metric_value"], fired["amount"]) == ("95", "5000.00")


def test_the_evidence_names_the_key(machine: Machine, seeded: Seeded) -> None:
    fired = made(machine.post("charges", customer=seeded.customer, item=seeded.item))
    machine.post(f"charges/{fired['id']}/void")
    events = [json.loads(row["canonical"]) for row in watching.rows("evidence_events")]
    actors = {e["kind"]: e["actor"] for e in events if e["stream"] == fired["id"]}
    (key,) = watching.rows("api_keys")
    for kind in ("charge.fired", "invoice.frozen", "charge.voided"):
        assert actors[kind] == {"kind": "key", "id": key["id"]}
