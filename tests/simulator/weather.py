"""What goes wrong and how often: drawn from the seed, nothing at all once the world is healed."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

#: What may happen to one writing transaction. ``unknown``: it is committed, the answer is lost.
COMMIT_FATES = (
    "busy", "before", "unknown", "broken before", "broken after", "crash before", "crash after",
)  # fmt: skip
#: What may happen to one call to the gateway.
CALL_FATES = ("down before", "down after", "slow before", "slow after")


@dataclass(frozen=True, slots=True)
class Climate:
    """How rough one life is: chances per transaction, call and hand-over.

    ``only`` names the one kind of process that the database fails, "" all of them.
    """

    database: float = 0.0
    disk_full: float = 0.0
    reading: float = 0.0
    gateway: float = 0.0
    stalls: float = 0.0
    liar: bool = False
    only: str = ""


CALM = Climate()
SHOWERS = Climate(database=0.03, disk_full=0.02, reading=0.01, gateway=0.1, stalls=0.03)
SILENCE = Climate(gateway=0.5, stalls=0.05)
STORM = Climate(database=0.12, disk_full=0.05, reading=0.03, gateway=0.15, stalls=0.1)
PAY_FAILS = Climate(database=0.3, disk_full=0.1, gateway=0.2, stalls=0.05, only="pay")
DESK_FAILS = Climate(database=0.3, disk_full=0.1, gateway=0.2, only="console")
LIAR = Climate(database=0.02, gateway=0.1, stalls=0.05, liar=True)
#: How often each is drawn.
CLIMATES = (
    (CALM, 2), (SHOWERS, 4), (SILENCE, 2), (STORM, 2), (PAY_FAILS, 2), (DESK_FAILS, 1), (LIAR, 2),
)  # fmt: skip


@dataclass
class Weather:
    """Draws fates from the life's own chance until ``heal``."""

    rng: random.Random
    climate: Climate = CALM
    drawn: dict[str, int] = field(default_factory=dict)

    def heal(self) -> None:
        """From now on everything works."""
        self.climate = CALM

    def of_commit(self, process: str) -> str:
        """The fate of one writing transaction, or ""."""
        chance, here = self.rng.random(), self.climate
        if here.only not in ("", process):
            return ""
        if chance < here.disk_full:
            return self._count("disk full")
        if chance < here.disk_full + here.database:
            return self._count(self.rng.choice(COMMIT_FATES))
        return ""

    def of_reading(self) -> str:
        """The fate of one look at the books, or ""."""
        return self._count("unreadable") if self.rng.random() < self.climate.reading else ""

    def of_call(self) -> str:
        """The fate of one call to the gateway, or ""."""
        if self.rng.random() < self.climate.gateway:
            return self._count(self.rng.choice(CALL_FATES))
        return ""

    def lies(self, chance: float) -> bool:
        """True when the gateway calls a session cancelled and takes money for it all the same."""
        return self.climate.liar and self.rng.random() < chance

    def delay_s(self) -> float:
        """How long one hand-over takes: mostly nothing, now and then a stalled process."""
        chance = self.rng.random()
        if chance < self.climate.stalls:
            return self.rng.uniform(1, 60)
        return self.rng.uniform(0, 0.5) if chance > 0.8 else self.rng.uniform(0, 0.005)

    def slow_s(self) -> float:
        """How long a slow gateway takes."""
        return self.rng.uniform(1, 100)

    def _count(self, fate: str) -> str:
        self.drawn[fate] = self.drawn.get(fate, 0) + 1
        return fate


def draw(rng: random.Random) -> Climate:
    """The climate of one life."""
    climates, weights = zip(*CLIMATES, strict=True)
    found: Climate = rng.choices(climates, weights)[0]
    return found
