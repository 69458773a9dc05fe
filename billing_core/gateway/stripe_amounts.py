"""Amounts as Stripe counts them. Our minor units are ISO 4217's; Stripe's are its own.

Source: https://docs.stripe.com/currencies, read in November 2026. "Zero-decimal currencies": the
amount is the whole sum, among them MGA, which ISO writes with two. "Special cases": ISK and UGX
have no decimals, yet are sent with two that are always 00. HUF and TWD are charged with two
decimals; only payouts, which we never make, take whole units. "Three-decimal currencies": BHD, JOD,
KWD, OMR and TND end in 0. An amount that does not fit is refused, never rounded: what the client
approved is what is charged.
"""

from __future__ import annotations

from billing_core.errors import AmountRefused
from billing_core.rules import money

_ZERO = "BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF"
_THREE = "BHD JOD KWD OMR TND"
#: No decimals, but two zeros behind.
_PADDED = "ISK UGX"
_LARGEST_DIGITS = 12


def to_stripe(amount_minor: int, currency: str) -> int:
    """``amount_minor`` (ISO minor units) as Stripe's ``amount``. AmountRefused if it cannot be."""
    shift = _shift(currency)
    if shift >= 0:
        amount = amount_minor * _tens(shift)
    else:
        amount, rest = divmod(amount_minor, _tens(-shift))
        if rest:
            raise _too_fine(currency, "whole units only")
    if currency in _THREE and amount % 10:
        raise _too_fine(currency, "amounts whose third decimal is 0")
    if len(str(amount)) > _LARGEST_DIGITS:
        raise AmountRefused("This amount is larger than any that Stripe takes.")
    return amount


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's ``amount`` in ISO minor units; ``currency`` in capitals. Signs stay."""
    shift = _shift(currency)
    if shift <= 0:
        return amount * _tens(-shift)
    sign = -1 if amount < 0 else 1
    return sign * money.divide_rounded(abs(amount), _tens(shift))


def _tens(power: int) -> int:
    return int(10**power)


def _shift(currency: str) -> int:
    """How many decimals Stripe writes beyond ISO 4217's."""
    ours = money.exponent(currency)
    if currency in _ZERO:
        return 0 - ours
    if currency in _THREE:
        return 3 - ours
    if ours == 2 or currency in _PADDED:
        return 2 - ours
    raise AmountRefused(f"Stripe does not take payments in {currency}.", code="CURRENCY_UNKNOWN")


def _too_fine(currency: str, takes: str) -> AmountRefused:
    return AmountRefused(f"In {currency}, Stripe takes {takes}. Change the amount to fit.")
