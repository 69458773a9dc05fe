"""The table of bad input (tests/hostile.py) against /v1 and Edge: a clear refusal, nothing written;
what is allowed comes back as it was sent, and is text wherever it is shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tests.api.machine import FIRE, HERE, Machine, Things, make_key, one_of_everything
from tests.api.machine import machine as new_machine
from tests.api.refusing import refused
from tests.api.spoiling import Fire, item
from tests.flows import watching
from tests.hostile import AMOUNTS, BODIES, IDS, TEXTS, Amount, Body, Text
from tests.paynow import server
from tests.paynow.reading import read

#: JSON that is no whole number of minor units of anything.
MINORS = ("0", "-1", "1.5", "450000.0", "1e6", '"450000"', "true", "[1]", "999999999999999999",
          "1" + "0" * 30, "2500001")  # fmt: skip
_TWO_MEGABYTES = 2 * 1024 * 1024


def _raw(fire: Fire, names: dict[str, str], more: dict[str, Any]) -> bytes:
    """The fire as JSON, with the values of ``names`` put in as the JSON they are."""
    text = json.dumps(fire.as_edge() | more if more else fire.fields)
    return (text[:-1] + "".join(f", {json.dumps(n)}: {v}" for n, v in names.items()) + "}").encode()


def test_no_bad_amount_is_charged(robot: Machine, things: Things) -> None:
    fire = Fire(things)
    del fire.fields["amount"]
    before = watching.everything()
    for amount in AMOUNTS:
        for name, answer in _with_amount(robot, fire, amount):
            refused(answer, "amount_invalid", "amount_exceeds_cap", "body_invalid")
            assert watching.changed(before).keys() <= {"api_keys"}, (amount.name, name)
    for minor in MINORS:
        answer = robot.send("charges", _raw(fire, {"amount_minor": minor}, {}))
        refused(answer, "amount_invalid", "amount_exceeds_cap")
    assert watching.changed(before).keys() <= {"api_keys"}


def _with_amount(
    robot: Machine, fire: Fire, amount: Amount
) -> Iterator[tuple[str, httpx.Response]]:
    if amount.json is not None:
        yield "/v1", robot.send("charges", _raw(fire, {"amount": amount.json}, {}))
        body = _raw(fire, {"override_amount": amount.json}, HERE)
        yield "Edge", robot.edge_raw(body)
    if amount.text is not None:
        form = fire.as_edge() | {"override_amount": amount.text}
        yield "Edge's form", robot.edge(**form, form=True)


def test_a_metric_is_a_number_or_isrefused(robot: Machine, things: Things) -> None:
    fire = Fire(things)
    item(trigger_mode="threshold", condition="lte", threshold="-5")(fire)
    del fire.fields["amount"], fire.fields["description"]
    before = watching.everything()
    for amount in (a for a in AMOUNTS if a.json):
        for send, more in ((partial(robot.send, "charges"), {}), (robot.edge_raw, HERE)):
            answer = send(_raw(fire, {"metric_value": str(amount.json)}, more))
            if answer.status_code >= 400 or answer.json().get("status") == "error":
                refused(answer, "metric_invalid", "metric_required", "body_invalid")
            else:
                assert "condition_not_met" in answer.text, amount.name
    assert watching.changed(before).keys() <= {"api_keys"}


def test_no_bad_amount_becomes_a_price(robot: Machine, things: Things) -> None:
    """Every other field of money, by the same table (an item's price has no cap to be above)."""
    thing = {"name": "N", "currency": "USD", "trigger_mode": "event", "allow_override": True,
            "capture_mode": "client_confirm", "max_capture": "900.00"}  # fmt: skip
    customer = {"name": "N", "email": "a@example.com", "currency": "USD", "require_initial": True}
    ways = (
        ("items", "unit_price", thing),
        ("items", "max_capture", thing | {"unit_price": "1.00"}),
        ("customers", "initial_amount", customer),
        ("projects", "contract_sum",
         {"customer": things.seeded.customer, "name": "N", "currency": "USD"}),
        ("milestones", "planned_amount", {"project": things.plan.project, "title": "N"}),
        (f"charges/{things.paid}/refunds", "amount", {"reason": "other"}),
        ("settings", "default_cap", {"terms_days": 30}),
    )  # fmt: skip
    before = watching.everything()
    for amount in (a for a in AMOUNTS if a.json and a.name != "above the cap"):
        for path, name, fields in ways:
            body = json.dumps({n: v for n, v in fields.items() if n != name})[:-1]
            sent = f"{body}, {json.dumps(name)}: {amount.json}}}".encode()
            answer = robot.send(path, sent)
            refused(answer, "amount_invalid", "amount_exceeds_cap", "body_invalid",
                    "refund_too_much")  # fmt: skip
    assert watching.changed(before).keys() <= {"api_keys"}


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.name)
def test_a_text_is_refused_or_kept_as_it_is(robot: Machine, things: Things, text: Text) -> None:
    fields = Fire(things).fields | {"description": text.value, "milestone": None}
    edge = {"override_description": text.value, "override_amount": "4600.00"}
    before = watching.everything()
    answers = [
        robot.post("charges", **fields),
        robot.edge(**(Fire(things).as_edge() | edge)),
    ]
    if text.refused:
        for answer in answers:
            refused(answer, "text_invalid", "fields_invalid")
        form = robot.edge(**(Fire(things).as_edge() | edge), form=True)
        refused(form, "text_invalid", "fields_invalid")
        assert watching.changed(before).keys() <= {"api_keys"}
        return
    first, second = (answer.json() for answer in answers)
    assert first["description"] == text.value
    for charge in (first["id"], second["data"]["charge_id"]):
        assert robot.get(f"charges/{charge}").json()["description"] == text.value
    _is_shown_as_text(robot.http.get(first["invoice_url"]), text.value)


def _is_shown_as_text(answer: httpx.Response, words: str) -> None:
    page = read(answer.text)
    assert (answer.status_code, page.unclosed) == (200, [])
    assert "".join(words.split()) in "".join(page.text.split())
    assert not list(page.all("script"))
    assert not [e for e in page.elements for name in e.attributes if name.startswith("on")]


def test_other_texts_are_kept_as_they_are_too(robot: Machine, things: Things) -> None:
    """Names, notes, titles and reasons: allowed ones come back, the others leave nothing."""
    for text in (t for t in TEXTS if len(t.value) < 200):
        before = watching.everything()
        sent = {"name": text.value, "email": "a@example.com", "currency": "USD"}
        title = {"project": things.plan.project, "title": text.value, "planned_amount": "1.00"}
        answers = [robot.post("customers", **sent), robot.post("milestones", **title)]
        if text.refused:
            for answer in answers:
                refused(answer, "fields_invalid")
            assert watching.changed(before).keys() <= {"api_keys"}, text.name
        else:
            assert [a.status_code for a in answers] == [201, 201], text.name
            assert answers[0].json()["name"] == answers[1].json()["title"] == text.value


def test_nothing_is_found_under_what_is_no_id(database: str) -> None:
    things = one_of_everything()
    with new_machine() as robot:
        before = watching.everything()
        for odd in IDS:
            for answer in _about(robot, things, odd):
                refused(
                    answer, "item_not_found", "customer_not_found", "charge_not_found",
                    "milestone_not_found", "milestone_not_billable", "enrollment_not_found",
                    "project_not_found", "not_found", "fields_invalid", "missing_item",
                    "missing_customer", "address_too_long", "parameter_invalid",
                )  # fmt: skip
            found = robot.get("charges", customer=odd)
            assert found.status_code in (200, 414, 422), odd
            assert found.json().get("data", []) == []
        assert watching.changed(before).keys() <= {"api_keys"}


def _about(robot: Machine, things: Things, odd: str) -> Iterator[httpx.Response]:
    """Every way to name something with ``odd``."""
    for name in ("customer", "item", "milestone"):
        fire = Fire(things)
        fire.fields[name] = odd
        yield robot.post("charges", **fire.fields)
        yield robot.edge(**fire.as_edge())
        yield robot.edge(**fire.as_edge(), form=True)
    where = quote(odd, safe="")
    for noun in ("charges", "items", "customers", "enrollments", "projects", "milestones"):
        yield robot.get(f"{noun}/{where}")
    for verb in ("charges/{}/void", "charges/{}/link", "enrollments/{}/pause",
                 "milestones/{}/deliver"):  # fmt: skip
        yield robot.post(verb.format(where))
    yield robot.post("enrollments", customer=odd, item=things.seeded.item)
    yield robot.post("milestones", project=odd, title="T", planned_amount="1.00")
    yield robot.edge("/public/edge/getCustomer", bc_id=odd)


def test_an_id_of_another_kind_finds_nothing(robot: Machine, things: Things) -> None:
    ids = {
        "charges": things.charge, "items": things.seeded.item, "projects": things.plan.project,
        "customers": things.seeded.customer, "enrollments": things.seeded.enrolment,
        "milestones": things.plan.milestones[0],
    }  # fmt: skip
    for noun in ids:
        for other, found in ids.items():
            assert robot.get(f"{noun}/{found}").status_code == (200 if noun == other else 404)


@pytest.fixture
def served(things: Things) -> Iterator[Machine]:
    """A machine in front of the server as it really runs."""
    with server.running() as address, httpx.Client(base_url=address, timeout=30) as http:
        yield Machine(http, make_key())


def test_no_body_is_too_odd_to_berefused(served: Machine) -> None:
    before = watching.everything()
    for body in BODIES:
        kind = {} if body.content_type is None else {"content-type": body.content_type}
        bearer = {"authorization": f"Bearer {served.secret}"}
        for path in ("/v1/charges", "/v1/customers", FIRE, "/public/edge/createCustomer"):
            answer = served.http.post(path, content=body.content, headers=bearer | kind)
            _check_body(body, path, answer)
    assert watching.changed(before).keys() <= {"api_keys"}


def _check_body(body: Body, path: str, answer: httpx.Response) -> None:
    told = answer.json()
    if path.startswith("/v1/"):
        assert (answer.status_code, told["status"]) == (body.status, body.status), body.name
        assert answer.headers["content-type"] == "application/problem+json"
    else:
        assert (answer.status_code, told["status"]) == (200, "error"), body.name
    unread = body.status == 413
    assert (answer.headers.get("connection") == "close") == unread, body.name


@pytest.mark.parametrize("path", ["/v1/charges", FIRE])
def test_a_body_without_end_is_left_at_64_kib(served: Machine, path: str) -> None:
    sent = 0

    def chunks() -> Iterator[bytes]:
        nonlocal sent
        while sent < _TWO_MEGABYTES:
            sent += 8192
            yield b" " * 8192

    bearer = {"authorization": f"Bearer {served.secret}", "content-type": "application/json"}
    answer = served.http.post(path, content=chunks(), headers=bearer)
    refused(answer, "body_too_large")


def test_edge_answers_200_whatever_comes(served: Machine) -> None:
    answer = served.http.post(f"{FIRE}?{'x' * 3000}", json={})
    assert refused(answer, "address_too_long") == "address_too_long"
    nowhere = served.http.post("/apis/public/edge/nothing.php", json={})
    assert (nowhere.status_code, nowhere.json()["error_codes"]) == (404, ["NOT_FOUND"])


Fault = Callable[[Machine], httpx.Response]


@pytest.mark.parametrize(
    "ask",
    [
        lambda m: m.http.get(f"/v1/charges?{'x' * 3000}"),
        lambda m: m.http.get(f"/v1/{'x' * 600}"),
        lambda m: m.http.request("PATCH", "/v1/charges"),
        lambda m: m.http.request("DELETE", f"/v1/charges/{'x' * 20}"),
        lambda m: m.http.request("OPTIONS", "/v1/items"),
        lambda m: m.http.post("/v1/nothing", json={}),
        lambda m: m.http.get("/v1"),
        lambda m: m.http.get("/v1/charges/%ff%fe"),
    ],
)
def test_whatever_is_asked_under_v1_is_answered_with_a_problem(served: Machine, ask: Fault) -> None:
    answer = ask(served)
    assert 400 <= answer.status_code < 500
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == answer.status_code
