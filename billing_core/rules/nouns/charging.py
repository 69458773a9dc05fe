"""A charge and everything that hangs on it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from billing_core.rules.nouns.people import Actor


@dataclass(frozen=True, slots=True)
class Charge:
    """One fired sum. ``total_minor`` is what the client pays; ``line_minor`` what was fired."""

    id: str
    state: str
    customer_id: str
    item_id: str
    enrolment_id: str
    invoice_id: str
    invoice_number: str
    document_sha256: str
    line_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int
    currency: str
    description: str
    trigger_mode: str
    capture_mode: str
    origin: str
    actor: Actor
    fired_at: datetime
    issued_on: date
    due_on: date
    chain_length: int
    chain_head: str
    kind: str = "milestone"
    project_id: str | None = None
    milestone_id: str | None = None
    po_number: str = ""
    metric_value: str | None = None
    valid_until: date | None = None
    approved_at: datetime | None = None
    captured_at: datetime | None = None
    ended_at: datetime | None = None
    late_money: bool = False
    revises: str | None = None
    revised_by: str | None = None
    note: str = ""
    pdf_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to collect a charge; ``outcome`` as document 1 lists them. ``surplus``: it took money
    that came a second time, which lies apart and is none of the charge's."""

    id: str
    charge_id: str
    number: int
    gateway: str
    via: str
    idempotency_key: str
    amount_minor: int
    currency: str
    outcome: str
    started_at: datetime
    parameters: dict[str, str]
    reference: str | None = None
    url: str | None = None
    method_label: str = ""
    problem: str = ""
    payment_reference: str | None = None
    settled_at: datetime | None = None
    surplus: bool = False


@dataclass(frozen=True, slots=True)
class Request:
    """What waits for a second person. ``verb`` is refund or fire, ``parameters`` are frozen;
    ``state`` waiting, executed, refused or withdrawn; ``result`` the id of what was made.

    Waiting with ``decided_by`` set, it is being executed; ``problem`` is why that failed last.
    """

    id: str
    verb: str
    state: str
    parameters: dict[str, Any]
    amount_minor: int
    currency: str
    customer_id: str
    asked_by: Actor
    asked_at: datetime
    charge_id: str | None = None
    decided_by: Actor | None = None
    decided_at: datetime | None = None
    reason: str = ""
    result: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Link:
    """One way into one charge. The token itself is derived, never stored."""

    id: str
    charge_id: str
    minted_at: datetime
    expires_at: datetime
    mailed_to: str
    replaced_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Mail:
    """One message of ours. ``state`` is queued, kept (no mail server), sent or failed."""

    id: str
    kind: str
    to: tuple[str, ...]
    cc: tuple[str, ...]
    subject: str
    state: str
    message_id: str
    queued_at: datetime
    charge_id: str | None = None
    link_id: str | None = None
    html: str = ""
    text: str = ""
    attachments: tuple[tuple[str, str, str], ...] = ()
    sent_at: datetime | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Revenue:
    """What was really collected, or went out again. Signs: money in is positive."""

    id: str
    charge_id: str
    customer_id: str
    item_id: str
    kind: str
    gross_minor: int
    tax_minor: int
    fee_minor: int
    net_minor: int
    currency: str
    method: str
    gateway: str
    reference: str
    source: str
    booked_at: datetime
    recorded_at: datetime
    project_id: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """One evidence event as stored: its parsed object and the exact bytes that were hashed."""

    stream: str
    seq: int
    kind: str
    at: str
    actor: Actor
    payload: dict[str, object]
    hash: str
    canonical: str
