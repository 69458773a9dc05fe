"""What we need from a payment gateway, in our own words.

Every call that creates something takes the attempt's own idempotency key: the same call again
gives the same object. No answer raises Down (the outcome is unknown); a wrong request Misused:
then nothing was made, except where its code is KEY_REUSED, which says nothing of the earlier call.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from billing_core.rules.nouns import PaymentMethod

KEY_REUSED = "KEY_REUSED"


@dataclass(frozen=True, slots=True)
class Order:
    """What to collect: the invoice's total in minor units, and where the client comes back to."""

    amount_minor: int
    currency: str
    description: str
    merchant: str
    return_url: str
    customer: str | None = None
    method: str | None = None
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seen:
    """What the gateway says of one object at this moment; ``outcome`` in our attempt's words.

    ``reference`` "" is an object that the gateway refused to make.
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


class Gateway(Protocol):
    """A payment gateway."""

    name: str

    def open_checkout(self, order: Order, key: str) -> Seen:
        """A hosted page where the client pays ``order``; its address is ``url``."""

    def charge_saved(self, order: Order, key: str) -> Seen:
        """Charge ``order.method``; the client may be needed (``requires_action`` with ``url``)."""

    def read(self, reference: str) -> Seen:
        """The object as it is now."""

    def cancel(self, reference: str) -> Seen:
        """Make the object unpayable; when it was paid meanwhile the answer says so."""

    def save_method(self, customer: str, token: str) -> PaymentMethod:
        """Store a payment method for our ``customer``; ``token`` names it at the gateway."""
