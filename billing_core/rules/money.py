"""Money as integer minor units and an ISO 4217 code. No float ever, no display (see documents).

The exponent table is ISO 4217's; a currency outside it is refused rather than guessed.
"""

from __future__ import annotations

import re
from decimal import Decimal

from billing_core.errors import AmountRefused

_EXPONENTS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: "AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN "
    "BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD "
    "FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR "
    "KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN "
    "MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD "
    "SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD "
    "TZS UAH USD UYU UZS VES WST XCD YER ZAR ZMW",
    3: "BHD IQD JOD KWD LYD OMR TND",
}
_EXPONENT_OF = {code: n for n, codes in _EXPONENTS.items() for code in codes.split()}

#: No single amount above this many minor units: far beyond any milestone, safe in every database.
LARGEST_MINOR = 10**14

_PLAIN = re.compile(r"\d{1,15}(\.\d+)?", re.ASCII)
_GROUPED = re.compile(r"\d{1,3}(,\d{3})+\.\d+", re.ASCII)


def currencies() -> tuple[str, ...]:
    """All currency codes we know, sorted."""
    return tuple(sorted(_EXPONENT_OF))


def exponent(currency: str) -> int:
    """Decimal places of ``currency`` (JPY 0, USD 2, KWD 3). Unknown codes are refused."""
    try:
        return _EXPONENT_OF[currency]
    except KeyError:
        raise AmountRefused(
            f"{currency[:8]!r} is not a currency code we know. Write one such as USD.",
            code="CURRENCY_UNKNOWN",
        ) from None


def to_decimal(amount_minor: int, currency: str) -> Decimal:
    """Exact major units of an amount in minor units."""
    return Decimal(amount_minor).scaleb(-exponent(currency))


def to_text(amount_minor: int, currency: str) -> str:
    """An amount as the wire writes it: ``4500.00``, ``4500`` for JPY, ``4500.000`` for KWD."""
    places = exponent(currency)
    if not places:
        return str(amount_minor)
    digits = f"{abs(amount_minor):0{places + 1}d}"
    return f"{'-' if amount_minor < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def parse_amount(text: object, currency: str, *, grouped: bool = False) -> int:
    """Minor units of a decimal string such as ``4500.00``.

    With ``grouped`` (typed by a person) ``4,500.00`` is taken too, since with its decimals it can
    mean only one thing; ``4,500`` stays refused: half the world reads it as four and a half.
    Raises AmountRefused with a sentence that says what to write instead.
    """
    places = exponent(currency)
    example = "4500" if places == 0 else f"4500.{'0' * places}"
    if not isinstance(text, str) or not text.strip():
        raise AmountRefused(f"Enter an amount, for example {example}.")
    typed = text.strip()
    if grouped and _GROUPED.fullmatch(typed):
        typed = typed.replace(",", "")
    if not _PLAIN.fullmatch(typed):
        raise AmountRefused(_what_is_wrong(typed, example))
    if "." in typed and len(typed.partition(".")[2]) > places:
        raise AmountRefused(_too_fine(currency, places, example))
    amount_minor = int(Decimal(typed).scaleb(places))
    return check_amount(amount_minor)


def check_amount(amount_minor: object) -> int:
    """``amount_minor`` if it is a whole number above zero and within our limit (I17)."""
    if isinstance(amount_minor, bool) or not isinstance(amount_minor, int):
        raise AmountRefused("An amount must be a whole number of the currency's smallest unit.")
    if amount_minor <= 0:
        raise AmountRefused("The amount must be more than zero.")
    if amount_minor > LARGEST_MINOR:
        raise AmountRefused("This amount is larger than any we can handle.")
    return amount_minor


def _what_is_wrong(typed: str, example: str) -> str:
    if typed.startswith("-"):
        return "The amount must be more than zero."
    if "," in typed:
        return f"Write the amount without thousands separators, for example {example}."
    return f"This is not an amount. Write digits and a decimal point, for example {example}."


def _too_fine(currency: str, places: int, example: str) -> str:
    if places == 0:
        return f"{currency} has no decimals. Write the amount as {example}."
    return f"{currency} has {places} decimals at most. Write the amount as {example}."


def divide_rounded(numerator: int, denominator: int) -> int:
    """``numerator / denominator`` for non-negative numbers, rounded half away from zero."""
    return (2 * numerator + denominator) // (2 * denominator)
