"""When one person alone may not: sums above a limit need somebody else's approval.

Limits are in major units of whatever currency a sum is in, as the limit of mailed codes is.
"""

from __future__ import annotations

from billing_core.rules import money


def is_above(amount_minor: int, currency: str, limit_major: int | None) -> bool:
    """True when there is a limit and the sum is above it."""
    return limit_major is not None and money.to_decimal(amount_minor, currency) > limit_major
