"""What Edge's callers send, by Edge's names: JSON or form, so numbers may come as text."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.json_schema import WithJsonSchema
from pydantic_core import PydanticCustomError

from paynow.api import wire
from paynow.api.bodies import PLAIN_AMOUNT, PLAIN_NUMBER, Body, Currency, Id, Line, Name, Number

_FLAGS = {"1": True, "true": True, "0": False, "false": False}


def _flag(value: object) -> object:
    text = wire.number_text(value)
    return _FLAGS.get(text.lower(), value) if isinstance(text, str) else value


def _whole(value: object) -> object:
    plain = isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10
    if isinstance(value, str) and not plain:
        raise PydanticCustomError("whole", "This must be a whole number.")
    return int(value) if isinstance(value, str) else value


Named = Annotated[
    str,
    Field(max_length=80),
    BeforeValidator(wire.number_text),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer"}]}),
]
Amount = Annotated[
    str,
    BeforeValidator(wire.number_text),
    WithJsonSchema(
        {
            "anyOf": [{"type": "number"}, {"type": "string", "pattern": PLAIN_AMOUNT}],
            "description": "major units, read exactly",
        }
    ),
]
Flag = Annotated[
    bool,
    BeforeValidator(_flag),
    WithJsonSchema({"anyOf": [{"type": "boolean"}, {"enum": [0, 1, "0", "1"]}]}),
]
Whole = Annotated[
    int,
    BeforeValidator(_whole),
    WithJsonSchema({"anyOf": [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+$"}]}),
]
Metric = Annotated[
    Number,
    WithJsonSchema({"anyOf": [{"type": "number"}, {"type": "string", "pattern": PLAIN_NUMBER}]}),
]


class EdgeBody(Body):
    """What every call of Edge's may carry; the key may come as a bearer instead."""

    api_key: str | None = None
    org_id: Named | None = None
    brand_id: Named | None = None


class EdgeFire(EdgeBody):
    """Fire a charge."""

    billable_item_id: Id
    billing_customer_id: Id
    override_amount: Amount | None = None
    override_description: Annotated[str, Field(max_length=500)] | None = None
    metric_value: Metric | None = None
    milestone_id: Id | None = None


class EdgePaymentData(Body):
    """A payment method to store; the sandbox knows its test methods, such as pm_card_visa."""

    pm_id: Annotated[str, Field(min_length=1, max_length=60)]


class EdgeNewCustomer(EdgeBody):
    """A customer for a contact. Who is new needs name, email and currency: there is no CRM here."""

    contact_id: Annotated[str, Field(min_length=1, max_length=200)]
    name: Name | None = None
    email: Annotated[str, Field(max_length=254)] | None = None
    currency: Currency | None = None
    company: Line | None = None
    gateway: Annotated[str, Field(max_length=40)] | None = None
    payment_data: EdgePaymentData | None = None
    allow_trigger: Flag | None = None
    require_initial: Flag | None = None
    initial_amount: Amount | None = None
    notes: Annotated[str, Field(max_length=5000)] | None = None


class EdgeOneCustomer(EdgeBody):
    """One customer, under either of Edge's names for its id."""

    bc_id: Id | None = None
    billing_customer_id: Id | None = None


class EdgeMethod(EdgeOneCustomer):
    """A customer, and the method to store where it is known; else the client is asked for one."""

    payment_data: EdgePaymentData | None = None


class EdgeEnroll(EdgeBody):
    """A customer in an item; a contact, where it is named, must be the customer's."""

    billing_customer_id: Id
    billable_item_id: Id
    contact_id: Line | None = None


class EdgeEnrollmentsPage(EdgeBody):
    """A page of enrollments."""

    status: Literal["active", "paused", "cancelled"] | None = None
    billing_customer_id: Id | None = None
    billable_item_id: Id | None = None
    limit: Annotated[Whole, Field(ge=1, le=200)] = 50
    offset: Annotated[Whole, Field(ge=0, le=100_000)] = 0


class EdgeItems(EdgeBody):
    """The active trigger items."""
