"""Dates that follow from other dates: due, reminders, expiry. Calendar days in a named zone."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

REMINDER_HOUR = 9


def due_on(issued_on: date, terms_days: int) -> date:
    """Invoice date plus terms."""
    return issued_on + timedelta(days=terms_days)


def reminder_at(fired_at: datetime, days: int, zone: tzinfo) -> datetime:
    """09:00 in ``zone``, ``days`` calendar days after the fire, as UTC."""
    day = fired_at.astimezone(zone).date() + timedelta(days=days)
    return datetime.combine(day, time(REMINDER_HOUR), tzinfo=zone).astimezone(UTC)


def link_expires_at(minted_at: datetime, life_days: int) -> datetime:
    """When a link stops working."""
    return minted_at + timedelta(days=life_days)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """The first moment after ``day`` in ``zone``, as UTC."""
    start = datetime.combine(day + timedelta(days=1), time(0), tzinfo=zone)
    return start.astimezone(UTC)


def retry_delay_s(attempts: int, jitter: float) -> float:
    """Capped exponential delay before try ``attempts + 1``: 2, 4, 8 … 900 s, ±25 %."""
    return min(2.0 ** min(attempts, 10), 900.0) * (0.75 + jitter / 2)
