"""The served description taken at its word: schemathesis sends what it allows and what it does
not, at every operation; every answer must be one that the description names for it.
"""

from __future__ import annotations

import os
from typing import Any

import hypothesis
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from schemathesis import GenerationMode

from billing_core import clock
from billing_core.flows.create_key import admit
from billing_core.flows.enroll_customer import enroll_customer
from billing_core.flows.save_project import save_milestone
from billing_core.flows.store_method import store_method
from billing_core.reports.trial_balance import trial_balance
from tests import books as seeded_books
from tests.api.fuzzing import WAYS, Sender
from tests.api.machine import Machine, Things, asked_for
from tests.books import OPERATOR, Seeded
from tests.flows import watching

#: How many at least; ``make nightly`` asks for more.
LEAST = int(os.environ.get("FUZZ_CASES", "2000"))
#: An alias does what its endpoint does: it gets a part of the cases.
_ALIAS, _OWN = 1, 5
_SPARE = 6
#: What the sandbox has not: it is always told so.
_OUTSIDE = {"createSetupLink", "edge_buildCustomerProfileSetup"}
#: These end what the others need.
_LAST = (
    "recordPayment", "voidCharge", "cancelEnrollment", "edge_suspendCustomer",
    "edge_restoreCustomer", "changeSettings",
)  # fmt: skip


@pytest.mark.timeout(max(600, LEAST // 4))
def test_two_thousand_cases_and_no_answer_that_is_not_described(
    robot: Machine, things: Things
) -> None:
    told = robot.http.get("/openapi.json").json()
    found = [r.ok() for r in schemathesis.openapi.from_dict(told).get_all_operations()]
    sender = Sender(robot, _real(robot, things))
    shares = sum(map(_share, found))
    for operation in sorted(found, key=_turn):
        _try(sender, operation, 2 + LEAST * _share(operation) // shares)
    names = {_name(operation) for operation in found}
    assert sender.sent.keys() == names
    assert sum(sender.sent.values()) >= LEAST, sender.sent
    missed = {name for name in names - sender.succeeded - _OUTSIDE if not name[-1].isdigit()}
    assert not missed, "each operation did what it is for, at least once"
    assert len(sender.answered) > 25, sender.answered
    charges = watching.rows("charges")
    assert len(charges) > 1 + _SPARE, "some of it was fired"
    assert all(row["total_minor"] > 0 for row in charges)
    assert trial_balance().balanced


def _try(sender: Sender, operation: Any, many: int) -> None:
    """As many cases as the operation gets, most as the description allows them, some not."""
    allowed = operation.as_strategy()
    refused = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

    @hypothesis.settings(
        derandomize=True, database=None, deadline=None, max_examples=many,
        phases=[Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @hypothesis.given(
        st.one_of(allowed, allowed, refused), st.sampled_from(WAYS), st.integers(0, 99)
    )
    def cases(case: schemathesis.Case, way: str, which: int) -> None:
        sender.send(case, way, which)

    _send_good_one(sender, operation)
    cases()


def _send_good_one(sender: Sender, operation: Any) -> None:
    """The description's own example about real things: what luck may miss is done once."""
    told = operation.definition.raw
    content = told.get("requestBody", {}).get("content", {}).get("application/json", {})
    fields: dict[str, Any] = {"path_parameters": {"id": "-"} if "{id}" in operation.path else {}}
    for example in content.get("examples", {}).values():
        fields |= {"body": dict(example["value"]), "media_type": "application/json"}
    sender.send(operation.Case(**fields), WAYS[1], 0)


def _name(operation: Any) -> str:
    return str(operation.definition.raw["operationId"])


def _share(operation: Any) -> int:
    return _ALIAS if _name(operation)[-1].isdigit() else _OWN


def _turn(operation: Any) -> int:
    name = _name(operation).rstrip("_1234")
    return _LAST.index(name) if name in _LAST else -1


def _real(robot: Machine, things: Things) -> dict[str, list[Any]]:
    """What exists, under every name that a field or a path gives it."""
    seeded = things.seeded
    fired = [seeded_books.fire(seeded, "1.00", f"Part {n}").charge for n in range(_SPARE)]
    spare = [charge.id for charge in fired if charge]
    charges = [things.charge, things.paid, *spare]
    own = admit(robot.secret, "refund").actor
    planned = [_planned(things, number) for number in range(_SPARE)]
    names: dict[tuple[str, ...], list[Any]] = {
        ("customer", "customers", "bc_id", "billing_customer_id"): [seeded.customer],
        ("item", "items", "billable_item_id"): [seeded.item],
        ("project", "projects"): [things.plan.project],
        ("milestone", "milestone_id"): list(things.plan.milestones),
        ("milestones",): planned,
        ("enrollments",): [seeded.enrolment],
        ("charges", "charge"): charges,
        ("disputes",): [things.dispute],
        ("refunds",): [things.paid],
        ("payments",): spare[::2],
        ("void",): spare[1::2],
        ("requests", "approve"): [
            asked_for(seeded_books.paid(seeded, "60.00", "A talk").id, "5.00")
        ],
        ("refuse",): [asked_for(things.paid, "80.00")],
        ("withdraw",): [asked_for(things.paid, "85.00", actor=own)],
        ("retry",): [_failed(things)],
        ("payment_data",): [{"pm_id": "pm_card_visa"}],
        ("paid_on",): [clock.now().date().isoformat()],
    }
    return {name: ids for several, ids in names.items() for name in several}


def _failed(things: Things) -> str:
    """A charge that failed, whose customer has a good card by now."""
    at_once = seeded_books.add_item(capture_mode="off_session").id
    whom = seeded_books.add_customer(payment_method="pm_card_chargeDeclined").id
    enrolled = enroll_customer(whom, at_once, actor=OPERATOR).id
    failed = seeded_books.fire(Seeded(whom, at_once, enrolled), "2.00").charge
    assert failed
    store_method(whom, "pm_card_visa", actor=OPERATOR)
    return failed.id


def _planned(things: Things, number: int) -> str:
    values = {"project_id": things.plan.project, "title": f"Later {number}",
              "planned_amount": "10.00"}  # fmt: skip
    return save_milestone(None, values, actor=OPERATOR).id
