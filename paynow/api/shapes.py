"""What /v1 answers: one frozen shape per noun, made from the domain's nouns and from nothing else.

Amounts go out twice: as decimal text in the currency's own decimals, and as whole minor units.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Amount = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]{2,3})?$")]
Moment = Annotated[str, Field(description="UTC, for example 2026-03-16T14:00:00Z")]
Day = Annotated[str, Field(description="for example 2026-04-15")]


class Shape(BaseModel):
    """An answer; nothing is in it that is not named here."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Item(Shape):
    """What may be charged."""

    id: str
    name: str
    description: str
    unit_price: Amount
    unit_price_minor: int
    currency: str
    billing_type: str
    trigger_mode: str
    capture_mode: str
    allow_override: bool
    max_capture: Amount | None
    max_capture_minor: int | None
    condition: str | None
    threshold: str | None
    floor: str | None
    tax_name: str
    tax_rate_ppm: int
    tax_included: bool
    active: bool
    advice: str
    created_at: Moment


class Address(Shape):
    """A postal address; empty text where a part is missing."""

    line1: str
    line2: str
    city: str
    postal_code: str
    state: str
    country: str


class PaymentMethod(Shape):
    """A stored payment method: never a card number."""

    brand: str
    last4: str
    exp_month: int
    exp_year: int
    saved_on: Day


class Customer(Shape):
    """Whom we bill."""

    id: str
    name: str
    email: str
    cc: list[str]
    company: str
    address: Address
    tax_id: str
    language: str
    timezone: str
    currency: str
    contact_id: str | None
    allow_trigger: bool
    require_initial: bool
    initial_amount: Amount | None
    initial_amount_minor: int | None
    notes: str
    payment_method: PaymentMethod | None
    standing: str
    created_at: Moment


class Enrollment(Shape):
    """One customer in one item."""

    id: str
    customer: str
    item: str
    status: str
    consecutive_failures: int
    last_fired_at: Moment | None
    last_result: str
    created_at: Moment


class Project(Shape):
    """A contract with a customer."""

    id: str
    customer: str
    name: str
    currency: str
    number: str
    po_number: str
    contract_sum: Amount | None
    contract_sum_minor: int | None
    created_at: Moment


class Milestone(Shape):
    """One phase of a project; billed, approved and paid come from its live charge."""

    id: str
    project: str
    position: int
    title: str
    scope: str
    planned_amount: Amount
    planned_amount_minor: int
    currency: str
    due_on: Day | None
    delivered_on: Day | None
    state: str
    charge: str | None


class Invoice(Shape):
    """The frozen document of a charge."""

    id: str
    number: str
    document_sha256: str


class Charge(Shape):
    """One fired sum: ``amount`` is the total, tax included."""

    id: str
    state: str
    amount: Amount
    amount_minor: int
    net_minor: int
    tax_minor: int
    currency: str
    description: str
    capture_mode: str
    origin: str
    customer: str
    item: str
    enrollment: str
    project: str | None
    milestone: str | None
    po_number: str
    metric_value: str | None
    invoice: Invoice
    due_on: Day
    created_at: Moment
    approved_at: Moment | None
    captured_at: Moment | None
    revises: str | None
    revised_by: str | None


class ItemTold(Item):
    """The item as it is now."""

    idempotent_replay: bool


class CustomerMade(Customer):
    """A new customer, or the one who has this contact id."""

    existing: bool
    idempotent_replay: bool


class EnrollmentMade(Enrollment):
    """A new enrollment, or the one that stands."""

    existing: bool
    idempotent_replay: bool


class EnrollmentTold(Enrollment):
    """The enrollment as it is now."""

    idempotent_replay: bool


class SetupTold(Shape):
    """A page of the gateway where the client stores a payment method; ``url`` while it is open."""

    id: str
    customer: str
    state: str
    url: str | None
    created_at: Moment
    idempotent_replay: bool


class ProjectTold(Project):
    """The project as it is now."""

    idempotent_replay: bool


class MilestoneTold(Milestone):
    """The milestone as it is now."""

    idempotent_replay: bool


class ChargeTold(Charge):
    """The charge as it is now."""

    idempotent_replay: bool


class ChargeWithLink(Charge):
    """The charge with the client's address, for keys with the scope fire or links."""

    idempotent_replay: bool
    invoice_url: str | None = None


class NotMet(Shape):
    """The item's condition did not hold: nothing was charged."""

    id: None
    code: Literal["condition_not_met"]
    customer: str
    item: str
    metric_value: str | None
    idempotent_replay: bool


class ItemList(Shape):
    """A page of items."""

    data: list[Item]
    next_cursor: str | None


class CustomerList(Shape):
    """A page of customers."""

    data: list[Customer]
    next_cursor: str | None


class EnrollmentList(Shape):
    """A page of enrollments."""

    data: list[Enrollment]
    next_cursor: str | None


class ProjectList(Shape):
    """A page of projects."""

    data: list[Project]
    next_cursor: str | None


class MilestoneList(Shape):
    """A page of milestones."""

    data: list[Milestone]
    next_cursor: str | None


class ChargeList(Shape):
    """A page of charges."""

    data: list[Charge]
    next_cursor: str | None
