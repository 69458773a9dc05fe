"""Living through the demo: what happens when, in the order of time, under a driven clock."""

from __future__ import annotations

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from billing_core import clock, jobs
from billing_core.records import db, work

WORKER = "demo"
Progress = Callable[[float], None]
_SATURDAY = 5


@dataclass
class Life:
    """What is still to happen, by time; equal times in the order they were planned."""

    zone: str
    begins: datetime
    ends: datetime
    planned: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    count: int = 0

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        """Let ``what`` happen at ``when``; after the end it never does."""
        if when < self.ends:
            heapq.heappush(self.planned, (when, self.count, what))
            self.count += 1

    def after(self, days: float, what: Callable[[], None]) -> None:
        """Let ``what`` happen so many days from the moment it is planned."""
        self.at(clock.now() + timedelta(days=days), what)

    def office(self, day: date, hour: float) -> datetime:
        """A moment in our office on ``day``, or on the Monday after a weekend."""
        while day.weekday() >= _SATURDAY:
            day += timedelta(days=1)
        return self.local(day, hour, self.zone)

    def local(self, day: date, hour: float, zone: str) -> datetime:
        """The moment at which a clock in ``zone`` shows ``hour`` (9.5 is half past nine)."""
        at = datetime.combine(day, time(0), tzinfo=clock.zone(zone))
        return at + timedelta(hours=hour)

    def tick(self) -> None:
        """Nothing but a moment for the worker."""

    def run(self, progress: Progress | None = None) -> None:
        """Live through it; the worker does what is due after each step."""
        told = -1
        while self.planned:
            when, _, what = heapq.heappop(self.planned)
            with clock.driven(when):
                what()
                work_off()
            share = (when - self.begins) / (self.ends - self.begins)
            if progress and int(share * _STEPS) > told:
                told = int(share * _STEPS)
                progress(share)
        with clock.driven(self.ends):
            work_off()
        if progress:
            progress(1.0)


_STEPS = 200


def work_off() -> None:
    """Let the worker do what is due; without a look at the standing sweep, which has no story."""
    with db.read_only() as connection:
        due = work.next_due(connection)
    if due is not None and due <= clock.now():
        jobs.drain(name=WORKER, standing=False)
