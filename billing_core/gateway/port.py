"""What we need from a payment gateway, in our own words.

Every call that creates something takes its own idempotency key: the same call again gives the same
object. No answer raises Down (the outcome is unknown); a wrong request Misused: then nothing was
made, except where its code is KEY_REUSED, which says nothing of the earlier call.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from billing_core.rules.nouns import Line, PaymentMethod

KEY_REUSED = "KEY_REUSED"


@dataclass(frozen=True, slots=True)
class Order:
    """What to collect: the invoice's total in minor units, and where the client comes back to.

    ``customer`` is ours, ``gateway_customer`` the gateway's. ``statement`` is what stands behind
    the company's name on the client's bank statement. ``first_asked_at``: when the attempt began,
    so that a gateway knows how old its key is by now.
    """

    amount_minor: int
    currency: str
    description: str
    merchant: str
    return_url: str
    customer: str | None = None
    method: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)
    gateway_customer: str | None = None
    email: str = ""
    statement: str = ""
    first_asked_at: datetime | None = None
    off_session: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What the gateway says of one object at this moment; ``outcome`` in our attempt's words.

    ``reference`` is "" where the gateway has no object and will not make one any more.
    """

    reference: str
    outcome: str
    amount_minor: int
    currency: str
    url: str | None = None
    payment_reference: str | None = None
    method_label: str = ""
    problem: str = ""
    fee_minor: int = 0
    booked_at: datetime | None = None
    line: Line | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Knock:
    """A message that something happened. A doorbell only: the object is read, never believed."""

    event_id: str
    kind: str
    object_kind: str
    object_id: str
    livemode: bool
    account: str


@dataclass(frozen=True, slots=True)
class Account:
    """Our own account at the gateway; ``problem`` says why it cannot charge, "" when it can."""

    id: str
    name: str
    country: str
    is_live: bool
    can_charge: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class SeenSetup:
    """A page where the client stores a payment method. ``outcome``: open, succeeded or expired."""

    reference: str
    outcome: str
    url: str | None
    gateway_customer: str
    method: PaymentMethod | None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenRefund:
    """A refund as it is now. ``outcome``: pending, succeeded, failed or cancelled."""

    reference: str
    outcome: str
    amount_minor: int
    currency: str
    payment_reference: str
    problem: str = ""
    booked_at: datetime | None = None
    lines: tuple[Line, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SeenDispute:
    """A dispute as it is now. ``kind`` is inquiry or chargeback; ``status`` open, under_review,
    won, lost or closed (an inquiry that went no further)."""

    reference: str
    payment_reference: str
    kind: str
    status: str
    reason: str
    amount_minor: int
    currency: str
    due_by: datetime | None
    opened_at: datetime
    lines: tuple[Line, ...] = ()


class Gateway(Protocol):
    """A payment gateway: what every one of them can do."""

    name: str

    def open_checkout(self, order: Order, key: str) -> Seen:
        """A hosted page where the client pays ``order``; its address is ``url``."""

    def charge_saved(self, order: Order, key: str) -> Seen:
        """Charge ``order.method``; the client may be needed (``requires_action`` with ``url``)."""

    def read(self, reference: str) -> Seen:
        """The object as it is now."""

    def cancel(self, reference: str) -> Seen:
        """Make the object unpayable; when it was paid meanwhile the answer says so."""

    def withdraw(self, order: Order, key: str) -> Seen:
        """Nothing shall come of ``order`` any more, sent or not: what ``key`` made is cancelled,
        and a key that made nothing yet makes nothing payable later. Paid already: says so."""

    def save_method(self, customer: str, token: str) -> PaymentMethod:
        """Store a payment method for our ``customer``; ``token`` names it at the gateway."""


class Refunding(Protocol):
    """A gateway that sends money back."""

    def refund(
        self,
        payment_reference: str,
        *,
        amount_minor: int,
        currency: str,
        reason: str,
        metadata: dict[str, str],
        key: str,
    ) -> SeenRefund:
        """Send money back. Declined when the gateway refuses it for good."""

    def read_refund(self, reference: str) -> SeenRefund:
        """The refund as it is now."""

    def recent_refunds(self, since: datetime) -> Iterable[SeenRefund]:
        """Refunds made since then, whoever made them."""


class Disputing(Protocol):
    """A gateway whose payers can object."""

    def read_dispute(self, reference: str) -> SeenDispute:
        """The dispute as it is now."""

    def recent_disputes(self, since: datetime) -> Iterable[SeenDispute]:
        """Disputes opened since then."""


class OutsideGateway(Gateway, Refunding, Disputing, Protocol):
    """A real company behind the port: it knocks, keeps books of its own, and has customers."""

    @property
    def is_live(self) -> bool:
        """True when real money moves."""

    def hear(self, body: bytes, signature: str) -> Knock:
        """What a message is about; WebhookRejected when it is not the gateway's, or not fresh."""

    def account(self) -> Account:
        """Our account there."""

    def ensure_customer(self, customer: str, *, name: str, email: str, key: str) -> str:
        """The gateway's own customer for ours."""

    def open_setup(
        self, gateway_customer: str, *, customer: str, return_url: str, back_url: str, key: str
    ) -> SeenSetup:
        """A hosted page where the client stores a method; nothing is charged.

        It leads to ``return_url`` when that is done, to ``back_url`` for who would rather not.
        """

    def read_setup(self, reference: str) -> SeenSetup:
        """The set-up as it is now."""

    def detach_method(self, method: str) -> None:
        """Forget a stored method; one that is gone already is fine."""

    def recent_payments(self, since: datetime) -> Iterable[Seen]:
        """Payments begun since then that carry one of our attempts in their metadata."""

    def recent_lines(self, since: datetime) -> Iterable[Line]:
        """Lines of the gateway's books since then."""
