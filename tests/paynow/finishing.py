"""Coroutines in tests: run to their end in a thread of their own.

A browser test before this one leaves its event loop running in the test's thread.
"""

from __future__ import annotations

import contextvars
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import anyio

T = TypeVar("T")


def finish(work: Callable[..., Awaitable[T]], *args: object) -> T:
    """What ``work(*args)`` comes to; it sees the test's own clock."""
    context = contextvars.copy_context()
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(context.run, anyio.run, work, *args).result()
