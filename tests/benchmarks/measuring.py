"""How a figure is taken: ours and a floor in turn, the median of the rounds, one JSON line.

Machines are shared and noisy, so only the ratio within one run counts.
"""

from __future__ import annotations

import json
import statistics
import sys
from collections.abc import Callable
from dataclasses import dataclass

ROUNDS = 5


@dataclass(frozen=True)
class Measure:
    """One line. ``ours`` and ``floor`` are in ``unit``; ``goal`` is what ``ratio`` must reach.

    With ``at_least`` the ratio (ours ÷ floor) must not be below the goal, else not above it.
    """

    name: str
    ours: float
    floor: float
    goal: float
    unit: str
    rounds: int
    at_least: bool = True
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours ÷ floor."""
        return self.ours / self.floor if self.floor else 0.0

    @property
    def ok(self) -> bool:
        """True when the goal is reached."""
        return self.ratio >= self.goal if self.at_least else self.ratio <= self.goal

    def say(self) -> None:
        """Print it as one JSON line."""
        line = {
            "name": self.name, "ours": round(self.ours, 3), "floor": round(self.floor, 3),
            "ratio": round(self.ratio, 3), "goal": self.goal, "ok": self.ok, "unit": self.unit,
            "rounds": self.rounds,
        }  # fmt: skip
        sys.stdout.write(json.dumps(line | ({"note": self.note} if self.note else {})) + "\n")
        sys.stdout.flush()


def in_turn(
    ours: Callable[[], float], floor: Callable[[], float], *, rounds: int = ROUNDS
) -> tuple[float, float]:
    """Medians of both, measured one after the other in each round; the first round is left out."""
    ours(), floor()
    pairs = [(ours(), floor()) for _ in range(rounds)]
    return statistics.median(a for a, _ in pairs), statistics.median(b for _, b in pairs)
