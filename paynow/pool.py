"""A small bounded thread pool for everything that writes or calls outside.

Handlers are async; what blocks goes through here, so that a slow gateway or a locked file never
stops the pages from being read. No more may wait than could be served in good time.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
from anyio import CapacityLimiter, Event, to_thread
from anyio.abc import TaskGroup

from billing_core.errors import BillingError, BooksBroken
from paynow.limits import Refusal

log = logging.getLogger("paynow")

P = ParamSpec("P")
T = TypeVar("T")
THREADS = 8
MOST_WAITING = 256


class Pool:
    """``THREADS`` threads, ``MOST_WAITING`` in the queue, and hints that run once at a time."""

    def __init__(self, *, threads: int = THREADS, most_waiting: int = MOST_WAITING) -> None:
        self._threads = threads
        self._most_waiting = most_waiting
        self._inside = 0
        self._limiter: CapacityLimiter | None = None
        self._tasks: TaskGroup | None = None
        self._hints: dict[str, Event] = {}
        #: How often this process has met books that do not hold.
        self.broken = 0

    def open(self, tasks: TaskGroup) -> None:
        """Start: hints live in ``tasks``, the application's own task group."""
        self._limiter = CapacityLimiter(self._threads)
        self._tasks = tasks

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """``work`` in a thread; what it raises is raised here. Refusal 503 when too many wait."""
        if self._inside >= self._threads + self._most_waiting:
            raise Refusal(503, "Too many people are here at once.", retry_after_s=2)
        self._inside += 1
        try:
            return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._limiter)
        except BooksBroken:
            self.broken += 1
            raise
        finally:
            self._inside -= 1

    async def hint(self, name: str, work: Callable[[], object], *, within_s: float) -> bool:
        """Have ``work`` done once however many ask, and wait for it ``within_s`` at most.

        True when it was done in time. It goes on afterwards; its failure is its own.
        """
        assert self._tasks is not None
        done = self._hints.get(name)
        if done is None:
            if len(self._hints) >= self._most_waiting:
                return False
            done = self._hints[name] = Event()
            self._tasks.start_soon(self._do, name, work, done)
        with anyio.move_on_after(within_s):
            await done.wait()
        return done.is_set()

    async def _do(self, name: str, work: Callable[[], object], done: Event) -> None:
        try:
            await self.run(work)
        except BooksBroken:
            # nobody waits for this answer: the log and /readyz say it instead
            log.exception("the books do not hold")
        except BillingError as error:
            log.info("a hint could not be followed: %s", error.code)
        except Refusal:
            pass
        except Exception:
            log.exception("a hint failed")
        finally:
            self._hints.pop(name, None)
            done.set()
