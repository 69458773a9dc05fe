"""Sums, dates and names as people read them, by locale. Display only: nothing is parsed here.

A locale we do not know reads as English. Fractions come from ``rules.money``, never from a locale:
some locales round currencies that ISO 4217 does not.
"""

from __future__ import annotations

import copy
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_skeleton, format_time, get_timezone_name
from babel.numbers import (
    NumberPattern,
    format_decimal,
    format_percent,
    get_currency_name,
    get_currency_symbol,
)

from billing_core import clock
from billing_core.documents.phrases import in_language, phrase
from billing_core.documents.plain import line
from billing_core.rules.money import exponent, to_decimal
from billing_core.rules.sentences import Sentence

_DASH = " — "
_MINUS = "\u2212"
_NARROW_SPACE = "\u202f"
_NO_BREAK_SPACE = "\u00a0"
_MILLION = 10**6
_KILO = 10**3
_SIZES = ("B", "kB", "MB", "GB", "TB")
_BEFORE_LAST_FOUR = " •••• "
#: Ways to pay as they are recorded; a brand or a bank is called the same in every language.
METHODS = (
    *(Sentence("Bank transfer"), Sentence("Cheque"), Sentence("Cash"), Sentence("Other")),
    *(Sentence("bank transfer"), Sentence("cheque"), Sentence("cash"), Sentence("other")),
    *(Sentence("Card"), Sentence("Sepa Debit"), Sentence("Us Bank Account")),
)


def money(amount_minor: int, currency: str, language: str = "en") -> str:
    """``$4,500.00``: an amount in minor units, with all its decimals and its currency.

    Raises AmountRefused for a currency that ISO 4217 does not have.
    """
    pattern = _money_pattern(currency, language)
    value = to_decimal(amount_minor, currency)
    shown: str = pattern.apply(value, locale(language), currency=currency, currency_digits=False)
    return shown.replace("-", _MINUS)


def currency_name(currency: str, language: str = "en") -> str:
    """``US dollars``: the currency's name as it stands behind a number."""
    return str(get_currency_name(currency, count=2, locale=locale(language)))


def day(on: date | str, language: str = "en") -> str:
    """``March 16, 2026``, from a date or its ISO text."""
    return str(format_date(_as_date(on), "long", locale=locale(language)))


def day_short(on: date | str, language: str = "en", *, near: date | str | None = None) -> str:
    """``March 16``. With ``near``, the year is kept when ``on`` lies in another year than it."""
    if near is not None and _as_date(on).year != _as_date(near).year:
        return day(on, language)
    return str(format_skeleton("MMMMd", _as_date(on), locale=locale(language)))


def moment(at: datetime, zone: str, language: str = "en") -> str:
    """``March 16, 2026, 9:12 AM EDT``: an aware time on the clocks of ``zone`` (IANA name)."""
    local = at.astimezone(clock.zone(zone))
    spoken = locale(language)
    time_of_day = str(format_time(local, "short", tzinfo=local.tzinfo, locale=spoken))
    time_of_day = time_of_day.replace(_NARROW_SPACE, " ")
    pattern = str(spoken.datetime_formats["long"])
    dated = pattern.replace("{1}", day(local.date(), language)).replace("{0}", time_of_day)
    return f"{dated} {_zone_word(local, spoken)}"


def file_size(size_bytes: int, language: str = "en") -> str:
    """``8.2 MB``, ``38 kB``: decimal units, one decimal below ten from the megabyte on."""
    value, unit = Decimal(size_bytes), 0
    while value.quantize(Decimal(1)) >= _KILO and unit < len(_SIZES) - 1:
        value, unit = value / _KILO, unit + 1
    fine = unit >= _SIZES.index("MB") and value.quantize(Decimal("0.1")) < Decimal(10)
    number = format_decimal(value, "#,##0.#" if fine else "#,##0", locale=locale(language))
    return f"{number} {_SIZES[unit]}"


def percent(rate_ppm: int, language: str = "en") -> str:
    """``8.25%`` from 82500 parts per million."""
    spoken = locale(language)
    pattern = spoken.percent_formats[None].pattern.replace("#,##0", "#,##0.####")
    return str(format_percent(Decimal(rate_ppm) / _MILLION, pattern, locale=spoken))


def method(recorded: str, language: str = "en") -> str:
    """``Bank transfer``, ``Visa •••• 4242``: a way to pay as it was recorded."""
    name, dots, last_four = recorded.replace("_", " ").partition(_BEFORE_LAST_FOUR)
    return in_language(name, language) + dots + last_four


def fingerprint(sha256: str) -> str:
    """The first twelve characters of a digest in three groups of four: ``e41b 9d02 77ac``."""
    start = line(sha256)[:12]
    return " ".join(start[i : i + 4] for i in range(0, len(start), 4))


def split_title(title: str) -> tuple[str, str]:
    """``(head, tail)`` of a title at its first " — "; the tail is empty when there is none."""
    head, _, tail = title.partition(_DASH)
    return (head, tail) if head.strip() else (title, "")


def masked_email(address: str) -> str:
    """``ac•••@harborandvine.example``: enough to recognise one's own address, no more."""
    local, at, domain = line(address).rpartition("@")
    shown = local[:2] if len(local) > 3 else local[:1]
    return f"{shown}•••{at}{domain}"


def agreement_sentence(title: str, buyer: str, total: str, language: str = "en") -> str:
    """The exact sentence a client agrees to; ``total`` is the sum as ``money`` writes it."""
    _ = phrase(language)
    sentence = _(
        "I have reviewed {title}, I may approve it for {buyer}, and I agree to pay {total}."
    )
    return sentence.format(title=split_title(title)[0], buyer=buyer, total=total)


@lru_cache(maxsize=64)
def locale(language: str) -> Locale:
    """Babel's locale for ``language`` (``en``, ``pt-BR``); English for one it does not know."""
    try:
        return Locale.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        return Locale("en")


@lru_cache(maxsize=256)
def _money_pattern(currency: str, language: str) -> NumberPattern:
    spoken = locale(language)
    pattern: NumberPattern = copy.copy(spoken.currency_formats["standard"])
    pattern.frac_prec = (exponent(currency), exponent(currency))
    if get_currency_symbol(currency, spoken)[-1:].isalpha():
        # a code needs room before its digits ("KWD 4.500"), a sign does not ("$4.50")
        plus, minus = pattern.prefix
        pattern.prefix = (_with_room(plus), _with_room(minus))
    return pattern


def _with_room(prefix: str) -> str:
    return prefix + _NO_BREAK_SPACE if prefix.endswith("¤") else prefix


def _as_date(on: date | str) -> date:
    return date.fromisoformat(on) if isinstance(on, str) else on


def _zone_word(local: datetime, spoken: Locale) -> str:
    word = str(get_timezone_name(local, width="short", locale=spoken))
    if word[:1] in "+-":
        word = local.tzname() or word
    if word[:1] not in "+-":
        return word
    offset = local.strftime("%z")
    hours, minutes = f"{offset[0]}{int(offset[1:3])}", offset[3:5]
    return "UTC" + hours.replace("-", _MINUS) + (f":{minutes}" if minutes != "00" else "")
