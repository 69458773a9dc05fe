"""Recovery paths switched off in turn: redundancy hides dead code.

The table says for each set of paths whether the others carry every life to a right end, or which
invariant has to complain because nothing else does that work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from billing_core import jobs
from billing_core.flows import commands, sandbox_checkout
from billing_core.records import patience, work
from billing_core.rules.nouns import Actor
from tests.simulator import weather
from tests.simulator.entropy import swapped
from tests.simulator.weather import Climate

FOR_EVER_S = 10 * 365 * 86_400


def _no_job() -> AbstractContextManager[None]:
    kinds = jobs._KINDS | {"settle_attempt": lambda job: None}
    return swapped(jobs, "_KINDS", kinds)


def _no_refund_job() -> AbstractContextManager[None]:
    kinds = jobs._KINDS | {"settle_refund": lambda job: None}
    return swapped(jobs, "_KINDS", kinds)


def _no_retry() -> AbstractContextManager[None]:
    really: Callable[..., None] = jobs._end

    def given_up(job: Any, error: Exception, *, final: bool) -> None:
        really(job, error, final=True)

    return swapped(jobs, "_end", given_up)


def _no_finish() -> AbstractContextManager[None]:
    def looked(cmd: str, actor: Actor) -> commands.Command:
        return commands.find_command(cmd, actor)

    return swapped(commands, "finish", looked)


#: A path → what it is → how it is switched off; None where the people of a life leave it out.
PATHS: dict[str, tuple[str, Callable[[], AbstractContextManager[None]] | None]] = {
    "job": ("each attempt's own settlement job", _no_job),
    "refund": ("each refund's own settlement job", _no_refund_job),
    "sweep": ("the settlement sweep", lambda: swapped(jobs, "sweep_attempts", lambda: 0)),
    "client": ("a client who comes back has us look", None),
    "news": ("the gateway's own messages", None),
    "ring": (
        "the doorbell of the sandbox's page",
        lambda: swapped(sandbox_checkout, "_ring", lambda reference: None),
    ),
    "disputes": (
        "the sweep for disputes nobody rang about",
        lambda: swapped(jobs, "sweep_disputes", lambda: 0),
    ),
    "patience": (
        "a flow that lost a race runs again",
        lambda: swapped(patience, "MOST_TRIES", 1),
    ),
    "retry": ("a job that failed is tried again", _no_retry),
    "take-over": (
        "a dead worker's job is taken over",
        lambda: swapped(work, "LEASE_S", FOR_EVER_S),
    ),
    "finish": ("an interrupted press is finished", _no_finish),
}


@dataclass(frozen=True)
class Off:
    """Paths switched off together. ``checker`` "": every life must still end right; otherwise that
    invariant complains within as many lives. ``seed``: the first; ``climate``: their weather.
    """

    without: tuple[str, ...]
    checker: str
    seed: int
    lives: int
    climate: Climate | None = None


#: What any life may have to do without: the other paths are enough.
REDUNDANT = (
    ("job",),
    ("sweep",),
    ("client",),
    ("job", "client"),
    ("sweep", "client"),
    ("patience",),
    ("ring",),
)
TABLE: tuple[Off, ...] = (
    *(Off(paths, "", 1 + 10 * place, 5) for place, paths in enumerate(REDUNDANT)),
    # an honest gateway's message says nothing that a look would not
    Off(("news",), "", 71, 5, weather.STORM),
    # one that called a session cancelled and took money for it is heard by its message alone
    Off(("news",), "I1", 2, 150, weather.LIAR),
    # of the three ways to settle, a client who comes back is no promise
    Off(("job", "sweep"), "I16", 44, 150),
    Off(("job", "sweep", "client"), "I16", 7, 60),
    # a browser that never came back rings for no dispute
    Off(("ring", "disputes"), "I16", 149, 60),
    Off(("disputes",), "I16", 195, 60, weather.PAY_FAILS),
    # a refund whose answer got lost has its job and nothing else
    Off(("refund",), "I16", 14, 40, weather.SILENCE),
    # mail has its job and nothing else
    Off(("retry",), "I11", 1, 30),
    Off(("take-over",), "I11", 5, 60),
    Off(("finish",), "I16", 5, 60, weather.DESK_FAILS),
)


@contextmanager
def switched_off(without: tuple[str, ...]) -> Iterator[None]:
    """Recovery paths that do nothing in this life, so that the others have to carry it."""
    with ExitStack() as held:
        for path in without:
            switch = PATHS[path][1]
            if switch is not None:
                held.enter_context(switch())
        yield
