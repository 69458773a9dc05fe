"""The gate of a fire: every refusal of document 1, their order, and that a no leaves nothing."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from billing_core.errors import Duplicate, Refused
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.enroll_customer import change_enrolment
from billing_core.flows.fire_charge import fire_charge
from billing_core.flows.save_project import change_milestone
from billing_core.flows.suspend_customer import suspend_customer
from tests import books as seeded_books
from tests.books import OPERATOR, Plan, Seeded
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


@dataclass
class Fire:
    """A fire that would go out, which each rule then spoils in its own way."""

    seeded: Seeded
    plan: Plan
    fields: dict[str, object] = field(default_factory=dict)

    def __call__(self, *, key: str | None = "the key") -> None:
        fire_charge(FireCommand(**self.fields), actor=OPERATOR, key=key)  # type: ignore[arg-type]


def _set(table: str, row: str, **values: object) -> None:
    written = ", ".join(f"{name} = :{name}" for name in values)
    watching.write(f"UPDATE {table} SET {written} WHERE id = :row", row=row, **values)


def _item(**values: object) -> Callable[[Fire], None]:
    return lambda fire: _set("items", fire.seeded.item, **values)


def _customer(**values: object) -> Callable[[Fire], None]:
    return lambda fire: _set("customers", fire.seeded.customer, **values)


def _ask(**values: object) -> Callable[[Fire], None]:
    return lambda fire: fire.fields.update(values)


def _not_enrolled(fire: Fire) -> None:
    change_enrolment(fire.seeded.enrolment, "cancel", actor=OPERATOR)
    _set("enrolments", fire.seeded.enrolment, customer_id=seeded_books.add_customer().id)


def _enrolment(verb: str) -> Callable[[Fire], None]:
    def spoil(fire: Fire) -> None:
        change_enrolment(fire.seeded.enrolment, verb, actor=OPERATOR)

    return spoil


def _contract(fire: Fire) -> None:
    _set("projects", fire.plan.project, contract_sum_minor=449_999)


def _foreign_milestone(fire: Fire) -> None:
    other = seeded_books.add_customer(email="other@example.com")
    fire.fields["milestone"] = seeded_books.plan(other.id, "100.00").milestones[0]


def _not_delivered(fire: Fire) -> None:
    change_milestone(fire.plan.milestones[0], "reopen", actor=OPERATOR)


def _billed(fire: Fire) -> None:
    _fire_once(fire)


def _fire_once(fire: Fire) -> None:
    first = fire_charge(
        FireCommand(fire.seeded.customer, fire.seeded.item, amount="0.01", description="Before",
                    milestone=fire.plan.milestones[0]),
        actor=OPERATOR,
    )  # fmt: skip
    assert first.charge


def _no_method(fire: Fire) -> None:
    _set("customers", fire.seeded.customer, payment_method=None)
    _set("items", fire.seeded.item, capture_mode="off_session")


#: The rules in the order of document 1. Each spoils a good fire in exactly one way.
RULES: list[tuple[str, Callable[[Fire], None]]] = [
    ("MISSING_ITEM", _ask(item="")),
    ("ITEM_NOT_FOUND", _ask(item="bi_nobody")),
    ("ITEM_INACTIVE", _item(active=False)),
    ("ITEM_NOT_TRIGGER", _item(billing_type="one-off")),
    ("MISSING_CUSTOMER", _ask(customer="")),
    ("CUSTOMER_NOT_FOUND", _ask(customer="bc_nobody")),
    ("INITIAL_CHARGE_REQUIRED", _customer(standing="pending", require_initial=True)),
    ("CUSTOMER_NOT_ACTIVE", _customer(standing="suspended")),
    ("TRIGGER_NOT_ALLOWED", _customer(allow_trigger=False)),
    ("NOT_ENROLLED", _not_enrolled),
    ("ENROLLMENT_PAUSED", _enrolment("pause")),
    ("ENROLLMENT_CANCELLED", _enrolment("cancel")),
    ("METRIC_NOT_ALLOWED", _ask(metric_value="98.5")),
    ("METRIC_REQUIRED", _item(trigger_mode="threshold", condition="gte", threshold="95")),
    ("OVERRIDE_NOT_ALLOWED", _item(trigger_mode="fixed")),
    ("AMOUNT_INVALID", _ask(amount="0.00")),
    ("AMOUNT_EXCEEDS_CAP", _ask(amount="25000.01")),
    ("CURRENCY_MISMATCH", _customer(currency="EUR")),
    ("CONTRACT_EXCEEDED", _contract),
    ("MILESTONE_NOT_BILLABLE", _not_delivered),
    ("NO_PAYMENT_METHOD", _no_method),
]
#: Rules that the same field decides, so that they cannot stand beside each other.
_SAME_FIELD = (
    {"MISSING_ITEM", "ITEM_NOT_FOUND"},
    {"MISSING_CUSTOMER", "CUSTOMER_NOT_FOUND"},
    {"INITIAL_CHARGE_REQUIRED", "CUSTOMER_NOT_ACTIVE"},
    {"NOT_ENROLLED", "ENROLLMENT_PAUSED", "ENROLLMENT_CANCELLED"},
    {"METRIC_NOT_ALLOWED", "METRIC_REQUIRED", "OVERRIDE_NOT_ALLOWED"},
    {"AMOUNT_INVALID", "AMOUNT_EXCEEDS_CAP"},
)


def _good_fire() -> Fire:
    seeded = seeded_books.seed()
    plan = seeded_books.plan(seeded.customer, "4500.00", contract_sum="10000.00")
    fields: dict[str, object] = {
        "customer": seeded.customer,
        "item": seeded.item,
        "amount": "4500.00",
        "description": seeded_books.PHASE_2,
        "milestone": plan.milestones[0],
    }
    return Fire(seeded, plan, fields)


def test_the_good_fire_goes_out() -> None:
    """Guards all below: were it refused anyway, each rule would seem to hold."""
    _good_fire()()
    assert [row["total_minor"] for row in watching.rows("charges")] == [450_000]


@pytest.mark.parametrize(("code", "spoil"), RULES, ids=[code for code, _ in RULES])
def test_a_refusal_names_its_rule_and_leaves_nothing(
    code: str, spoil: Callable[[Fire], None]
) -> None:
    fire = _good_fire()
    spoil(fire)
    before = watching.everything()
    with pytest.raises(Refused) as refused:
        fire()
    assert (refused.value.code, watching.changed(before)) == (code, {})
    assert re.match(r"[“A-Z0-9].{10,}\.$", refused.value.sentence)


def test_after_a_refusal_the_first_number_is_still_free() -> None:
    fire = _good_fire()
    fire.fields["amount"] = "99999.00"
    with pytest.raises(Refused):
        fire()
    fire.fields["amount"] = "4500.00"
    fire()
    assert watching.rows("charges")[0]["invoice_number"] == "CS-2026-00001"
    assert [row["key"] for row in watching.rows("idempotency_keys")] == ["the key"]


@pytest.mark.parametrize("at", range(len(RULES) - 1))
def test_an_earlier_rule_wins_over_the_next(at: int) -> None:
    """Neighbours in the list, and where one field decides both, the next that can stand beside."""
    code, spoil = RULES[at]
    rivals = next((group for group in _SAME_FIELD if code in group), {code})
    later = next((r for r in RULES[at + 1 :] if r[0] not in rivals), None)
    assert later is not None
    fire = _good_fire()
    later[1](fire)
    spoil(fire)
    with pytest.raises(Refused) as refused:
        fire()
    assert refused.value.code == code, f"with {later[0]} beside it"


def test_a_standing_charge_of_the_milestone_is_named() -> None:
    fire = _good_fire()
    _billed(fire)
    before = watching.everything()
    with pytest.raises(Duplicate) as refused:
        fire()
    assert refused.value.charge_id == watching.rows("charges")[0]["id"]
    assert watching.changed(before) == {}


def test_the_contract_comes_before_the_milestone_that_is_billed() -> None:
    fire = _good_fire()
    _fire_once(fire)
    _contract(fire)
    with pytest.raises(Refused) as refused:
        fire()
    assert refused.value.code == "CONTRACT_EXCEEDED"


def test_a_milestone_of_another_customer_cannot_be_billed() -> None:
    fire = _good_fire()
    _foreign_milestone(fire)
    with pytest.raises(Refused) as refused:
        fire()
    assert refused.value.code == "MILESTONE_NOT_BILLABLE"


def test_a_suspended_customer_is_refused_by_the_real_suspension() -> None:
    fire = _good_fire()
    suspend_customer(fire.seeded.customer, actor=OPERATOR)
    with pytest.raises(Refused) as refused:
        fire()
    assert refused.value.code == "CUSTOMER_NOT_ACTIVE"


def test_the_contract_counts_what_is_billed_already() -> None:
    seeded = seeded_books.seed()
    plan = seeded_books.plan(seeded.customer, "6000.00", "4000.01", contract_sum="10000.00")
    seeded_books.fire(seeded, "6000.00", milestone=plan.milestones[0])
    with pytest.raises(Refused) as refused:
        seeded_books.fire(seeded, "4000.01", milestone=plan.milestones[1])
    assert refused.value.code == "CONTRACT_EXCEEDED"
    assert "4000.00 USD left" in refused.value.sentence
    assert seeded_books.fire(seeded, "4000.00", milestone=plan.milestones[1]).charge


def test_a_description_of_a_threshold_item_is_its_own() -> None:
    fire = _good_fire()
    _set("items", fire.seeded.item, trigger_mode="threshold", condition="gte", threshold="95")
    fire.fields |= {"metric_value": "98", "amount": ""}
    with pytest.raises(Refused) as refused:
        fire()
    assert refused.value.code == "DESCRIPTION_NOT_ALLOWED"
    fire.fields["description"] = ""
    fire()


def test_a_condition_that_does_not_hold_is_an_answer_without_a_charge() -> None:
    fire = _good_fire()
    _set("items", fire.seeded.item, trigger_mode="fixed", condition="gte", threshold="95")
    before = watching.everything()
    command = FireCommand(fire.seeded.customer, fire.seeded.item, metric_value="94.9")
    fired = fire_charge(command, actor=OPERATOR, key="k")
    assert (fired.met, fired.charge, watching.changed(before)) == (False, None, {})
    command = FireCommand(fire.seeded.customer, fire.seeded.item, metric_value="95")
    met = fire_charge(command, actor=OPERATOR, key="k").charge
    assert met
    assert met.metric_value == "95"
