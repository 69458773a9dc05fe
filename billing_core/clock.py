"""The only reading of the system clock. Demo and tests drive it through a context variable."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_driven: ContextVar[datetime | None] = ContextVar("countersign_clock", default=None)


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return _driven.get() or datetime.now(UTC)


def monotonic_s() -> float:
    """Seconds of a clock that never goes back; only differences mean anything."""
    return time.monotonic()


@contextmanager
def driven(at: datetime) -> Iterator[None]:
    """Hold the clock at ``at`` (aware) inside this context."""
    token = _driven.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _driven.reset(token)


def zone(name: str) -> ZoneInfo:
    """The IANA time zone ``name``; UTC when it is unknown, so that a page never fails over it."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def today(zone_name: str) -> date:
    """The calendar day it is now in ``zone_name``."""
    return now().astimezone(zone(zone_name)).date()


def stamp(at: datetime) -> str:
    """``at`` as evidence writes it: ``YYYY-MM-DDTHH:MM:SS.ffffffZ`` (document 4)."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def read_stamp(text: str) -> datetime:
    """The moment that ``stamp`` wrote."""
    return datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
