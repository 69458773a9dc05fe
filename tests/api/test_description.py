"""The description is true: every example fits its schema and does what it says; /docs shows it all
without a script.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest

from paynow.api import edge_examples, edge_operations, operations
from paynow.api.problems import STATUS
from tests.api.machine import HERE, Machine, Things
from tests.paynow.reading import read

Json = dict[str, Any]


@pytest.fixture
def told(robot: Machine) -> Json:
    """The description as it is served, to anybody."""
    answer = robot.http.get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    found: Json = answer.json()
    return found


def _examples(told: Json) -> Iterator[tuple[str, Json, Any]]:
    """Where it stands, its schema, the example: of every body and every answer."""
    for path, methods in told["paths"].items():
        for method, row in methods.items():
            parts = [(f"{method} {path}", row.get("requestBody", {}))]
            parts += [(f"{method} {path} {s}", answer) for s, answer in row["responses"].items()]
            for where, part in parts:
                for content in part.get("content", {}).values():
                    if content["schema"].get("contentMediaType") == "application/zip":
                        continue
                    assert content["examples"], where
                    for name, example in content["examples"].items():
                        yield f"{where} {name}", content["schema"], example["value"]


def test_every_example_fits_its_schema(told: Json) -> None:
    found = list(_examples(told))
    for where, schema, value in found:
        whole = schema | {"components": told["components"]}
        errors = list(jsonschema.Draft202012Validator(whole).iter_errors(value))
        assert not errors, (where, errors[0].message)
    assert len(found) > 300


def test_an_example_that_does_not_fit_would_be_found(told: Json) -> None:
    schema = {"$ref": "#/components/schemas/NewCharge", "components": told["components"]}
    check = jsonschema.Draft202012Validator(schema)
    good = {"customer": "bc_1", "item": "bi_1", "amount": "4500.00"}
    assert check.is_valid(good)
    for bad in ({"amount": 4500}, {"amount": "4,500"}, {"amuont": "1"}, {"item": ""}):
        assert not check.is_valid(good | bad), bad


def test_everything_is_described_and_nothing_else(told: Json) -> None:
    described = {(m.upper(), p) for p, methods in told["paths"].items() for m in methods}
    served = {(row.method, row.path) for row in operations.OPERATIONS}
    served |= {("POST", path) for row in edge_operations.OPERATIONS for path in row.paths}
    assert described == served
    names = [row["operationId"] for methods in told["paths"].values() for row in methods.values()]
    assert len(set(names)) == len(names)
    assert told["components"]["schemas"]["Problem"]["properties"]["code"]["enum"] == sorted(STATUS)
    for methods in told["paths"].values():
        for row in methods.values():
            assert row["summary"]
            assert row["security"]


#: What the sandbox has not: tests/stripe sends it.
_OUTSIDE = ("buildCustomerProfileSetup",)
_HERE = [row for row in edge_operations.OPERATIONS if row.name not in _OUTSIDE]


@pytest.mark.parametrize("row", _HERE, ids=lambda row: row.name)
def test_each_of_edges_examples_can_be_sent_as_it_stands(
    robot: Machine, things: Things, row: edge_operations.EdgeOperation
) -> None:
    if row.name == "restoreCustomer":
        robot.edge("/public/edge/suspendCustomer", bc_id=things.seeded.customer)
    if row.name == "confirmPaymentMethod":
        named = {"payment_data": {"pm_id": "pm_card_visa"}}
        robot.edge("/public/edge/setupPaymentMethod", bc_id=things.seeded.customer, **named)
    sent = things.real(edge_examples.BODIES[row.name]) | HERE | {"api_key": robot.secret}
    needed = {**HERE, "api_key": ""}.keys() | edge_examples.BODIES[row.name].keys()
    answer = robot.http.post(row.paths[0], json={n: v for n, v in sent.items() if n in needed})
    assert (answer.status_code, answer.json()["status"]) == (200, "success"), answer.text
    shown = edge_examples.ANSWERS[row.name]
    assert answer.json().keys() == shown.keys()
    if isinstance(shown["data"], dict):
        assert answer.json()["data"].keys() == shown["data"].keys()


def test_the_page_shows_every_operation_and_every_code_without_a_script(
    robot: Machine, told: Json
) -> None:
    answer = robot.http.get("/docs")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    page = read(answer.text)
    assert page.unclosed == []
    assert not list(page.all("script"))
    assert not [e for e in page.elements for name in e.attributes if name.startswith("on")]
    loaded = [e.attributes.get(a, "") for e in page.elements for a in ("src", "srcset", "action")]
    loaded += [e.attributes["href"] for e in page.all("link")]
    assert all(where.startswith(("/", "data:")) for where in loaded if where)
    assert "script-src" not in answer.headers["content-security-policy"]
    for path, methods in told["paths"].items():
        for row in methods.values():
            alias = row["operationId"].startswith("edge_") and row["operationId"][-1].isdigit()
            assert alias or path in page.text, path
            assert alias or row["operationId"] in page.ids(), row["operationId"]
    ids = page.ids()
    assert len(set(ids)) == len(ids)
    assert set(STATUS) <= set(ids), "a problem's type leads to its line"
    for code in STATUS:
        assert code in page.text
