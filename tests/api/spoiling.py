"""A fire that would go out, and one way to spoil it for every refusal of document 2.

The codes stand here as the document writes them, not as the product does.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from billing_core.flows.enroll_customer import change_enrolment, enroll_customer
from billing_core.flows.save_project import change_milestone
from tests import books as seeded_books
from tests.api.machine import Things
from tests.books import OPERATOR
from tests.flows import watching

_WRITTEN = """
    MISSING_API_KEY INVALID_API_KEY SCOPE_MISSING MISSING_ORG MISSING_BRAND ORG_MISMATCH
    MISSING_ITEM MISSING_CUSTOMER ITEM_NOT_FOUND ITEM_NOT_TRIGGER ITEM_INACTIVE CUSTOMER_NOT_FOUND
    INITIAL_CHARGE_REQUIRED CUSTOMER_NOT_ACTIVE TRIGGER_NOT_ALLOWED NOT_ENROLLED ENROLLMENT_PAUSED
    ENROLLMENT_CANCELLED OVERRIDE_NOT_ALLOWED DESCRIPTION_NOT_ALLOWED METRIC_REQUIRED
    METRIC_NOT_ALLOWED AMOUNT_INVALID AMOUNT_EXCEEDS_CAP CURRENCY_MISMATCH CONTRACT_EXCEEDED
    MILESTONE_NOT_BILLABLE IDEMPOTENCY_CONFLICT REQUEST_IN_PROGRESS NO_PAYMENT_METHOD
    CHARGE_DECLINED"""
#: Document 2, "Edge-compatible fire", to the letter.
CONTRACT = frozenset(_WRITTEN.split())


@dataclass
class Fire:
    """A fire that would go out, which each row spoils in one way."""

    things: Things
    fields: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fields = {
            "customer": self.things.seeded.customer,
            "item": self.things.seeded.item,
            "amount": "4500.00",
            "description": "Phase 2",
            "milestone": self.things.plan.milestones[0],
        }

    def as_edge(self) -> dict[str, Any]:
        """The same under Edge's names."""
        return {_EDGE.get(name, name): value for name, value in self.fields.items()}


_EDGE = {
    "customer": "billing_customer_id",
    "item": "billable_item_id",
    "amount": "override_amount",
    "description": "override_description",
    "milestone": "milestone_id",
}
Spoil = Callable[[Fire], object]


def ask(**fields: Any) -> Spoil:
    """Send other values."""
    return lambda fire: fire.fields.update(fields)


def drop(*names: str) -> Spoil:
    """Send no such fields."""
    return lambda fire: [fire.fields.pop(name) for name in names]


def both(*spoils: Spoil) -> Spoil:
    """One after the other."""
    return lambda fire: [spoil(fire) for spoil in spoils]


def _set(table: str, row: Callable[[Fire], str], **values: object) -> Spoil:
    written = ", ".join(f"{name} = :{name}" for name in values)
    statement = f"UPDATE {table} SET {written} WHERE id = :row"
    return lambda fire: watching.write(statement, row=row(fire), **values)


def item(**values: object) -> Spoil:
    """The item as the database might hold it."""
    return _set("items", lambda fire: fire.things.seeded.item, **values)


def customer(**values: object) -> Spoil:
    """The customer as the database might hold it."""
    return _set("customers", lambda fire: fire.things.seeded.customer, **values)


def _enrolment(verb: str) -> Spoil:
    return lambda fire: change_enrolment(fire.things.seeded.enrolment, verb, actor=OPERATOR)


def _other_customer(fire: Fire) -> None:
    fire.fields["customer"] = seeded_books.add_customer(email="other@example.com").id


def _other_customers_milestone(fire: Fire) -> None:
    _other_customer(fire)
    enroll_customer(fire.fields["customer"], fire.things.seeded.item, actor=OPERATOR)


def _declined(fire: Fire) -> None:
    declines = seeded_books.add_customer(payment_method="pm_card_chargeDeclined")
    enroll_customer(declines.id, fire.things.seeded.item, actor=OPERATOR)
    AT_ONCE(fire)
    fire.fields |= {"customer": declines.id}
    fire.fields.pop("milestone")


def _milestone(verb: str) -> Spoil:
    return lambda fire: change_milestone(fire.things.plan.milestones[0], verb, actor=OPERATOR)


AT_ONCE = item(capture_mode="off_session")
_BY_METRIC = item(trigger_mode="threshold", condition="gte", threshold="95")
_METERED = both(_BY_METRIC, drop("amount", "description"))
_BROKE = _set("projects", lambda fire: fire.things.plan.project, contract_sum_minor=1)

#: In the order of the gate. A code twice: it can come from two sides.
SPOILS: list[tuple[str, Spoil]] = [
    ("missing_item", drop("item")),
    ("missing_item", ask(item="")),
    ("item_not_found", ask(item="bi_nobody")),
    ("item_inactive", item(active=False)),
    ("item_not_trigger", item(billing_type="one-off")),
    ("missing_customer", drop("customer")),
    ("missing_customer", ask(customer="")),
    ("customer_not_found", ask(customer="bc_nobody")),
    ("initial_charge_required", customer(standing="pending", require_initial=True)),
    ("customer_not_active", customer(standing="suspended")),
    ("customer_not_active", customer(standing="pending", require_initial=False)),
    ("trigger_not_allowed", customer(allow_trigger=False)),
    ("not_enrolled", _other_customer),
    ("enrollment_paused", _enrolment("pause")),
    ("enrollment_cancelled", _enrolment("cancel")),
    ("metric_not_allowed", ask(metric_value="98.5")),
    ("metric_required", _METERED),
    ("metric_invalid", both(_METERED, ask(metric_value="many"))),
    ("override_not_allowed", item(trigger_mode="fixed")),
    ("override_not_allowed", both(_BY_METRIC, drop("description"), ask(metric_value="96"))),
    ("override_not_allowed", item(allow_override=False)),
    ("description_not_allowed", both(_BY_METRIC, drop("amount"), ask(metric_value="96"))),
    ("amount_invalid", ask(amount="0.00")),
    ("amount_exceeds_cap", ask(amount="25000.01")),
    ("text_invalid", ask(description="a\x07b")),
    ("currency_mismatch", customer(currency="EUR")),
    ("contract_exceeded", _BROKE),
    ("milestone_not_billable", _milestone("reopen")),
    ("milestone_not_billable", both(_milestone("reopen"), _milestone("drop"))),
    ("milestone_not_billable", ask(milestone="ms_nobody")),
    ("milestone_not_billable", _other_customers_milestone),
    ("no_payment_method", both(AT_ONCE, customer(payment_method=None))),
    ("charge_declined", _declined),
]
