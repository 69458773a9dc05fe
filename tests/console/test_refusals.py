"""Every refusal of the gate through the dialog: its sentence in place, nothing sent or lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from billing_core.flows.enroll_customer import change_enrolment
from billing_core.flows.save_customer import save_customer
from billing_core.flows.save_item import save_item
from billing_core.flows.save_project import change_milestone
from billing_core.flows.suspend_customer import suspend_customer
from tests import books
from tests.books import OPERATOR, Seeded
from tests.console.screen import Screen, fired, opened, typed

pytestmark = pytest.mark.usefixtures("books")


@dataclass(frozen=True)
class Refusal:
    """What spoils a good charge, and the sentence that says so."""

    sentence: str
    spoil: Callable[[Seeded], object] = lambda seeded: None
    values: dict[str, str] = field(default_factory=dict)


def _edit_customer(**fields: str | bool) -> Callable[[Seeded], object]:
    values = books.CUSTOMER | fields
    return lambda s: save_customer(s.customer, values, actor=OPERATOR)


def _edit_item(**fields: str | bool) -> Callable[[Seeded], object]:
    values = books.ITEM | fields
    return lambda s: save_item(s.item, values, actor=OPERATOR)


def _move(verb: str) -> Callable[[Seeded], object]:
    return lambda s: change_enrolment(s.enrolment, verb, actor=OPERATOR)


REFUSALS = {
    "item inactive": Refusal("“Project milestone” is not active.", _edit_item(active=False)),
    "customer suspended": Refusal(
        "Harbor & Vine is suspended and cannot be charged.",
        lambda s: suspend_customer(s.customer, actor=OPERATOR),
    ),
    "may not be charged": Refusal(
        "has not allowed trigger charges", _edit_customer(allow_trigger=False)
    ),
    "paused": Refusal("is paused. Resume it first.", _move("pause")),
    "cancelled": Refusal("Enrol again", _move("cancel")),
    "another currency": Refusal(
        "the customer in EUR. They must be the same.", _edit_customer(currency="EUR")
    ),
    "above the cap": Refusal("is above this item's cap", values={"amount": "25000.01"}),
    "metric missing": Refusal(
        "This item needs a metric value.",
        _edit_item(trigger_mode="threshold", allow_override=False, condition="gte", threshold="90"),
    ),
    "no method": Refusal(
        "has no stored payment method",
        lambda s: save_item(s.item, books.ITEM | {"capture_mode": "off_session"}, actor=OPERATOR),
    ),
    "words too long": Refusal("The description is too long", values={"description": "x" * 5000}),
    "control character": Refusal("cannot be seen", values={"description": "Phase\x07 2"}),
    "turned around": Refusal("cannot be seen", values={"description": "Phase \u202e2"}),
    "odd PO number": Refusal("cannot be seen", values={"po_number": "PO\x00"}),
    **{
        f"amount {text!r}": Refusal(says, values={"amount": text})
        for text, says in {
            "0": "must be more than zero",
            "-5": "must be more than zero",
            "NaN": "This is not an amount",
            "Infinity": "This is not an amount",
            "1e309": "This is not an amount",
            "1,000": "without thousands separators",
            "4500.001": "USD has 2 decimals at most",
            "True": "This is not an amount",
            "=1+1": "This is not an amount",
            "٤٥٠٠": "This is not an amount",
            "9" * 400: "This is not an amount",
        }.items()
    },
}


@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_stands_in_place_and_loses_nothing(name: str) -> None:
    refusal = REFUSALS[name]
    method = {"payment_method": ""} if name == "no method" else {}
    seeded = books.seed(**method)
    screen = typed(opened(seeded), amount="4500.00", description="Phase 2")
    refusal.spoil(seeded)
    screen.run()
    typed(screen, **refusal.values)
    assert refusal.sentence in screen.said()
    assert screen.money_button().disabled
    assert fired() == []
    for key, value in refusal.values.items():
        assert screen.at.text_input(key=screen.field(key)).value == value


def test_a_contract_that_is_used_up_is_said() -> None:
    seeded = books.seed()
    plan = books.plan(seeded.customer, "4500.00", contract_sum="4500.00")
    screen = Screen("customers", customer=seeded.customer).click(f"fire:{plan.milestones[0]}")
    typed(screen, amount="4500.01")
    assert "has 4500.00 USD left to bill" in screen.said()
    assert screen.money_button().disabled


def test_a_milestone_reopened_meanwhile_is_said() -> None:
    seeded = books.seed()
    plan = books.plan(seeded.customer, "4500.00")
    screen = Screen("customers", customer=seeded.customer).click(f"fire:{plan.milestones[0]}")
    change_milestone(plan.milestones[0], "reopen", actor=OPERATOR)
    assert "is not delivered yet" in screen.run().said()


def test_a_milestone_billed_meanwhile_leads_to_its_charge() -> None:
    seeded = books.seed()
    plan = books.plan(seeded.customer, "4500.00")
    screen = Screen("customers", customer=seeded.customer).click(f"fire:{plan.milestones[0]}")
    other = books.fire(seeded, milestone=plan.milestones[0])
    assert other.charge
    assert "was billed already" in screen.run().said()
    screen.click(f"other:{screen.cmd}")
    assert screen.address("charge") == other.charge.id
