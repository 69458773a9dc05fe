"""What /v1 answers about the house itself: what happened, its settings. As ``shapes`` has it."""

from __future__ import annotations

from typing import Any

from paynow.api.shapes import Amount, Moment, Shape


class Actor(Shape):
    """Who acted: client, staff, key, gateway or system."""

    kind: str
    id: str


class EventData(Shape):
    """One fact in a charge's chain: its own kind, place and hash, and the charge it is about. What
    is personal in the payload stands there as a commitment."""

    kind: str
    seq: int
    hash: str
    actor: Actor
    charge_id: str
    invoice_id: str
    billing_customer_id: str
    billable_item_id: str
    ts_id: str
    milestone_id: str | None
    amount: Amount
    amount_minor: int
    currency: str
    payload: dict[str, Any]


class Event(Shape):
    """What happened, in Edge's envelope."""

    event_id: str
    event_type: str
    api_version: str
    created_at: Moment
    org_id: str
    data: EventData


class EventList(Shape):
    """A page of events."""

    data: list[Event]
    next_cursor: str | None
