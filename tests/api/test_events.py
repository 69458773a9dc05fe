"""GET /v1/events: what happened, in Edge's envelope, page by page, without a value of a person."""

from __future__ import annotations

from typing import Any

from billing_core import jobs
from tests import books as seeded_books
from tests.api.machine import Machine, Things
from tests.api.spoiling import AT_ONCE, Fire
from tests.conftest import Clock

_ENVELOPE = {"event_id", "event_type", "api_version", "created_at", "org_id", "data"}


def _all(robot: Machine, **asked: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = robot.get("events", **asked).json()
    while True:
        found += page["data"]
        if page["next_cursor"] is None:
            return found
        page = robot.get("events", **(asked | {"cursor": page["next_cursor"]})).json()


def test_what_happens_to_charges_is_told_in_its_order(
    driven_clock: Clock, machine: Machine
) -> None:
    seeded = seeded_books.seed()
    driven_clock.advance(seconds=1)
    paid = seeded_books.paid(seeded, "100.00")
    driven_clock.advance(seconds=1)
    since = driven_clock.now.strftime("%Y-%m-%dT%H:%M:%SZ")
    machine.post(f"charges/{paid.id}/refunds", reason="other")
    other = seeded_books.fire(seeded, "5.00", "Another").charge
    assert other
    machine.post(f"charges/{other.id}/void")
    jobs.drain()
    told = _all(machine, limit=3)
    assert told == _all(machine, limit=200)
    assert all(one.keys() == _ENVELOPE and one["org_id"] == "org_local" for one in told)
    assert len({one["event_id"] for one in told}) == len(told)
    types = [
        one["event_type"] for one in reversed(told) if one["event_type"].startswith("trigger.")
    ]
    assert types == [
        "trigger.pending_client", "trigger.approved", "trigger.client_paid",
        "trigger.refunded", "trigger.pending_client", "trigger.voided",
    ]  # fmt: skip
    of_one = _all(machine, charge=paid.id, limit=2)
    assert [one["data"]["seq"] for one in of_one] == list(range(len(of_one), 0, -1))
    assert [one["data"]["kind"] for one in _all(machine, since=since)][-1] == "refund.requested"
    assert _all(machine, until="2000-01-01") == _all(machine, charge="sc_nobody") == []
    nowhere = machine.get("events", cursor=f"sc_{'0' * 26}.7").json()
    assert nowhere == {"data": [], "next_cursor": None}
    whole = machine.get("events", limit=200).text
    for word in ("Dana", "Whitfield", "harborvine", "127.0.0.1", "/pay/", "Visa"):
        assert word not in whole, word


def test_a_card_charged_without_the_client_is_captured_or_failed(
    robot: Machine, things: Things
) -> None:
    AT_ONCE(fire := Fire(things))
    good = robot.post("charges", **fire.fields).json()["id"]
    for token, wanted in (
        ("pm_card_chargeDeclined", ["trigger.failed"]),
        ("pm_card_authenticationRequired", ["trigger.pending_client"]),
    ):
        whom = seeded_books.add_customer(payment_method=token).id
        robot.post("enrollments", customer=whom, item=fire.fields["item"])
        told = robot.post("charges", customer=whom, item=fire.fields["item"]).json()
        charge = told.get("charge") or told["id"]
        types = [one["event_type"] for one in _all(robot, charge=charge)]
        assert [one for one in types if one.startswith("trigger.")] == wanted, token
    types = [one["event_type"] for one in _all(robot, charge=good)]
    assert [one for one in types if one.startswith("trigger.")] == ["trigger.captured"]
