"""Which lives each planted mistake and each missing path needs before it is noticed.

A change of what a flow reads or writes gives other lives to the same seeds, so rows that were found
at once may have to search, or find nothing any more. This looks through ``LIVES`` lives for each
row and says where they would be found at once. Look first whether the checker still sees it.

    python -m tests.simulator.tune            every row
    python -m tests.simulator.tune nonce      rows whose name holds that word
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from tests.simulator.crowd import stage
from tests.simulator.ground import Ground
from tests.simulator.life import Verdict, live
from tests.simulator.planted import PLANTED
from tests.simulator.recovery import TABLE

LIVES = 600
#: A row that searches through no more than so many lives is left alone.
FEW = 5


@dataclass(frozen=True)
class Row:
    """One row of either table: how to live one of its lives, and who has to complain."""

    name: str
    checker: str
    seed: int
    within: int
    life: Callable[[int], Verdict]

    def needs(self, first: int, most: int) -> int | None:
        """How many lives from ``first`` on until the checker complains; None if never."""
        for many in range(1, most + 1):
            problems = self.life(first + many - 1).problems
            if self.checker in {invariant for invariant, _ in problems}:
                return many
        return None


def rows(ground: Ground) -> Iterator[Row]:
    """Every row that has to be noticed."""
    for off in (off for off in TABLE if off.checker):
        life = partial(live, ground, without=off.without, climate=off.climate)
        yield Row("+".join(off.without), off.checker, off.seed, off.lives, life)
    for planted in PLANTED:
        life = partial(
            live, ground, planted=planted.bug, schema=planted.schema, climate=planted.climate
        )
        yield Row(planted.name, planted.checker, planted.seed, planted.within, life)


def main(words: list[str]) -> int:
    """One line a row; 1 when a row is not noticed within its own lives."""
    lost = 0
    with stage() as ground:
        gc.collect()
        for row in rows(ground):
            if words and not any(word in row.name for word in words):
                continue
            needed = row.needs(row.seed, row.within)
            said = f"{row.name} {row.checker}: {needed or 'none'} of {row.within} from {row.seed}"
            if needed is None:
                lost += 1
                after = row.seed + row.within
                more = row.needs(after, LIVES)
                said += f"; at once from {after + more - 1}" if more else f", nor of {LIVES} more"
            elif needed > FEW:
                said += f"; at once from {row.seed + needed - 1}"
            sys.stdout.write(f"{said}\n")
            sys.stdout.flush()
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
