"""Chance of the product's ids, salts and jitter, drawn from a seed instead of the machine."""

from __future__ import annotations

import base64
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from billing_core import ids

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Chance:
    """What ``ids`` asks the machine's chance for, from a seeded one."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def randbits(self, bits: int) -> int:
        return self._rng.getrandbits(bits)

    def randbelow(self, limit: int) -> int:
        return self._rng.randrange(limit)

    def token_bytes(self, many: int) -> bytes:
        return self._rng.randbytes(many)

    def token_urlsafe(self, many: int) -> str:
        return base64.urlsafe_b64encode(self._rng.randbytes(many)).rstrip(b"=").decode()


@contextmanager
def swapped(owner: Any, name: str, new: Any) -> Iterator[None]:
    """Put ``new`` in the place of ``owner.name`` for a while."""
    old = getattr(owner, name)
    setattr(owner, name, new)
    try:
        yield
    finally:
        setattr(owner, name, old)


@contextmanager
def seeded_ids(rng: random.Random, now: Callable[[], datetime]) -> Iterator[None]:
    """Let ids follow the seed and virtual time."""

    def time_ns() -> int:
        since = now() - _EPOCH
        return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000

    with ExitStack() as held:
        held.enter_context(swapped(ids, "secrets", Chance(rng)))
        held.enter_context(swapped(ids, "time", SimpleNamespace(time_ns=time_ns)))
        yield
