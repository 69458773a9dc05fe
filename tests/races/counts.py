"""How much of everything: ``RACES=small`` while writing, nothing in `make test`, ``full`` nightly.

The full figures are those that the product promises; the others only show that nothing broke.
"""

from __future__ import annotations

import os
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counts:
    """What one run of this folder does."""

    salvos: int
    duels: int
    invoices: int
    fair_s: float
    kills: int
    restarts: int
    visits: int
    strolls: int
    waits_for_leases: bool


_SIZES = {
    "small": Counts(1, 2, 4, 1.0, 4, 1, 1, 1, False),
    "": Counts(2, 2, 8, 1.5, 6, 1, 5, 1, False),
    "full": Counts(50, 25, 100, 10.0, 200, 10, 20, 20, True),
}
COUNTS = _SIZES[os.environ.get("RACES", "")]


def slowdown() -> float:
    """How much slower everything may be here: a machine that others use as well, by its load."""
    return max(1.0, 2 * os.getloadavg()[0] / (os.cpu_count() or 1))


#: Simultaneous presses of one button.
AT_ONCE = 64
#: No test of this folder may hang; the longest one of a full run is the killing.
LIMIT_S = 3600 if os.environ.get("RACES") == "full" else 180
