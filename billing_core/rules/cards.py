"""When a stored card ends: the last day of its month, and how long before that it is said."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

from billing_core.rules.nouns import PaymentMethod

AHEAD = timedelta(days=30)


def last_day(method: PaymentMethod) -> date:
    """The last day on which the card can be charged."""
    last = monthrange(method.exp_year, method.exp_month)[1]
    return date(method.exp_year, method.exp_month, last)


def standing(method: PaymentMethod, today: date) -> str:
    """``expired``, ``expiring`` (within ``AHEAD``) or ``fine``."""
    if last_day(method) < today:
        return "expired"
    return "expiring" if last_day(method) <= today + AHEAD else "fine"


def months_to_watch(today: date) -> tuple[tuple[int, int], ...]:
    """(month, year) of the cards that end within ``AHEAD``, or ended since last month."""
    first, last = today.replace(day=1) - timedelta(days=1), today + AHEAD
    months = range(first.year * 12 + first.month - 1, last.year * 12 + last.month)
    return tuple((number % 12 + 1, number // 12) for number in months)
