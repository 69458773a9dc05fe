"""Amounts as machines send them: decimal text or whole minor units, and never the two at odds.

Machines write no thousands separators. What is handed on is plain decimal text, one way of writing
each amount, so that the same request has the same fingerprint.
"""

from __future__ import annotations

from billing_core.errors import AmountRefused
from billing_core.rules import money
from paynow.api.checking import refused_fields


def read(name: str, text: str | None, minor: int | None, currency: str) -> int | None:
    """Minor units of the field ``name`` and its twin ``name_minor``; None when neither came.

    Problem amount_invalid for what is no amount, and for two that differ.
    """
    if text is None:
        return minor
    try:
        found = money.parse_amount(text, currency)
        if minor is not None and minor != found:
            raise AmountRefused(f"{name} and {name}_minor are two different amounts.")
    except AmountRefused as refusal:
        raise refused_fields({name: refusal.sentence}) from None
    return found


def as_typed(amount_minor: int | None, currency: str) -> str:
    """The plain text of an amount for a flow that reads forms, "" for none."""
    return "" if amount_minor is None else money.to_text(amount_minor, currency)


def required(name: str, amount_minor: int | None) -> int:
    """The amount, or Problem amount_invalid that it is missing."""
    if amount_minor is None:
        raise refused_fields({name: f"Send {name} or {name}_minor."})
    return amount_minor
