"""Invoice numbers without a gap under eight writers, and writers of one file that take turns."""

from __future__ import annotations

import signal
from pathlib import Path

from tests import books
from tests.races import audit, ground
from tests.races.counts import COUNTS, slowdown
from tests.races.figures import tell

WRITERS = 8
LEAST_SHARE = 0.5
LONGEST_WAIT_S = 0.25


def _begin(seeded: books.Seeded, folder: Path, much: str) -> list[ground.Process]:
    """Eight processes that wait at the same line, let go together."""
    started = [
        ground.script(
            "writing", seeded.customer, seeded.item, f"writer-{number}", much,
            log=folder / f"writer-{number}.log",
        )
        for number in range(WRITERS)
    ]  # fmt: skip
    for writer in started:
        assert writer.lines.get(timeout=ground.READY_WITHIN_S) == "ready", "a writer did not start"
    for writer in started:
        writer.tell("go")
    return started


def _results(writers: list[ground.Process]) -> list[tuple[int, float]]:
    """(fired, longest wait in seconds) of each."""
    said = [writer.all_lines()[-1].split(" ") for writer in writers]
    return [(int(fired), float(wait)) for fired, wait in said]


def _close(writers: list[ground.Process]) -> None:
    for writer in writers:
        writer.close()


def test_numbers_have_no_gap_under_eight_writers(seeded: books.Seeded, tmp_path: Path) -> None:
    writers = _begin(seeded, tmp_path, str(COUNTS.invoices))
    try:
        results = _results(writers)
    finally:
        _close(writers)
    assert [fired for fired, _ in results] == [COUNTS.invoices] * WRITERS
    assert len(audit.charges()) == WRITERS * COUNTS.invoices
    audit.check_books()
    tell(f"numbers: {WRITERS * COUNTS.invoices} invoices by {WRITERS} writers, no gap, none twice")


def test_a_writer_killed_with_a_number_in_hand_leaves_no_gap(
    seeded: books.Seeded, tmp_path: Path
) -> None:
    writers = _begin(seeded, tmp_path, str(COUNTS.invoices))
    try:
        doomed, others = writers[:3], writers[3:]
        for writer in doomed:
            writer.kill(signal.SIGKILL)
        results = _results(others)
    finally:
        _close(writers)
    assert [fired for fired, _ in results] == [COUNTS.invoices] * len(others)
    assert len(audit.charges()) >= len(others) * COUNTS.invoices
    audit.check_books()


def test_writers_take_fair_turns(seeded: books.Seeded, tmp_path: Path, database: str) -> None:
    writers = _begin(seeded, tmp_path, f"{COUNTS.fair_s}s")
    try:
        results = _results(writers)
    finally:
        _close(writers)
    counts, longest = [fired for fired, _ in results], max(wait for _, wait in results)
    share = min(counts) / max(counts)
    tell(
        f"turns, {database.partition(':')[0].partition('+')[0]}: {sum(counts)} fires in "
        f"{COUNTS.fair_s} s by {WRITERS} writers; slowest/fastest {share:.2f}; "
        f"longest wait {longest:.2f} s"
    )
    assert share >= LEAST_SHARE, counts
    assert longest <= LONGEST_WAIT_S * slowdown(), results
    audit.check_numbers()
