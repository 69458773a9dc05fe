"""What a gateway's own books say of our money."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


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
