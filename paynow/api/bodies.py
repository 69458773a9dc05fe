"""What machines may send to /v1: one frozen shape per body, unknown fields refused.

Shapes hold types and lengths; what a value means is decided by the rules behind the flows. Amounts
come as decimal text or as whole minor units, never as a JSON number with a point.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic.json_schema import WithJsonSchema
from pydantic_core import PydanticCustomError

from billing_core.rules import amounts, money
from paynow.api import wire

PLAIN_AMOUNT = r"^[0-9]{1,15}(\.[0-9]{1,3})?$"
PLAIN_NUMBER = r"^-?[0-9]{1,20}(\.[0-9]{1,18})?$"
_THIS_OR_MINOR = "decimal, for example 4500.00; this or its twin in minor units is required"
_DAY = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


def _known_currency(code: str) -> str:
    if code not in money.currencies():
        raise PydanticCustomError("currency", "This is not a currency code, for example USD.")
    return code


def _one_of(name: str) -> dict[str, Any]:
    """Which of an amount's two fields has to come: at least one."""
    return {"anyOf": [{"required": [name]}, {"required": [f"{name}_minor"]}]}


def _listed(codes: tuple[str, ...]) -> dict[str, Any]:
    return {"type": "string", "enum": list(codes), "description": "ISO 4217"}


Id = Annotated[str, Field(min_length=1, max_length=40)]
Name = Annotated[str, Field(min_length=1, max_length=200)]
Line = Annotated[str, Field(max_length=200)]
Text = Annotated[str, Field(max_length=2000)]
Day = Annotated[str, Field(pattern=_DAY, json_schema_extra={"format": "date"})]
Amount = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "pattern": PLAIN_AMOUNT,
            "description": "decimal, for example 4500.00",
            "examples": ["4500.00"],
        }
    ),
]
Minor = Annotated[int, Field(ge=1, le=money.LARGEST_MINOR, description="the same in minor units")]
Number = Annotated[
    str,
    Field(max_length=99),
    BeforeValidator(wire.number_text),
    WithJsonSchema({"anyOf": [{"type": "string", "pattern": PLAIN_NUMBER}, {"type": "number"}]}),
]
Currency = Annotated[
    str, AfterValidator(_known_currency), WithJsonSchema(_listed(money.currencies()))
]
TriggerMode = Literal["fixed", "variable", "event", "threshold"]
CaptureMode = Literal["off_session", "client_confirm"]
Condition = Literal["lte", "gte", "eq"]
#: Fields whose problems are all about money get the code amount_invalid.
MONEY_FIELDS = frozenset({
    "amount", "amount_minor", "unit_price", "unit_price_minor", "max_capture",
    "max_capture_minor", "contract_sum", "contract_sum_minor", "planned_amount",
    "planned_amount_minor", "initial_amount", "initial_amount_minor", "override_amount",
    "default_cap", "default_cap_minor", "minimum_initial", "minimum_initial_minor",
})  # fmt: skip


class Body(BaseModel):
    """A JSON object with these fields and no others; null is the same as leaving a field out."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class NoFields(Body):
    """Nothing has to be sent."""


class NewItem(Body):
    """What may be charged."""

    model_config = ConfigDict(json_schema_extra=_one_of("unit_price"))

    name: Annotated[str, Field(min_length=1, max_length=120)]
    description: Annotated[str, Field(max_length=500)] | None = None
    unit_price: Annotated[Amount | None, Field(description=_THIS_OR_MINOR)] = None
    unit_price_minor: Minor | None = None
    currency: Currency
    trigger_mode: TriggerMode
    capture_mode: Annotated[
        CaptureMode | None, Field(description="the default of the settings when left out")
    ] = None
    allow_override: bool | None = None
    max_capture: Amount | None = None
    max_capture_minor: Minor | None = None
    condition: Condition | None = None
    threshold: Number | None = None
    floor: Number | None = None
    tax_name: Annotated[str, Field(max_length=40)] | None = None
    tax_rate_ppm: Annotated[int, Field(ge=0, le=amounts.PPM)] | None = None
    tax_included: bool | None = None


class NewAddress(Body):
    """A postal address; ``country`` as ISO 3166 alpha-2."""

    line1: Annotated[str, Field(min_length=1, max_length=120)]
    line2: Annotated[str, Field(max_length=120)] | None = None
    city: Annotated[str, Field(min_length=1, max_length=120)]
    postal_code: Annotated[str, Field(min_length=1, max_length=120)]
    state: Annotated[str, Field(max_length=120)] | None = None
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")]


class NewCustomer(Body):
    """Whom we bill. A ``contact_id`` that is known gives the customer who has it."""

    name: Name
    email: Annotated[str, Field(max_length=254, json_schema_extra={"format": "email"})]
    cc: Annotated[list[Annotated[str, Field(max_length=254)]], Field(max_length=10)] | None = None
    company: Line | None = None
    address: NewAddress | None = None
    tax_id: Annotated[str, Field(max_length=60)] | None = None
    language: Annotated[str, Field(max_length=8)] | None = None
    timezone: Annotated[str, Field(max_length=40)] | None = None
    currency: Currency
    contact_id: Line | None = None
    allow_trigger: bool | None = None
    require_initial: bool | None = None
    initial_amount: Amount | None = None
    initial_amount_minor: Minor | None = None
    notes: Annotated[str, Field(max_length=5000)] | None = None
    payment_method: Annotated[str, Field(max_length=60)] | None = None


class NewEnrollment(Body):
    """One customer in one item."""

    customer: Id
    item: Id


class NewProject(Body):
    """A contract with a customer, in the customer's currency."""

    customer: Id
    name: Name
    currency: Currency
    number: Annotated[str, Field(max_length=60)] | None = None
    po_number: Annotated[str, Field(max_length=60)] | None = None
    contract_sum: Amount | None = None
    contract_sum_minor: Minor | None = None


class NewMilestone(Body):
    """One phase of a project, after the last one."""

    model_config = ConfigDict(json_schema_extra=_one_of("planned_amount"))

    project: Id
    title: Name
    planned_amount: Annotated[Amount | None, Field(description=_THIS_OR_MINOR)] = None
    planned_amount_minor: Minor | None = None
    due_on: Day | None = None
    scope: Text | None = None


class NewCharge(Body):
    """A fire. Without an amount the item's price is charged."""

    customer: Id
    item: Id
    amount: Amount | None = None
    amount_minor: Minor | None = None
    description: Annotated[str, Field(max_length=500)] | None = None
    milestone: Id | None = None
    metric_value: Number | None = None
    po_number: Annotated[str, Field(max_length=60)] | None = None


class Void(Body):
    """Why the invoice is withdrawn; the client reads it."""

    reason: Annotated[str, Field(max_length=300)] | None = None


class Refusal(Body):
    """Why a request is refused."""

    reason: Annotated[str, Field(max_length=300)] | None = None


class Payment(Body):
    """A payment of the whole sum made elsewhere."""

    method: Literal["bank_transfer", "cheque", "cash", "other"]
    paid_on: Day
    reference: Annotated[str, Field(max_length=120)]


class NewRefund(Body):
    """Money back of a paid charge; all that is left of it without an amount."""

    amount: Amount | None = None
    amount_minor: Minor | None = None
    reason: Literal["requested_by_customer", "duplicate", "fraudulent", "other"]
    note: Annotated[str, Field(max_length=300, description="the client reads it")] | None = None


class NewSettings(Body):
    """The settings to change; what is left out stays. Bank details, codes by mail and limits for
    one person are changed in the console alone: no key may loosen them."""

    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    operator_name: Annotated[str, Field(max_length=120)] | None = None
    email: Annotated[str, Field(max_length=254, json_schema_extra={"format": "email"})] | None = (
        None
    )
    address: NewAddress | None = None
    tax_id: Annotated[str, Field(max_length=120)] | None = None
    statement_descriptor: Annotated[str, Field(max_length=22)] | None = None
    refund_policy: Annotated[str, Field(max_length=4000)] | None = None
    terms_text: Annotated[str, Field(max_length=4000)] | None = None
    terms_days: Annotated[int, Field(ge=1, le=365)] | None = None
    invoice_prefix: Annotated[str, Field(max_length=12)] | None = None
    reporting_zone: Annotated[str, Field(max_length=40)] | None = None
    reporting_currency: Currency | None = None
    cooldown_s: Annotated[int, Field(ge=0, le=86_400)] | None = None
    max_consecutive_failures: Annotated[int, Field(ge=1, le=100)] | None = None
    minimum_initial: Amount | None = None
    minimum_initial_minor: Minor | None = None
    default_cap: Amount | None = None
    default_cap_minor: Minor | None = None
    default_capture_mode: CaptureMode | None = None
    link_life_days: Annotated[int, Field(ge=1, le=365)] | None = None
    reminder_days: (
        Annotated[list[Annotated[int, Field(ge=1, le=365)]], Field(min_length=1, max_length=10)]
        | None
    ) = None
