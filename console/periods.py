"""A stretch of time on the clocks of the reporting zone, chosen by name or by two days.

What is chosen stands in the page's address. Days are included, the last one too.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

from billing_core import clock
from billing_core.documents import wording as spoken
from console import cache, widgets

ALL, CUSTOM = "All time", "Custom"
PRESETS = (
    "This month",
    "Last month",
    "This quarter",
    "This year",
    "Last 12 months",
    ALL,
    CUSTOM,
)
_YEAR, _QUARTER = 12, 3


@dataclass(frozen=True, slots=True)
class Period:
    """``first`` to ``last``, both included, in ``zone``; None is an open end."""

    first: date | None
    last: date | None
    zone: str

    @property
    def since(self) -> datetime | None:
        """The moment the first day begins."""
        return _begins(self.first, self.zone) if self.first else None

    @property
    def until(self) -> datetime | None:
        """The moment after the last day has ended."""
        return _begins(self.last + timedelta(days=1), self.zone) if self.last else None

    def words(self) -> str:
        """``December 1, 2025 to November 22, 2026 (America/New_York)``."""
        zone = f"({self.zone})"
        if self.first and self.last:
            return f"{spoken.day(self.first)} to {spoken.day(self.last)} {zone}"
        if self.first:
            return f"From {spoken.day(self.first)} on {zone}"
        return f"Up to {spoken.day(self.last)} {zone}" if self.last else f"All time {zone}"


def choose(label: str, *, key: str = "period", default: str = "Last 12 months") -> Period | None:
    """The period that the address and the buttons say; None, and why, where it cannot be one."""
    company = cache.company()
    chosen = st.pills(
        label,
        PRESETS,
        default=default,
        required=True,
        key=key,
        label_visibility="collapsed",
        bind="query-params",
    )
    today = clock.today(company.reporting_zone)
    if chosen != CUSTOM:
        return Period(*preset(chosen or default, today), company.reporting_zone)
    period = Period(*_two_days(today), company.reporting_zone)
    if period.first and period.last and period.first > period.last:
        widgets.problem("The first day lies after the last one.")
        return None
    return period


def preset(name: str, today: date) -> tuple[date | None, date | None]:
    """The first and last day of a preset on the day ``today``; the present one ends today."""
    this_month = today.replace(day=1)
    first = {
        "This month": this_month,
        "Last month": _months_before(this_month, 1),
        "This quarter": _months_before(this_month, (today.month - 1) % _QUARTER),
        "This year": date(today.year, 1, 1),
        "Last 12 months": _months_before(this_month, _YEAR - 1),
    }.get(name)
    last = this_month - timedelta(days=1) if name == "Last month" else today
    return first, (last if first else None)


def _two_days(today: date) -> tuple[date | None, date | None]:
    names = (("From", "from", today.replace(day=1)), ("To", "to", today))
    with st.container(horizontal=True):
        chosen: list[Any] = [
            st.date_input(
                label,
                value=value,
                min_value=date(2000, 1, 1),
                max_value=date(today.year + 10, 12, 31),
                key=key,
                width=180,
                format="YYYY-MM-DD",
                bind="query-params",
            )
            for label, key, value in names
        ]
    first, last = (day if isinstance(day, date) else None for day in chosen)
    return first, last


def _months_before(first: date, months: int) -> date:
    count = first.year * _YEAR + first.month - 1 - months
    return date(count // _YEAR, count % _YEAR + 1, 1)


def _begins(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(0), tzinfo=clock.zone(zone))
