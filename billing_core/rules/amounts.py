"""What one fire charges: who sets the amount, which cap holds, and the tax on it.

Source: document 1, "Items: four trigger modes x two capture modes" and "Amount, tax, rounding".
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from billing_core.errors import AmountRefused, FieldsRefused, Refused
from billing_core.rules import money
from billing_core.rules.nouns import Company, Item

TRIGGER_MODES = ("fixed", "variable", "event", "threshold")
CAPTURE_MODES = ("off_session", "client_confirm")
CONDITIONS = ("lte", "gte", "eq")
OPEN_MODES = ("variable", "event")
PPM = 1_000_000
#: A metric value or threshold: no exponent, no separator, 40 characters at most (as stored).
_PLAIN = re.compile(r"-?\d{1,20}(\.\d{1,18})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Sums:
    """One invoice's sums, all in minor units: ``total = net + tax``."""

    line_minor: int
    net_minor: int
    tax_minor: int
    total_minor: int


@dataclass(frozen=True, slots=True)
class Metric:
    """What a sent metric value said: ``met`` is False when the item's condition does not hold."""

    value: str | None
    met: bool


def effective_cap(item: Item, company: Company) -> int:
    """The most one fire of ``item`` may charge, in minor units: its own cap, else the default."""
    return company.default_cap_minor if item.max_capture_minor is None else item.max_capture_minor


def may_override(item: Item) -> bool:
    """True where the caller may set the amount."""
    return item.trigger_mode in OPEN_MODES and item.allow_override


def decide_line(item: Item, override_minor: int | None, cap_minor: int) -> int:
    """The line amount of a fire in minor units; refused above the cap, never clamped."""
    if override_minor is not None and not may_override(item):
        raise Refused(
            f"The amount of “{item.name}” is fixed by the item and cannot be changed.",
            code="OVERRIDE_NOT_ALLOWED",
        )
    line = money.check_amount(item.unit_price_minor if override_minor is None else override_minor)
    if line > cap_minor:
        raise AmountRefused(
            f"{money.to_text(line, item.currency)} {item.currency} is above this item's cap of "
            f"{money.to_text(cap_minor, item.currency)} {item.currency}. "
            "Charge less, or raise the cap on the item.",
            code="AMOUNT_EXCEEDS_CAP",
        )
    return line


def decide_metric(item: Item, sent: object) -> Metric:
    """Check the metric value against the item's condition (recorded also in other modes)."""
    if sent is None or sent == "":
        if item.trigger_mode == "threshold":
            raise Refused("This item needs a metric value.", code="METRIC_REQUIRED")
        return Metric(None, True)
    if item.trigger_mode == "event":
        raise Refused("An event item takes no metric value.", code="METRIC_NOT_ALLOWED")
    value = _number(sent)
    if item.condition is None or item.threshold is None:
        return Metric(str(sent).strip(), True)
    bound = Decimal(item.threshold)
    held = {"lte": value <= bound, "gte": value >= bound, "eq": value == bound}[item.condition]
    return Metric(str(sent).strip(), held)


def add_tax(line_minor: int, rate_ppm: int, *, included: bool) -> Sums:
    """Sums of a line with tax at ``rate_ppm`` parts per million, rounded half away from zero."""
    if included:
        tax = money.divide_rounded(line_minor * rate_ppm, PPM + rate_ppm)
        return Sums(line_minor, line_minor - tax, tax, line_minor)
    tax = money.divide_rounded(line_minor * rate_ppm, PPM)
    return Sums(line_minor, line_minor, tax, line_minor + tax)


def check_item(item: Item, company: Company) -> None:
    """Refuse an item that could never fire as it says; every problem under its field's name."""
    problems: dict[str, str] = {}
    if item.trigger_mode not in TRIGGER_MODES:
        problems["trigger_mode"] = "Choose a trigger mode."
    if item.capture_mode not in CAPTURE_MODES:
        problems["capture_mode"] = "Choose a capture mode."
    if item.trigger_mode in OPEN_MODES and not item.allow_override:
        problems["allow_override"] = "Variable and event items need “amount may be changed” on."
    if item.unit_price_minor > effective_cap(item, company):
        cap = money.to_text(effective_cap(item, company), item.currency)
        problems["max_capture"] = f"The price is above the cap of {cap}. Raise the cap."
    if not 0 <= item.tax_rate_ppm <= PPM:
        problems["tax_rate"] = "A tax rate lies between 0 and 100 percent."
    problems |= _check_condition(item)
    if problems:
        raise FieldsRefused(problems)


def advice(item: Item) -> str:
    """Advice (never a block) on the item's modes; empty when there is none."""
    if item.trigger_mode in OPEN_MODES and item.capture_mode == "off_session":
        return (
            "The amount can differ each time, so let the client confirm: "
            "choose “client confirms” unless a contract says otherwise."
        )
    return ""


def _check_condition(item: Item) -> dict[str, str]:
    if item.trigger_mode == "event":
        if item.condition or item.threshold or item.floor:
            return {"condition": "An event item has no condition, threshold or floor."}
        return {}
    if item.trigger_mode == "threshold" and not (item.condition and item.threshold):
        return {"threshold": "A threshold item needs a condition and a threshold."}
    if item.condition and item.condition not in CONDITIONS:
        return {"condition": "A condition is lte, gte or eq."}
    if bool(item.condition) != bool(item.threshold):
        return {"threshold": "A condition and its threshold go together."}
    return _check_bounds(item)


def _check_bounds(item: Item) -> dict[str, str]:
    bounds = {"threshold": item.threshold, "floor": item.floor}
    numbers: dict[str, Decimal] = {}
    for name, typed in bounds.items():
        try:
            if typed:
                numbers[name] = _number(typed)
        except Refused as refusal:
            return {name: refusal.sentence}
    if len(numbers) == len(bounds) and numbers["floor"] > numbers["threshold"]:
        return {"floor": "The floor may not exceed the threshold."}
    return {}


def _number(sent: object) -> Decimal:
    typed = str(sent).strip()
    if isinstance(sent, bool) or not _PLAIN.fullmatch(typed):
        raise Refused("A metric value is a plain number, for example 98.5.", code="METRIC_INVALID")
    return Decimal(typed)
