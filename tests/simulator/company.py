"""The gateway's own file, read past the product: what it took, sent back, and what banks object to.

It is the oracle of every checker; what the sandbox promises is written down here a second time.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from datetime import datetime
from typing import Any

from tests.simulator.ground import rows

Row = dict[str, Any]
#: What the sandbox keeps of every dispute, also of one that is won.
DISPUTE_FEE_MINOR = 1500
#: Payments that can still take money.
_PAYABLE = "SELECT id, orders FROM payments WHERE state IN ('open', 'authenticate')"
_PAID = "SELECT * FROM payments WHERE state = 'complete' ORDER BY completed_at, id"


def payable(bank: sqlite3.Connection, charge: str) -> list[str]:
    """Payments of a charge that can still take money."""
    found = bank.execute(_PAYABLE).fetchall()
    return [r for r, orders in found if json.loads(orders)["metadata"]["charge_id"] == charge]


def paid(bank: sqlite3.Connection) -> list[Row]:
    """What the gateway took money for, in the order it did; the parts of its order beside it."""
    found = rows(bank, _PAID)
    for row in found:
        order = json.loads(row["orders"])
        row |= {name: order[name] for name in ("amount_minor", "currency", "metadata")}
        row["charge_id"] = order["metadata"]["charge_id"]
    return found


def disputes(bank: sqlite3.Connection, now: datetime) -> list[Row]:
    """What is disputed by now. Who gave no answer by the deadline has lost, read or not."""
    charge_of = {row["payment"]: row["charge_id"] for row in paid(bank)}
    found = []
    for row in rows(bank, "SELECT * FROM disputes ORDER BY id"):
        row["charge_id"] = charge_of.get(row["payment"])
        if row["status"] == "open" and datetime.fromisoformat(row["due_at"]) <= now:
            row["status"] = "lost"
        if datetime.fromisoformat(row["opened_at"]) <= now:
            found.append(row)
    return found


def refunds(bank: sqlite3.Connection) -> list[Row]:
    """What was sent back, oldest first."""
    found = rows(bank, "SELECT * FROM refunds ORDER BY made_at, id")
    for row in found:
        row["metadata"] = json.loads(row["metadata"])
    return found


def overdrawn(bank: sqlite3.Connection, now: datetime) -> list[str]:
    """Payments of which more is refunded and disputed at this moment than came (I10)."""
    gone: Counter[str] = Counter()
    for row in (*refunds(bank), *(d for d in disputes(bank, now) if d["status"] != "won")):
        gone[row["payment"]] += row["amount_minor"]
    came = {row["payment"]: row["amount_minor"] for row in paid(bank)}
    return [f"{p}: {minor} of {came.get(p)}" for p, minor in gone.items() if minor > came.get(p, 0)]
