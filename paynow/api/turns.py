"""Requests under one idempotency key take turns in this process; the database orders processes.

A repetition waits for the first request's answer instead of holding a thread while it waits.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import anyio

from billing_core.errors import StillRunning

WAIT_S = 20.0


@dataclass(slots=True)
class _Turn:
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    waiting: int = 0


class Turns:
    """One lock for each key in use; forgotten when nobody uses it any more."""

    def __init__(self) -> None:
        self._turns: dict[tuple[str, str], _Turn] = {}

    @asynccontextmanager
    async def taken(self, secret: str, key: str | None) -> AsyncIterator[None]:
        """Hold the turn of ``key``. StillRunning when it does not come in time."""
        if key is None:
            yield
            return
        name = (secret, key)
        turn = self._turns.setdefault(name, _Turn())
        turn.waiting += 1
        try:
            with anyio.move_on_after(WAIT_S) as waited:
                await turn.lock.acquire()
            if waited.cancelled_caught:
                raise StillRunning("The same request is still at work. Ask again shortly.")
            try:
                yield
            finally:
                turn.lock.release()
        finally:
            turn.waiting -= 1
            if not turn.waiting:
                self._turns.pop(name, None)

    def __len__(self) -> int:
        return len(self._turns)
