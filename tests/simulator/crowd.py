"""Many lives in several processes: each takes every n-th seed on ground of its own. A process that
dies is itself a violation: no seed is left out without a word.
"""

from __future__ import annotations

import gc
import multiprocessing
import queue
import signal
import threading
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.process import BaseProcess
from typing import Any

from tests.simulator import boundaries, ground
from tests.simulator.ground import Ground
from tests.simulator.life import live

ASK_S = 1.0
LEAVE_S = 30.0
#: Lives keep few cycles: collected between lives, now and then, instead of in the middle of them.
COLLECT_EVERY = 50


@dataclass(frozen=True, slots=True)
class News:
    """What came of one seed; ``report`` is empty where nothing is wrong and nobody asked."""

    seed: int
    broken: bool
    report: str = ""


@contextmanager
def stage() -> Iterator[Ground]:
    """Ground to live on, with failing drivers under it."""
    with ground.opened() as made:
        boundaries.drive(made.url)
        yield made


def one(seed: int, *, without: list[str] | None = None) -> News:
    """One life, told to its end: the replay of a seed."""
    with stage() as made:
        verdict = live(made, seed, without=None if without is None else tuple(without))
    state = "broken" if verdict.problems else "sound"
    told = f"{verdict.report()}\n{state} after {verdict.steps} steps, digest {verdict.digest}"
    return News(seed, bool(verdict.problems), told)


def many(first: int, lives: int, workers: int) -> Iterator[News]:
    """What came of each seed from ``first`` on, as it comes."""
    context = multiprocessing.get_context("spawn")
    told: Any = context.Queue()
    running = [
        context.Process(target=_labour, args=(told, range(first + n, first + lives, workers)))
        for n in range(workers)
    ]
    for process in running:
        process.start()
    try:
        yield from _listen(told, running, lives)
        for process in running:
            process.join(LEAVE_S)
    finally:
        for process in running:
            process.terminate()
            process.join()


def _listen(told: Any, running: list[BaseProcess], lives: int) -> Iterator[News]:
    left = lives
    while left:
        try:
            yield told.get(timeout=ASK_S)
            left -= 1
        except queue.Empty:
            if all(process.exitcode is not None for process in running) and told.empty():
                codes = [process.exitcode for process in running]
                yield News(-1, True, f"{left} lives are missing: the processes ended with {codes}")
                return


def _labour(told: Any, seeds: range) -> None:
    # not in the middle of a life, where an exception would surface in whichever call runs
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    with stage() as made:
        gc.collect()
        gc.freeze()
        gc.disable()
        parent = multiprocessing.parent_process()
        for done, seed in enumerate(seeds):
            if ended.is_set() or (parent is not None and not parent.is_alive()):
                # nobody reads any more: do not wait until everything is told
                told.cancel_join_thread()
                return
            told.put(_live(made, seed))
            if done % COLLECT_EVERY == COLLECT_EVERY - 1:
                gc.collect()


def _live(made: Ground, seed: int) -> News:
    try:
        verdict = live(made, seed)
    except Exception:
        return News(
            seed, True, f"seed {seed}: the simulator itself failed\n{traceback.format_exc()}"
        )
    return News(seed, bool(verdict.problems), verdict.report() if verdict.problems else "")
