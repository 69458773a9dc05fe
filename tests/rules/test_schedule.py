"""Dates that follow from dates: nine o'clock stays nine o'clock when the clocks change."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from billing_core.rules import schedule

# both hemispheres, half hours, days that change at midnight, and a day that never was (Apia)
ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu",
         "America/Sao_Paulo", "Africa/Cairo", "Asia/Beirut", "America/Havana", "America/Santiago",
         "Pacific/Apia", "Pacific/Kiritimati", "Pacific/Chatham", "America/St_Johns"]  # fmt: skip
zones = st.sampled_from(ZONES).map(ZoneInfo)
days = st.dates(date(2010, 1, 1), date(2037, 12, 31))
moments = st.integers(1_262_304_000, 2_114_380_800).map(lambda s: datetime.fromtimestamp(s, UTC))
quick = settings(max_examples=400, deadline=None)


@pytest.mark.parametrize(
    ("zone", "fired", "days", "leaves"),
    [
        # New York goes from UTC−5 to UTC−4 on 8 March 2026
        ("America/New_York", "2026-03-06T15:00+00:00", 1, "2026-03-07T14:00+00:00"),
        ("America/New_York", "2026-03-06T15:00+00:00", 3, "2026-03-09T13:00+00:00"),
        ("Europe/Berlin", "2026-10-22T10:00+00:00", 3, "2026-10-25T08:00+00:00"),
        # late in the evening of UTC it is the next day already in Auckland's zone
        ("Pacific/Auckland", "2026-06-01T20:00+00:00", 7, "2026-06-08T21:00+00:00"),
        ("America/Los_Angeles", "2026-06-02T05:00+00:00", 7, "2026-06-08T16:00+00:00"),
        ("Asia/Kathmandu", "2026-06-02T05:00+00:00", 14, "2026-06-16T03:15+00:00"),
    ],
)
def test_reminders_leave_at_nine(zone: str, fired: str, days: int, leaves: str) -> None:
    at = schedule.reminder_at(datetime.fromisoformat(fired), days, ZoneInfo(zone))
    assert at == datetime.fromisoformat(leaves)
    assert at.tzinfo is UTC


@quick
@given(moments, st.integers(0, 60), zones)
def test_nine_local_on_the_right_day_in_every_zone(
    fired: datetime, after: int, zone: ZoneInfo
) -> None:
    local = schedule.reminder_at(fired, after, zone).astimezone(zone)
    wanted = fired.astimezone(zone).date() + timedelta(days=after)
    if (zone.key, wanted) == ("Pacific/Apia", date(2011, 12, 30)):
        return  # the day that Samoa left out
    assert (local.date(), local.hour, local.minute, local.second) == (wanted, 9, 0, 0)


@quick
@given(days, zones)
@example(date(2018, 11, 3), ZoneInfo("America/Sao_Paulo"))  # midnight was skipped
@example(date(2023, 4, 27), ZoneInfo("Africa/Cairo"))
@example(date(2026, 3, 28), ZoneInfo("Asia/Beirut"))
@example(date(2026, 10, 31), ZoneInfo("America/Havana"))  # midnight comes twice
@example(date(2011, 12, 29), ZoneInfo("Pacific/Apia"))
def test_a_day_ends_where_the_next_one_begins(day: date, zone: ZoneInfo) -> None:
    end = schedule.end_of_day(day, zone)
    assert end.tzinfo is UTC
    assert end.astimezone(zone).date() > day
    assert (end - timedelta(microseconds=1)).astimezone(zone).date() <= day


def test_due_dates_are_calendar_days() -> None:
    assert schedule.due_on(date(2026, 1, 30), 30) == date(2026, 3, 1)
    assert schedule.due_on(date(2028, 2, 28), 1) == date(2028, 2, 29)
    assert schedule.due_on(date(2026, 12, 31), 0) == date(2026, 12, 31)


def test_a_link_lives_whole_days_to_the_second() -> None:
    minted = datetime(2026, 3, 1, 12, 30, 15, tzinfo=UTC)
    assert schedule.link_expires_at(minted, 30) == datetime(2026, 3, 31, 12, 30, 15, tzinfo=UTC)


@quick
@given(st.integers(0, 1000), st.floats(0, 1, exclude_max=True))
def test_retries_wait_longer_and_longer_up_to_a_bound(attempts: int, jitter: float) -> None:
    delay = schedule.retry_delay_s(attempts, jitter)
    middle = min(2.0**attempts, 900.0)
    assert middle * 0.75 <= delay <= middle * 1.25
