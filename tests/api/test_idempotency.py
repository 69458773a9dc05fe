"""Idempotency keys over HTTP, as document 1 has them: one key, one act, whatever happens around."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from billing_core import gateway
from billing_core.flows.create_key import list_keys
from billing_core.gateway.port import Order, Seen
from paynow.api import examples, turns
from paynow.api.operations import OPERATIONS
from tests.api import machine as machines
from tests.api.machine import Machine, Things, make_key, one_of_everything
from tests.api.spoiling import AT_ONCE, Fire
from tests.books import Seeded
from tests.conftest import Clock
from tests.flows import watching
from tests.hostile import KEYS

#: The sandbox has no page to store a method on: tests/stripe shows that link.
POSTS = [row for row in OPERATIONS if row.method == "POST" and row.name != "createSetupLink"]


def _send(robot: Machine, things: Things, row: Any, key: str) -> httpx.Response:
    """The row's own example, about real things."""
    path = things.path(row.path).removeprefix("/v1/")
    body = things.real(examples.BODIES[row.body.__name__])
    return robot.post(path, key=key, **body)


def _ready(robot: Machine, things: Things, name: str) -> None:
    if name == "resumeEnrollment":
        robot.post(f"enrollments/{things.seeded.enrolment}/pause")
    if name == "deliverMilestone":
        watching.write("UPDATE milestones SET state = 'planned', delivered_on = NULL")
    if name == "retryCharge":
        watching.write("UPDATE charges SET state = 'failed' WHERE id = :id", id=things.charge)
    if name == "withdrawRequest":
        key_id = list_keys()[0].id
        watching.write("UPDATE requests SET asked_kind = 'key', asked_id = :me", me=key_id)
    if name == "recordPayment":
        watching.write("UPDATE charges SET fired_at = '2026-03-16T00:00:00.000000Z'")


@pytest.mark.parametrize("row", POSTS, ids=lambda row: row.name)
def test_every_post_acts_once_under_one_key(robot: Machine, things: Things, row: Any) -> None:
    _ready(robot, things, row.name)
    first = _send(robot, things, row, "k")
    assert first.status_code == (201 if row.makes and row.name != "createEnrollment" else 200)
    assert first.json()["idempotent_replay"] is False
    before = watching.everything()
    again = _send(robot, things, row, "k")
    assert again.status_code == 200
    assert again.json() == first.json() | {"idempotent_replay": True}
    assert watching.changed(before).keys() <= {"api_keys"}
    other = robot.post("projects", key="k", customer=things.seeded.customer, name="Another",
                       currency="USD")  # fmt: skip
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_conflict")
    assert watching.changed(before).keys() <= {"api_keys"}


@pytest.mark.parametrize(
    "changed",
    [{"amount": "4500.01"}, {"amount_minor": 1}, {"description": "Phase 3"}, {"milestone": None},
     {"po_number": "PO-1"}, {"item": "bi_nobody"}, {"customer": "bc_nobody"}],
    ids=str,
)  # fmt: skip
def test_another_command_under_the_key_is_refused(
    robot: Machine, things: Things, changed: dict[str, Any]
) -> None:
    fire = Fire(things)
    robot.post("charges", **fire.fields, key="k")
    before = watching.everything()
    fire.fields |= changed | ({"amount": None} if "amount_minor" in changed else {})
    answer = robot.post("charges", **fire.fields, key="k")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_conflict")
    if not changed.keys() & {"amount_minor", "po_number"}:
        edge = robot.edge(**fire.as_edge(), key="k").json()
        assert edge["error_codes"] == ["IDEMPOTENCY_CONFLICT"]
    assert watching.changed(before).keys() <= {"api_keys"}


@pytest.mark.parametrize(
    "same", [{"amount": "4500"}, {"amount": "4500.0"}, {"amount": None, "amount_minor": 450_000},
             {"description": "  Phase 2 "}, {"po_number": ""}], ids=str,
)  # fmt: skip
def test_the_same_command_written_otherwise_is_the_same(
    robot: Machine, things: Things, same: dict[str, Any]
) -> None:
    fields = Fire(things).fields
    first = robot.post("charges", **fields, key="k")
    again = robot.post("charges", **(fields | same), key="k")
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"]), again.text


def test_a_refusal_binds_nothing(robot: Machine, things: Things) -> None:
    fields = Fire(things).fields
    for spoiled in ({"amount": "0"}, {"milestone": "ms_nobody"}, {"description": "\x07"}):
        assert robot.post("charges", **(fields | spoiled), key="k").status_code >= 400
    assert watching.rows("idempotency_keys") == []
    assert robot.post("charges", **fields, key="k").status_code == 201


def test_a_key_is_its_callers_own(robot: Machine, things: Things) -> None:
    fields = Fire(things).fields | {"milestone": None}
    other = robot.with_key(make_key())
    ids = {who.post("charges", **fields, key="k").json()["id"] for who in (robot, other, robot)}
    assert len(ids) == 2


def test_keys_that_protect_nothing_are_refused(robot: Machine, things: Things) -> None:
    fields = Fire(things).fields
    before = watching.everything()
    for key in KEYS:
        named = {"idempotency-key": key}
        answer = robot.post("charges", **fields, headers=named)  # type: ignore[arg-type]
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_invalid"), key
    assert watching.changed(before).keys() <= {"api_keys"}
    longest = "k" * 255
    first = robot.post("charges", **fields, key=longest)
    assert first.status_code == 201
    assert robot.post("charges", **fields, key=longest).json()["id"] == first.json()["id"]


def test_a_key_lives_seven_days(driven_clock: Clock, machine: Machine, seeded: Seeded) -> None:
    fields = {"customer": seeded.customer, "item": seeded.item, "amount": "9.00"}
    first = machine.post("charges", **fields, key="k").json()["id"]
    driven_clock.advance(days=6, hours=23, minutes=59)
    assert machine.post("charges", **fields, key="k").json()["id"] == first
    driven_clock.advance(minutes=2)
    fresh = machine.post("charges", **fields, key="k")
    assert (fresh.status_code, fresh.json()["id"] == first) == (201, False)


class _Held(watching.Watched):
    """A gateway that answers when it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.reached, self.let_go = threading.Event(), threading.Event()

    def charge_saved(self, order: Order, key: str) -> Seen:
        self.reached.set()
        assert self.let_go.wait(60)
        return super().charge_saved(order, key)


def test_while_the_first_is_at_work_the_second_is_told_so(
    robot: Machine, things: Things, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turns, "WAIT_S", 0.2)
    fire = Fire(things)
    AT_ONCE(fire)
    held = _Held()
    before = held.inner.balance()["USD"]

    def first() -> httpx.Response:
        with gateway.using(held):
            return robot.post("charges", **fire.fields, key="k")

    with ThreadPoolExecutor(1) as other:
        running = other.submit(first)
        try:
            assert held.reached.wait(60)
            early = robot.post("charges", **fire.fields, key="k")
            edge = robot.edge(**fire.as_edge(), key="k").json()
        finally:
            held.let_go.set()
        done = running.result(60)
    assert (early.status_code, early.json()["code"]) == (409, "request_in_progress")
    assert early.headers["retry-after"] == "1"
    assert edge["error_codes"] == ["REQUEST_IN_PROGRESS"]
    assert (done.status_code, done.json()["state"]) == (201, "captured")
    late = robot.post("charges", **fire.fields, key="k")
    assert (late.status_code, late.json()) == (200, done.json() | {"idempotent_replay": True})
    assert held.inner.balance() == {"USD": before + 450_000}


def test_one_key_thirty_two_times_at_once_by_both_ways_in(database: str) -> None:
    things = one_of_everything()
    fire = Fire(things)
    with machines.machine() as robot:
        ways: tuple[Callable[[], httpx.Response], ...] = (
            lambda: robot.post("charges", **fire.fields, key="k"),
            lambda: robot.edge(**fire.as_edge(), key="k"),
        )
        found = watching.at_once(32, lambda number: ways[number % 2]().json())
    told = [one for one in found if isinstance(one, dict)]
    assert len(told) == 32, found
    v1 = [one for one in told if "id" in one]
    edge = [one["data"] for one in told if "data" in one]
    assert (len(v1), len(edge)) == (16, 16)
    assert {one["id"] for one in v1} == {one["charge_id"] for one in edge}
    assert len({one["invoice_url"] for one in [*v1, *edge]}) == 1
    assert sum(not one["idempotent_replay"] for one in [*v1, *edge]) == 1
    assert len(watching.rows("charges")) == 2


def test_two_keys_at_once_on_one_milestone_make_one_charge(database: str) -> None:
    things = one_of_everything()
    with machines.machine() as robot:
        callers = [robot, robot.with_key(make_key())]
        fields = Fire(things).fields
        found = watching.at_once(
            8, lambda number: callers[number % 2].post("charges", **fields, key=f"k{number}")
        )
    answers = [one for one in found if isinstance(one, httpx.Response)]
    assert sorted(a.status_code for a in answers) == [201] + [409] * 7, found
    (won,) = [a.json()["id"] for a in answers if a.status_code == 201]
    assert {a.json()["charge"] for a in answers if a.status_code == 409} == {won}
