"""What /v1 answers about the house itself: what happened, its settings. As ``shapes`` has it."""

from __future__ import annotations

from typing import Any

from paynow.api.shapes import Address, Amount, Moment, Shape


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


class BankLine(Shape):
    """One line of the bank details on invoices."""

    label: str
    text: str


class Settings(Shape):
    """What the organisation decides for itself; a limit that is null is none."""

    name: str
    operator_name: str
    email: str
    address: Address
    tax_id: str
    bank: list[BankLine]
    statement_descriptor: str
    refund_policy: str
    terms_text: str
    terms_days: int
    invoice_prefix: str
    reporting_zone: str
    reporting_currency: str
    cooldown_s: int
    max_consecutive_failures: int
    minimum_initial: Amount
    minimum_initial_minor: int
    default_cap: Amount
    default_cap_minor: int
    default_capture_mode: str
    link_life_days: int
    reminder_days: list[int]
    code_above_major: int | None
    second_refund_above_major: int | None
    second_charge_above_major: int | None
    gateway: str
    org_id: str
    brand_id: str


class SettingsTold(Settings):
    """The settings as they are now."""

    idempotent_replay: bool
