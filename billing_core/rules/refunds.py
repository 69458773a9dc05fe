"""How much of a charge may go back, and which share of its tax goes with it."""

from __future__ import annotations

from billing_core.errors import AmountRefused
from billing_core.rules import money

#: Not known yet how it ends.
OPEN = ("pending", "unknown", "processing")
#: Counts against what was captured.
LIVE = (*OPEN, "succeeded")
REASONS = {
    "requested_by_customer": "The client asked for it",
    "duplicate": "Charged twice",
    "fraudulent": "The payment was not the client's own",
    "other": "Another reason",
}
_STEPS = {"pending": 0, "unknown": 0, "processing": 1, "succeeded": 2, "failed": 3, "cancelled": 3}


def check_refund(amount_minor: int, *, captured_minor: int, gone_minor: int, currency: str) -> int:
    """``amount_minor`` if that much is left to refund; AmountRefused says how much is (I10)."""
    left = captured_minor - gone_minor
    if left <= 0:
        raise AmountRefused("Nothing of this payment is left to refund.", code="REFUND_TOO_MUCH")
    if amount_minor > left:
        shown = f"{money.to_text(left, currency)} {currency}"
        raise AmountRefused(f"At most {shown} is left to refund.", code="REFUND_TOO_MUCH")
    return money.check_amount(amount_minor)


def tax_share(amount_minor: int, *, total_minor: int, tax_minor: int, before_minor: int) -> int:
    """The tax inside a refund, so that the shares of all refunds add up to the whole tax."""

    def up_to(minor: int) -> int:
        return money.divide_rounded(tax_minor * minor, total_minor)

    return up_to(before_minor + amount_minor) - up_to(before_minor)


def refund_after(old: str, new: str) -> str:
    """The state after hearing ``new``: older news never move it back; a failure comes last (I8)."""
    if _STEPS[new] > _STEPS[old] or (_STEPS[old] == _STEPS[new] == 0 and new != "pending"):
        return new
    return old
