"""Who may do what: every route × every scope, and keys that are none. What is expected stands here,
written from document 2; the routes come from the product, so that none can be forgotten.
"""

from __future__ import annotations

from typing import Any

import pytest

from billing_core.flows.create_key import create_key, list_keys, revoke_key
from paynow.api import edge_examples, edge_operations, examples, operations
from tests.api.machine import EVERYTHING, HERE, Machine, Things, make_key
from tests.api.spoiling import Fire
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows import watching
from tests.hostile import SECRETS

_WRITTEN = """
fire   POST /v1/charges
fire   POST /apis/edge/trigger/fire.php
fire   POST /apis/public/edge/fire.php
fire   POST /public/edge/fire
links  POST /v1/charges/{id}/link
fire   POST /v1/charges/{id}/retry
manage POST /v1/charges/{id}/void
manage POST /v1/charges/{id}/resend
manage POST /v1/charges/{id}/payments
refund POST /v1/charges/{id}/refunds
refund POST /v1/requests/{id}/approve
refund POST /v1/requests/{id}/refuse
manage POST /v1/requests/{id}/withdraw
read   GET  /v1/requests
read   GET  /v1/requests/{id}
read   GET  /v1/charges/{id}/refunds
read   GET  /v1/charges/{id}/evidence
read   GET  /v1/disputes
read   GET  /v1/disputes/{id}
read   GET  /v1/revenue
read   GET  /v1/events
read   GET  /v1/settings
manage POST /v1/settings
manage POST /v1/items
manage POST /v1/customers
manage POST /v1/customers/{id}/setup-link
manage POST /v1/enrollments
manage POST /v1/enrollments/{id}/pause
manage POST /v1/enrollments/{id}/resume
manage POST /v1/enrollments/{id}/cancel
manage POST /v1/projects
manage POST /v1/milestones
manage POST /v1/milestones/{id}/deliver
read   GET  /v1/charges
read   GET  /v1/charges/{id}
read   GET  /v1/items
read   GET  /v1/items/{id}
read   GET  /v1/customers
read   GET  /v1/customers/{id}
read   GET  /v1/enrollments
read   GET  /v1/enrollments/{id}
read   GET  /v1/projects
read   GET  /v1/projects/{id}
read   GET  /v1/milestones
read   GET  /v1/milestones/{id}
"""
_SIBLINGS = {
    "createCustomer": "manage", "getCustomer": "read", "enroll": "manage",
    "getEnrollments": "read", "getItems": "read", "suspendCustomer": "manage",
    "restoreCustomer": "manage", "setupPaymentMethod": "manage",
    "confirmPaymentMethod": "manage", "buildCustomerProfileSetup": "manage",
}  # fmt: skip
NEEDED = {
    (method, path): scope for scope, method, path in map(str.split, _WRITTEN.strip().split("\n"))
} | {
    ("POST", path): scope
    for name, scope in _SIBLINGS.items()
    for path in (f"/apis/public/edge/{name}.php", f"/public/edge/{name}")
}
#: What needs the scope ``manage`` besides: who moves large sums is more than a machine for refunds.
_ALSO = {("POST", f"/v1/requests/{{id}}/{verb}") for verb in ("approve", "refuse")}
_DENIED = {"missing_api_key", "invalid_api_key", "scope_missing"}
#: What is open to everybody tells nothing that is not printed.
_OPEN = {"/openapi.json", "/docs"}


def _rows() -> dict[tuple[str, str], Any]:
    found: dict[tuple[str, str], Any] = {(r.method, r.path): r for r in operations.OPERATIONS}
    edge = edge_operations.OPERATIONS
    return found | {("POST", path): row for row in edge for path in row.paths}


def _ask(robot: Machine, things: Things, where: tuple[str, str]) -> tuple[int, str]:
    """The route's own example about real things, with the robot's key: status, code or ""."""
    method, path = where
    row, bearer = _rows()[where], {"authorization": f"Bearer {robot.secret}"}
    if not path.startswith("/v1/"):
        body = HERE | things.real(edge_examples.BODIES[row.name])
        body.pop("api_key", None)
    else:
        body, path = things.real(examples.BODIES[row.body.__name__]), things.path(path)
    sent = {"json": body} if method == "POST" else {}
    headers = bearer if robot.secret else {}
    answer = robot.http.request(method, path, headers=headers, **sent)
    told = answer.json() if "json" in answer.headers["content-type"] else {}
    return answer.status_code, str(told.get("code") or told.get("error_codes", [""])[0]).lower()


def test_every_route_says_which_scope_it_needs() -> None:
    assert {where: row.scope for where, row in _rows().items()} == NEEDED
    assert {w for w, row in _rows().items() if getattr(row, "also", "") == "manage"} == _ALSO


def test_no_route_of_the_application_is_without_a_scope() -> None:
    from paynow.api.routes import routes

    assert {route.path for route in routes()} - _OPEN == {path for _, path in NEEDED}


@pytest.mark.parametrize("scope", EVERYTHING)
def test_a_key_with_one_scope_opens_its_own_routes_and_no_other(
    robot: Machine, things: Things, scope: str
) -> None:
    only = robot.with_key(make_key(scope))
    others = [where for where, needed in NEEDED.items() if needed != scope]
    before = watching.everything()
    denied = {where: _ask(only, things, where) for where in others}
    assert {code for _, code in denied.values()} == {"scope_missing"}, denied
    assert all(status == (403 if "/v1/" in where[1] else 200)
               for where, (status, _) in denied.items())  # fmt: skip
    assert watching.changed(before).keys() <= {"api_keys"}, "and nothing was done"
    allowed = {where: _ask(only, things, where) for where in NEEDED if where not in others}
    half = {where for where, told in allowed.items() if told[1] in _DENIED}
    assert half == {where for where in allowed if where in _ALSO}
    both = robot.with_key(make_key(scope, "manage"))
    assert not {where for where in half if _ask(both, things, where)[1] in _DENIED}


def test_without_a_key_with_a_wrong_or_a_revoked_one_no_route_opens(
    robot: Machine, things: Things
) -> None:
    revoked = create_key("Old", EVERYTHING, actor=OPERATOR)
    revoke_key(revoked.key.id, actor=OPERATOR)
    before = watching.everything()
    for secret, code in (("", "missing_api_key"), ("csk_wrong", "invalid_api_key"),
                         (revoked.secret, "invalid_api_key")):  # fmt: skip
        stranger = robot.with_key(secret)
        told = {where: _ask(stranger, things, where) for where in NEEDED}
        assert set(told.values()) == {(401, code), (200, code)}, told
        assert {where for where, (status, _) in told.items() if status == 200} == {
            where for where in NEEDED if "/v1/" not in where[1]
        }
    assert not watching.changed(before)


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_read_as_http_has_it(robot: Machine, scheme: str) -> None:
    headers = {"authorization": f"{scheme} {robot.secret}"}
    assert robot.http.get("/v1/items", headers=headers).status_code == 200


def test_keys_that_are_none(robot: Machine, things: Things) -> None:
    secret = robot.secret
    near = (secret[:-1], secret + "x", secret.upper(), secret[::-1], f"{secret},{secret}")
    for wrong in (*SECRETS, *near):
        headers = {"authorization": f"Bearer {wrong}".encode()}
        answer = robot.http.request("GET", "/v1/items", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (401, "invalid_api_key"), wrong
        edge = robot.edge(**Fire(things).as_edge(), api_key=wrong)
        assert edge.json()["error_codes"] == ["INVALID_API_KEY"], wrong
    for odd in (f"Basic {secret}", secret, "Bearer"):
        told = robot.http.get("/v1/items", headers={"authorization": odd}).json()
        assert told["code"] in ("missing_api_key", "invalid_api_key"), odd
    twice = [("authorization", f"Bearer {secret}"), ("authorization", f"Bearer {secret}")]
    assert robot.http.get("/v1/items", headers=twice).status_code == 401


def test_a_key_works_from_the_moment_it_is_made_until_it_is_revoked(
    driven_clock: Clock, machine: Machine
) -> None:
    made = create_key("Zapier", ["read"], actor=OPERATOR)
    zapier = machine.with_key(made.secret)
    assert [key.last_used_at for key in list_keys() if key.id == made.key.id] == [None]
    assert zapier.get("items").status_code == 200
    used_at = driven_clock.now
    driven_clock.advance(seconds=59)
    assert zapier.post("items").status_code == 403
    assert _last_used(made.key.id) == used_at
    driven_clock.advance(minutes=5)
    zapier.get("items")
    assert _last_used(made.key.id) == driven_clock.now
    revoke_key(made.key.id, actor=OPERATOR)
    driven_clock.advance(minutes=5)
    answer = zapier.get("items")
    assert (answer.status_code, answer.json()["code"]) == (401, "invalid_api_key")
    assert _last_used(made.key.id) != driven_clock.now


def _last_used(key_id: str) -> object:
    (found,) = [key.last_used_at for key in list_keys() if key.id == key_id]
    return found
