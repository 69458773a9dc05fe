"""The machine API in Stripe mode: what the sandbox has not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from paynow.api import edge_examples
from tests.api import machine as machines
from tests.api.machine import HERE, Machine
from tests.stripe.till import Till


@pytest.fixture
def robot(till: Till) -> Iterator[Machine]:
    """A machine with every scope, in Stripe mode."""
    with machines.machine() as made:
        yield made


def _asked(robot: Machine, name: str, **fields: object) -> dict[str, object]:
    sent = {n: v for n, v in edge_examples.BODIES[name].items() if n not in ("bc_id", "api_key")}
    answer = robot.edge(f"/apis/public/edge/{name}.php", **(sent | HERE | fields))
    told = answer.json()
    assert (answer.status_code, told["status"]) == (200, "success"), answer.text
    data: dict[str, object] = told["data"]
    assert data.keys() == edge_examples.ANSWERS[name]["data"].keys()
    return data


def test_a_machine_asks_for_a_method_and_sees_it_stored(till: Till, robot: Machine) -> None:
    bc = till.open().seeded.customer
    made = robot.post(f"customers/{bc}/setup-link", key="s")
    assert (made.status_code, made.json()["state"]) == (201, "open")
    again = robot.post(f"customers/{bc}/setup-link", key="s")
    assert (again.status_code, again.json()) == (200, made.json() | {"idempotent_replay": True})
    waiting = _asked(robot, "confirmPaymentMethod", bc_id=bc)
    assert (waiting["setup_url"], waiting["bc_payment_data"]) == (made.json()["url"], None)
    built = _asked(robot, "buildCustomerProfileSetup", bc_id=bc)
    assert built["setup_id"] != waiting["setup_id"]
    till.fake.type_number(str(built["setup_url"]))
    stored = _asked(robot, "confirmPaymentMethod", bc_id=bc)
    assert (stored["setup_status"], stored["setup_url"]) == ("succeeded", None)
    assert "Visa •••• 4242" in str(stored["bc_payment_data"])
    named = {"bc_id": bc, "payment_data": {"pm_id": "pm_1"}}
    told = robot.edge("/public/edge/setupPaymentMethod", **named).json()
    assert told["error_codes"] == ["FIELDS_INVALID"], "cards are typed in at the gateway only"
