"""Views: graded, counted, bounded, written apart from the request, and never in its way."""

from __future__ import annotations

from collections.abc import Sequence

import anyio
import pytest

from billing_core.flows.record_views import Sighting
from billing_core.rules.nouns import Visit
from paynow.views import AUTOMATED, LIKELY_PERSON, PERSON, ViewQueue, grade
from tests.conftest import Clock
from tests.paynow.finishing import finish

PHONE = {
    "user-agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605.1.15",
    "accept": "text/html,application/xhtml+xml",
    "accept-language": "en-US",
}


@pytest.mark.parametrize(
    ("method", "changed", "wanted"),
    [
        ("GET", {}, LIKELY_PERSON),
        ("GET", {"sec-fetch-mode": "navigate"}, LIKELY_PERSON),
        ("HEAD", {}, AUTOMATED),
        ("GET", {"user-agent": ""}, AUTOMATED),
        ("GET", {"user-agent": "curl/8.5.0"}, AUTOMATED),
        ("GET", {"user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1)"}, AUTOMATED),
        ("GET", {"user-agent": "Mozilla/5.0 HeadlessChrome/146"}, AUTOMATED),
        ("GET", {"user-agent": "Mozilla/5.0 BingPreview/1.0b"}, AUTOMATED),
        ("GET", {"sec-purpose": "prefetch;prerender"}, AUTOMATED),
        ("GET", {"purpose": "preview"}, AUTOMATED),
        ("GET", {"accept-language": ""}, AUTOMATED),
        ("GET", {"accept": "*/*"}, AUTOMATED),
        ("GET", {"sec-fetch-mode": "no-cors"}, AUTOMATED),
    ],
)
def test_looking_is_graded(method: str, changed: dict[str, str], wanted: str) -> None:
    assert grade(method, PHONE | changed) == wanted


def test_nobody_is_a_person_for_looking() -> None:
    assert PERSON not in {grade(m, PHONE, page=p) for m in ("GET", "HEAD") for p in (True, False)}


class _Written:
    def __init__(self, *, fails: bool = False) -> None:
        self.batches: list[Sequence[Sighting]] = []
        self.fails = fails

    async def __call__(self, sightings: Sequence[Sighting]) -> None:
        if self.fails:
            raise OSError("the disk is full")
        self.batches.append(sightings)

    @property
    def all(self) -> list[Sighting]:
        return [sighting for batch in self.batches for sighting in batch]


def _note(queue: ViewQueue, link: str = "ln_1", grade: str = LIKELY_PERSON) -> None:
    queue.note(link, "invoice.viewed", grade, Visit(address="203.0.113.9"))


def _flush(queue: ViewQueue, link: str | None = None) -> None:
    finish(queue.flush, link)


def test_one_event_per_link_grade_and_hour_with_a_counter(driven_clock: Clock) -> None:
    written = _Written()
    queue = ViewQueue(written)
    _note(queue)
    _note(queue)
    _note(queue, grade=AUTOMATED)
    _flush(queue)
    for _ in range(5):
        driven_clock.advance(minutes=5)
        _note(queue)
        _flush(queue)
    assert [(s.grade, s.count) for s in written.all] == [(LIKELY_PERSON, 2), (AUTOMATED, 1)]
    driven_clock.advance(minutes=40)
    _flush(queue)
    assert (written.all[-1].grade, written.all[-1].count) == (LIKELY_PERSON, 5)
    assert len(written.all) == 3


def test_the_time_is_that_of_the_first_look(driven_clock: Clock) -> None:
    written = _Written()
    queue = ViewQueue(written)
    first = driven_clock.now
    _note(queue)
    driven_clock.advance(seconds=1)
    _note(queue)
    _flush(queue)
    assert written.all[0].at == first


def test_an_approval_flushes_its_own_link_only() -> None:
    written = _Written()
    queue = ViewQueue(written)
    _note(queue, "ln_1")
    _note(queue, "ln_2")
    _flush(queue, "ln_1")
    assert [s.link_id for s in written.all] == ["ln_1"]
    assert len(queue) == 1


def test_the_queue_is_bounded_and_counts_what_it_drops() -> None:
    written = _Written()
    queue = ViewQueue(written, most=10)
    for n in range(15):
        _note(queue, f"ln_{n}")
    assert (len(queue), queue.dropped) == (10, 5)
    _flush(queue)
    _note(queue, "ln_new")
    assert len(queue) == 1


def test_a_write_that_fails_is_not_the_readers_trouble(caplog: pytest.LogCaptureFixture) -> None:
    queue = ViewQueue(_Written(fails=True))
    _note(queue)
    _flush(queue)
    assert queue.dropped == 1
    assert "could not be written" in caplog.text


def test_it_runs_by_itself() -> None:
    written = _Written()

    async def live() -> None:
        done = anyio.Event()

        async def write(sightings: Sequence[Sighting]) -> None:
            await written(sightings)
            done.set()

        queue = ViewQueue(write)
        _note(queue)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(lambda: queue.run(every_s=0.01))
            with anyio.fail_after(5):
                await done.wait()
            tasks.cancel_scope.cancel()

    finish(live)
    assert len(written.all) == 1
