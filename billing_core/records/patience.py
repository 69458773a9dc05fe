"""Trying a whole flow again when the database lost a race, not when a rule said no.

A deadlock, a serialization failure or a lock time-out has certainly changed nothing: the flow runs
again. A connection that broke may have committed, and so may an earlier transaction of the flow:
then only a flow that reads its own result back, by key or by what it finds, may run again.
"""

from __future__ import annotations

import functools
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import ParamSpec, TypeVar

from sqlalchemy.exc import DBAPIError

from billing_core import ids
from billing_core.errors import BillingError

P = ParamSpec("P")
R = TypeVar("R")
ReadBack = Callable[[dict[str, object]], bool]
MOST_TRIES = 5
FIRST_PAUSE_S = 0.05
_LOST_A_RACE = frozenset({"40001", "40P01", "55P03"})
_RESTARTING = ("57P01", "57P02", "57P03", "08")
_commits: ContextVar[int] = ContextVar("countersign_commits", default=0)
_SQLITE_BUSY = ("database is locked", "database table is locked")


def patiently(flow: Callable[P, R]) -> Callable[P, R]:
    """Run ``flow`` again after a lost race; after a lost connection only if it came with a key."""
    return _again(flow, read_back=lambda kwargs: bool(kwargs.get("key")))


def repeatably(flow: Callable[P, R]) -> Callable[P, R]:
    """As ``patiently``, for a flow whose repetition is harmless by itself."""
    return _again(flow, read_back=lambda kwargs: True)


def note_commit() -> None:
    """A writing transaction of the flow that runs here is in the books."""
    _commits.set(_commits.get() + 1)


def _again(
    flow: Callable[P, R], *, read_back: Callable[[dict[str, object]], bool]
) -> Callable[P, R]:
    @functools.wraps(flow)
    def patient(*args: P.args, **kwargs: P.kwargs) -> R:
        for attempt in range(1, MOST_TRIES):
            before = _commits.get()
            try:
                return flow(*args, **kwargs)
            except (DBAPIError, BillingError) as error:
                harmless = _changed_nothing(error) and _commits.get() == before
                if not harmless and not (_is_outage(error) and read_back(dict(kwargs))):
                    raise
            time.sleep(FIRST_PAUSE_S * 2**attempt * (0.5 + ids.jitter()))
        return flow(*args, **kwargs)

    return patient


def _changed_nothing(error: DBAPIError | BillingError) -> bool:
    """True when the transaction that failed was rolled back, or never began."""
    if isinstance(error, DBAPIError):
        return is_lost_race(error)
    return error.code == "DATABASE_DOWN"


def _is_outage(error: DBAPIError | BillingError) -> bool:
    """True for whatever the database did to us, as opposed to what a rule said."""
    if isinstance(error, DBAPIError):
        return is_lost_race(error) or is_broken(error)
    return error.code in ("DATABASE_DOWN", "DATABASE_LOST")


def is_lost_race(error: DBAPIError) -> bool:
    """True when the transaction was certainly rolled back and another one won."""
    state = getattr(error.orig, "sqlstate", None)
    return state in _LOST_A_RACE or str(error.orig) in _SQLITE_BUSY


def is_broken(error: DBAPIError) -> bool:
    """True when the connection broke: what it did is unknown."""
    state = getattr(error.orig, "sqlstate", None) or ""
    return error.connection_invalidated or state.startswith(_RESTARTING)
