"""What /v1 answers about money that moved: refunds, disputes, revenue. As ``shapes`` has it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from paynow.api.shapes import Amount, Moment, Shape

#: Money out is negative.
Signed = Annotated[str, Field(pattern=r"^-?[0-9]+(\.[0-9]{2,3})?$")]


class Refund(Shape):
    """Money on its way back to the client; ``credit_note`` is its number, once it arrived."""

    id: str
    charge: str
    state: str
    amount: Amount
    amount_minor: int
    tax_minor: int
    currency: str
    reason: str
    note: str
    reference: str | None
    credit_note: str | None
    problem: str
    created_at: Moment
    settled_at: Moment | None


class RefundTold(Refund):
    """The refund as it is now."""

    idempotent_replay: bool


class RefundList(Shape):
    """A page of refunds."""

    data: list[Refund]
    next_cursor: str | None


class Dispute(Shape):
    """A payer's bank objects; ``held`` is what it keeps from us now."""

    id: str
    charge: str
    kind: str
    status: str
    reason: str
    amount: Amount
    amount_minor: int
    held: Amount
    held_minor: int
    currency: str
    reference: str
    due_by: Moment | None
    opened_at: Moment
    closed_at: Moment | None


class DisputeList(Shape):
    """A page of disputes."""

    data: list[Dispute]
    next_cursor: str | None


class Revenue(Shape):
    """One booking of money that came, or went out again: gross holds the tax, net = gross − fee."""

    id: str
    charge: str
    customer: str
    item: str
    project: str | None
    kind: str
    gross: Signed
    gross_minor: int
    tax: Signed
    tax_minor: int
    fee: Signed
    fee_minor: int
    net: Signed
    net_minor: int
    currency: str
    method: str
    gateway: str
    reference: str
    source: str
    booked_at: Moment
    recorded_at: Moment


class RevenueList(Shape):
    """A page of revenue."""

    data: list[Revenue]
    next_cursor: str | None


class Request(Shape):
    """What waits for a second person. ``verb`` is fire or refund; ``charge`` and ``refund`` are
    what it is about, or what was made."""

    id: str
    verb: str
    state: str
    amount: Amount
    amount_minor: int
    currency: str
    customer: str
    charge: str | None
    refund: str | None
    asked_by: str
    asked_at: Moment
    decided_by: str | None
    decided_at: Moment | None
    reason: str
    problem: str


class RequestTold(Request):
    """The request as it is now."""

    idempotent_replay: bool


class RequestList(Shape):
    """A page of requests."""

    data: list[Request]
    next_cursor: str | None
