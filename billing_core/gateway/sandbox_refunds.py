"""The sandbox sends money back: at once, never more than came, the same key once."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime

from billing_core import clock, ids
from billing_core.errors import Declined, Misused, NotFound
from billing_core.gateway.port import KEY_REUSED, SeenRefund
from billing_core.gateway.sandbox_disputes import disputed_minor, give_up

REFUNDS = """
CREATE TABLE IF NOT EXISTS refunds (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, payment TEXT NOT NULL, amount_minor INTEGER NOT
    NULL, currency TEXT NOT NULL, metadata TEXT NOT NULL, made_at TEXT NOT NULL);
"""
_COLUMNS = "id, payment, amount_minor, currency, metadata, made_at"


class SandboxRefunds:
    """The part of the sandbox that sends money back."""

    def _file(self, *, keep: bool = True) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def refund(
        self,
        payment_reference: str,
        *,
        amount_minor: int,
        currency: str,
        reason: str,
        metadata: dict[str, str],
        key: str,
    ) -> SeenRefund:
        """Send money back at once; Declined when it is more than is left."""
        del reason
        with self._file() as file:
            found = _find(file, "key", key)
            if found is not None:
                if (found.amount_minor, found.payment_reference) != (
                    amount_minor,
                    payment_reference,
                ):
                    raise Misused("The same key came with another refund.", code=KEY_REUSED)
                return found
            _check_left(file, payment_reference, amount_minor, currency)
            refund_id, now = ids.new_id("re"), clock.now().isoformat()
            values = (refund_id, key, payment_reference, amount_minor, currency,
                      json.dumps(metadata), now)  # fmt: skip
            file.execute("INSERT INTO refunds VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            give_up(file, payment_reference, amount_minor)
        return self.read_refund(refund_id)

    def read_refund(self, reference: str) -> SeenRefund:
        """The refund as it is: the sandbox's are always done."""
        with self._file() as file:
            found = _find(file, "id", reference)
        if found is None:
            raise NotFound("There is no such refund.")
        return found

    def recent_refunds(self, since: datetime) -> Iterable[SeenRefund]:
        """Refunds made since then."""
        with self._file() as file:
            rows = file.execute(f"SELECT {_COLUMNS} FROM refunds ORDER BY made_at").fetchall()
        found = [_seen(row) for row in rows]
        return [seen for seen in found if seen.booked_at and seen.booked_at >= since]

    def _take_back(self, file: sqlite3.Connection, totals: dict[str, int]) -> None:
        for currency, minor in file.execute(
            "SELECT currency, SUM(amount_minor) FROM refunds GROUP BY currency"
        ):
            totals[currency] = totals.get(currency, 0) - minor


def _check_left(file: sqlite3.Connection, payment: str, amount_minor: int, currency: str) -> None:
    row = file.execute(
        "SELECT orders FROM payments WHERE state = 'complete' AND (payment = ? OR id = ?)",
        (payment, payment),
    ).fetchone()
    if row is None:
        raise Declined("The sandbox took no such payment.")
    order = json.loads(row[0])
    (gone,) = file.execute(
        "SELECT COALESCE(SUM(amount_minor), 0) FROM refunds WHERE payment = ?", (payment,)
    ).fetchone()
    gone += disputed_minor(file, payment)
    if order["currency"] != currency or amount_minor > order["amount_minor"] - gone:
        raise Declined("This is more than is left of the payment.")


def _find(file: sqlite3.Connection, column: str, value: str) -> SeenRefund | None:
    row = file.execute(f"SELECT {_COLUMNS} FROM refunds WHERE {column} = ?", (value,)).fetchone()
    return None if row is None else _seen(row)


def _seen(row: tuple[str, str, int, str, str, str]) -> SeenRefund:
    return SeenRefund(
        reference=row[0],
        outcome="succeeded",
        amount_minor=row[2],
        currency=row[3],
        payment_reference=row[1],
        booked_at=datetime.fromisoformat(row[5]),
        metadata=json.loads(row[4]),
    )
