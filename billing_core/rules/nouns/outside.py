"""What a gateway's own books say of our money, and what goes back or is taken back through it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from billing_core.rules.nouns.people import Actor


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the gateway's own books: what our balance there moved by, in minor units.

    ``kind`` is payment, refund, refund_failure, dispute, dispute_reversal or other; ``source`` the
    object it is about, ``payment_reference`` the payment behind that. The net is amount − fee.
    """

    id: str
    kind: str
    amount_minor: int
    fee_minor: int
    currency: str
    source: str
    payment_reference: str
    booked_at: datetime


@dataclass(frozen=True, slots=True)
class Refund:
    """Money that goes back to the client. ``state`` is pending, unknown, processing, succeeded,
    failed or cancelled; ``number`` that of the credit note, once it succeeded. ``surplus``: it
    gives back money that came a second time, which was never this invoice's revenue."""

    id: str
    charge_id: str
    gateway: str
    idempotency_key: str
    payment_reference: str
    amount_minor: int
    tax_minor: int
    currency: str
    reason: str
    note: str
    state: str
    actor: Actor
    requested_at: datetime
    reference: str | None = None
    problem: str = ""
    number: str | None = None
    canonical: str | None = None
    document_sha256: str | None = None
    settled_at: datetime | None = None
    surplus: bool = False


@dataclass(frozen=True, slots=True)
class Dispute:
    """A cardholder's bank objects. ``kind`` is inquiry or chargeback; ``status`` open,
    under_review, won, lost or closed; ``held_minor`` what it keeps from us now."""

    id: str
    charge_id: str
    gateway: str
    reference: str
    kind: str
    status: str
    reason: str
    amount_minor: int
    currency: str
    held_minor: int
    opened_at: datetime
    changed_at: datetime
    due_by: datetime | None = None
    closed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Setup:
    """One page of the gateway where a client stores a payment method. ``state`` is pending (not
    asked yet), open, succeeded or expired; ``replaces`` the method that goes when a new one is
    there."""

    id: str
    customer_id: str
    state: str
    actor_id: str
    created_at: datetime
    reference: str | None = None
    url: str | None = None
    replaces: str | None = None
    settled_at: datetime | None = None
