"""People who send money back, one or two at once, and who charge a stored card once more."""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from billing_core.rules.nouns import Actor
from tests.books import OPERATOR
from tests.simulator.desk import Desk
from tests.simulator.story import Story
from tests.simulator.world import Script, Wait

SECOND = Actor("operator", "op_second", "Second operator")
MOST_LOOKS = 300
#: "" is all that is left.
BACK = ("", "", "", "5.00", "12.34", "600.00")
REASONS = ("requested_by_customer", "duplicate", "other")
_TOP_UP = "UPDATE methods SET does = 'pays' WHERE does = 'declines'"


@dataclass
class Till:
    """The people at the till; they use the desk's buttons."""

    rng: random.Random
    story: Story
    desk: Desk

    def give_back(self, times: int) -> Script:
        """Refund what is paid: all of it or parts, alone or two people at the same moment."""
        for _ in range(times):
            charge = yield from self._find("captured")
            if not charge:
                return
            people = self.rng.choice(((OPERATOR,), (OPERATOR, SECOND)))
            values = {"charge": charge, "reason": self.rng.choice(REASONS), "note": ""}
            each = [values | {"amount": self.rng.choice(BACK)} for _ in people]
            yield from self.desk.press_together(
                [("refund", typed, who) for typed, who in zip(each, people, strict=True)]
            )
            yield Wait(self.desk.think())

    def charge_again(self, times: int) -> Script:
        """Retry what a stored card declined; now and then its owner has topped it up meanwhile."""
        for _ in range(times):
            charge = yield from self._find("failed")
            if not charge:
                return
            if self.rng.random() < 0.6:
                self.story.ground.bank.execute(_TOP_UP)
            people = self.rng.choice(((OPERATOR,), (OPERATOR, SECOND)))
            yield from self.desk.press_together(
                [("retry", {"charge": charge}, who) for who in people]
            )
            yield Wait(self.desk.think())

    def _find(self, state: str) -> Generator[Any, Any, str]:
        """A charge in this state, waited for; "" when none comes."""
        for _ in range(MOST_LOOKS):
            there = sorted(c for c, now in self.story.states.items() if now == state)
            if there:
                return self.rng.choice(there)
            yield Wait(self.rng.uniform(1, 60))
        return ""
