"""Calls released in one moment, each in a thread of its own; what each returned or raised."""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def together(calls: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run all ``calls`` at once; their answers, or what they raised, in the same order."""
    gate = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T | Exception:
        gate.wait(30)
        try:
            return call()
        except Exception as error:  # the caller looks at it: that is the point
            return error

    with ThreadPoolExecutor(len(calls)) as threads:
        contexts = [contextvars.copy_context() for _ in calls]
        waiting = [
            threads.submit(c.run, run, call) for c, call in zip(contexts, calls, strict=True)
        ]
        return [done.result(timeout=120) for done in waiting]


def answers(found: Sequence[T | Exception], kind: type[T]) -> list[T]:
    """Those that are of ``kind``; the rest are errors that the test names itself."""
    return [one for one in found if isinstance(one, kind)]
