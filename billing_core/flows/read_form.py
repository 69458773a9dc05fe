"""Read typed fields one by one, and collect every problem under its field's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import TypeVar
from zoneinfo import available_timezones

from billing_core.errors import FieldsRefused, Refused
from billing_core.rules import money, texts
from billing_core.rules.amounts import PPM

T = TypeVar("T")
Value = str | bool
_PERCENT = Decimal(PPM).scaleb(-2)


class FormReader:
    """The fields of one form. Call the readers, then ``check`` before anything is stored."""

    def __init__(self, values: Mapping[str, Value]) -> None:
        self._values = values
        self.problems: dict[str, str] = {}

    def raw(self, name: str) -> str:
        """The field as typed, trimmed; "" when missing."""
        value = self._values.get(name, "")
        return value.strip() if isinstance(value, str) else str(value)

    def has(self, name: str) -> bool:
        """True when the form carries this field at all."""
        return name in self._values

    def flag(self, name: str) -> bool:
        """A tick: True, "true", "yes", "on" or "1"."""
        value = self._values.get(name, False)
        return value if isinstance(value, bool) else value in ("true", "yes", "on", "1")

    def line(self, name: str, what: str, *, most: int = 200, required: bool = False) -> str:
        """One line of text."""
        return self._try(
            name, "", lambda: texts.check_line(self.raw(name), what, most=most, required=required)
        )

    def block(self, name: str, what: str, *, most: int = 2000) -> str:
        """Text with line breaks, may be empty."""
        return self._try(
            name, "", lambda: texts.check_block(self.raw(name), what, most=most, required=False)
        )

    def email(self, name: str, what: str, *, required: bool = True) -> str:
        """An email address."""
        if not required and not self.raw(name):
            return ""
        return self._try(name, "", lambda: texts.check_email(self.raw(name), what))

    def emails(self, name: str, what: str, *, most: int = 10) -> tuple[str, ...]:
        """Addresses separated by commas, semicolons or lines."""
        parts = [p.strip() for p in self.raw(name).replace(";", ",").replace("\n", ",").split(",")]
        found = [p for p in parts if p]
        if len(found) > most:
            self.problems[name] = f"{what}: {most} addresses at most."
            return ()
        return self._try(name, (), lambda: tuple(texts.check_email(p, what) for p in found))

    def amount(self, name: str, currency: str, *, required: bool = True) -> int | None:
        """Minor units of a typed amount, None when empty and not required."""
        if not required and not self.raw(name):
            return None
        return self._try(
            name, None, lambda: money.parse_amount(self.raw(name), currency, grouped=True)
        )

    def currency(self, name: str) -> str:
        """A currency code we know."""
        code = self.raw(name).upper()
        return self._try(name, "USD", lambda: (money.exponent(code), code)[1])

    def choice(self, name: str, what: str, choices: tuple[str, ...], default: str) -> str:
        """One of the given words."""
        chosen = self.raw(name) or default
        if chosen not in choices:
            self.problems[name] = f"{what}: choose one of {', '.join(choices)}."
        return chosen

    def zone(self, name: str, default: str) -> str:
        """An IANA time zone."""
        chosen = self.raw(name) or default
        if chosen not in available_timezones():
            self.problems[name] = "Choose a time zone such as America/New_York."
        return chosen

    def day(self, name: str, what: str) -> date | None:
        """An ISO date, or None when empty."""
        if not self.raw(name):
            return None
        try:
            return date.fromisoformat(self.raw(name))
        except ValueError:
            self.problems[name] = f"{what}: write year-month-day, for example 2026-03-15."
            return None

    def whole(self, name: str, what: str, *, default: int, least: int, most: int) -> int:
        """A whole number within bounds."""
        typed = self.raw(name)
        if not typed:
            return default
        if not (typed.isascii() and typed.isdigit()) or not least <= int(typed[:9]) <= most:
            self.problems[name] = f"{what}: a whole number from {least} to {most}."
            return default
        return int(typed)

    def limit(self, name: str, what: str, *, most: int) -> int | None:
        """A whole number of major units, None when empty."""
        if not self.raw(name):
            return None
        return self.whole(name, what, default=0, least=0, most=most)

    def percent_ppm(self, name: str) -> int:
        """Parts per million of a percentage such as ``8.25``."""
        typed = self.raw(name) or "0"
        try:
            value = Decimal(typed) * _PERCENT
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or value != value.to_integral_value() or not 0 <= value <= PPM:
            self.problems[name] = "A tax rate is a percentage from 0 to 100, for example 8.25."
            return 0
        return int(value)

    def check(self) -> None:
        """FieldsRefused with every problem, if there is any."""
        if self.problems:
            raise FieldsRefused(self.problems)

    def _try(self, name: str, fallback: T, read: Callable[[], T]) -> T:
        try:
            return read()
        except Refused as refusal:
            self.problems[name] = refusal.sentence
            return fallback
