"""I10 at every instant: what goes back of a payment is never more than came, in either file."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

#: Counts against what came: not known yet how it ends, or done.
OPEN = ("pending", "unknown", "processing")
_LIVE = (*OPEN, "succeeded")
_HELD = "SELECT charge_id, SUM(held_minor) FROM disputes GROUP BY charge_id"
_CAME = "SELECT charge_id, gross_minor FROM revenue WHERE kind = 'capture'"


@dataclass
class RefundWatch:
    """Remembers the refunds of the last commit: only what is new has to fit beside a dispute,
    since a bank may object to what is already on its way back.
    """

    states: dict[str, str] = field(default_factory=dict)

    def look(self, books: sqlite3.Connection) -> Iterator[str]:
        """What is wrong after a commit."""
        found = books.execute("SELECT id, charge_id, state, amount_minor FROM refunds").fetchall()
        if not found:
            return
        taken: Counter[str] = Counter()
        for _, charge, state, minor in found:
            taken[charge] += minor if state in _LIVE else 0
        came = dict(books.execute(_CAME).fetchall())
        held = Counter(dict(books.execute(_HELD).fetchall()))
        new = {charge for refund, charge, _, _ in found if refund not in self.states}
        for charge, minor in taken.items():
            all_gone = minor + (held[charge] if charge in new else 0)
            if all_gone > came.get(charge, 0):
                yield f"{charge}: {all_gone} go back of {came.get(charge, 0)}"
        self.states = {refund: state for refund, _, state, _ in found}
