"""The sandbox's cardholders object: a dispute takes the money at once, and its fee.

Test number 4000 0000 0000 0259 is disputed a minute after it paid. Who gives no answer by the
deadline has lost, as everywhere.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

from billing_core import clock, ids
from billing_core.errors import Declined, NotFound
from billing_core.gateway.port import SeenDispute
from billing_core.rules.nouns import Line

DISPUTES = """
CREATE TABLE IF NOT EXISTS disputes (
    id TEXT PRIMARY KEY, payment TEXT NOT NULL UNIQUE, reason TEXT NOT NULL, amount_minor INTEGER
    NOT NULL, currency TEXT NOT NULL, opened_at TEXT NOT NULL, due_at TEXT NOT NULL,
    status TEXT NOT NULL, decided_at TEXT);
"""
#: When number 0259 is disputed after it paid, and how long there is to answer.
DISPUTED_AFTER, ANSWER_WITHIN = timedelta(minutes=1), timedelta(days=14)
#: What a dispute costs, in minor units of its currency; not given back.
FEE_MINOR = 1500
_COLUMNS = "id, payment, reason, amount_minor, currency, opened_at, due_at, status, decided_at"


class SandboxDisputes:
    """The part of the sandbox whose cardholders object."""

    def _file(self) -> AbstractContextManager[sqlite3.Connection]:
        raise NotImplementedError

    def open_dispute(self, payment_reference: str, reason: str) -> str:
        """A cardholder objects now; the dispute's reference. Declined when there is no such money.

        ``reason`` in the words of card networks, for example product_not_received.
        """
        with self._file() as file:
            return _open(file, payment_reference, reason, clock.now())

    def decide_dispute(self, reference: str, *, won: bool) -> None:
        """The bank decides; one that is decided stays so."""
        with self._file() as file:
            _end(file, reference, "won" if won else "lost", clock.now())

    def read_dispute(self, reference: str) -> SeenDispute:
        """The dispute as it is now; NotFound before it is opened."""
        found = [seen for seen in self._disputes() if seen.reference == reference]
        if not found:
            raise NotFound("There is no such dispute.")
        return found[0]

    def recent_disputes(self, since: datetime) -> Iterable[SeenDispute]:
        """Disputes opened since then."""
        return [seen for seen in self._disputes() if seen.opened_at >= since]

    def dispute_to_come(self, session: str) -> tuple[str, datetime] | None:
        """What a client's payment will be disputed by, and when; None mostly."""
        with self._file() as file:
            row = file.execute(
                "SELECT disputes.id, disputes.opened_at FROM disputes JOIN payments"
                " ON payments.payment = disputes.payment WHERE payments.id = ?",
                (session,),
            ).fetchone()
        return None if row is None else (row[0], datetime.fromisoformat(row[1]))

    def _disputes(self) -> list[SeenDispute]:
        now = clock.now()
        with self._file() as file:
            rows = file.execute(f"SELECT {_COLUMNS} FROM disputes ORDER BY opened_at").fetchall()
            for row in rows:
                if row[7] == "open" and datetime.fromisoformat(row[6]) <= now:
                    _end(file, row[0], "lost", datetime.fromisoformat(row[6]))
            rows = file.execute(f"SELECT {_COLUMNS} FROM disputes ORDER BY opened_at").fetchall()
        seen = [_seen(row) for row in rows]
        return [each for each in seen if each.opened_at <= now]

    def _withhold(self, file: sqlite3.Connection, totals: dict[str, int]) -> None:
        """What disputes took and gave back, in the sandbox's own books."""
        rows = file.execute(
            f"SELECT {_COLUMNS} FROM disputes WHERE opened_at <= ?", (clock.now().isoformat(),)
        )
        for seen in [_seen(row) for row in rows]:
            for line in seen.lines:
                moved = line.amount_minor - line.fee_minor
                totals[line.currency] = totals.get(line.currency, 0) + moved


def dispute_later(file: sqlite3.Connection, payment_reference: str, paid_at: datetime) -> None:
    """What number 0259 does."""
    _open(file, payment_reference, "product_not_received", paid_at + DISPUTED_AFTER)


def give_up(file: sqlite3.Connection, payment_reference: str, refunded_minor: int) -> None:
    """What the cardholder has back is not disputed later as well."""
    values = (payment_reference, clock.now().isoformat())
    coming = "payment = ? AND opened_at > ?"
    file.execute(
        f"UPDATE disputes SET amount_minor = amount_minor - ? WHERE {coming}",
        (refunded_minor, *values),
    )
    file.execute(f"DELETE FROM disputes WHERE {coming} AND amount_minor <= 0", values)


def disputed_minor(file: sqlite3.Connection, payment_reference: str) -> int:
    """What disputes hold of a payment: nobody can refund it as well."""
    (minor,) = file.execute(
        "SELECT COALESCE(SUM(amount_minor), 0) FROM disputes WHERE payment = ? AND status <> 'won'"
        " AND opened_at <= ?",
        (payment_reference, clock.now().isoformat()),
    ).fetchone()
    return int(minor)


def _open(file: sqlite3.Connection, payment: str, reason: str, at: datetime) -> str:
    row = file.execute(
        "SELECT orders FROM payments WHERE state = 'complete' AND payment = ?", (payment,)
    ).fetchone()
    (gone,) = file.execute(
        "SELECT COALESCE(SUM(amount_minor), 0) FROM refunds WHERE payment = ?", (payment,)
    ).fetchone()
    order = json.loads(row[0]) if row else {"amount_minor": 0}
    if order["amount_minor"] <= gone:
        raise Declined("The sandbox holds no such money.")
    reference = ids.new_id("du")
    values = (reference, payment, reason, order["amount_minor"] - gone, order["currency"],
              at.isoformat(), (at + ANSWER_WITHIN).isoformat(), "open", None)  # fmt: skip
    file.execute("INSERT INTO disputes VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    return reference


def _end(file: sqlite3.Connection, reference: str, status: str, at: datetime) -> None:
    file.execute(
        "UPDATE disputes SET status = ?, decided_at = ? WHERE id = ? AND status = 'open'",
        (status, at.isoformat(), reference),
    )


def _seen(row: tuple[Any, ...]) -> SeenDispute:
    reference, payment, reason, minor, currency, opened, due, status, decided = row
    opened_at = datetime.fromisoformat(opened)
    about = {"currency": currency, "source": reference, "payment_reference": payment}
    lines = [
        Line(
            id=f"{reference}_taken", kind="dispute", amount_minor=-minor, fee_minor=FEE_MINOR,
            booked_at=opened_at, **about,
        )
    ]  # fmt: skip
    if status == "won":
        lines.append(
            Line(
                id=f"{reference}_back", kind="dispute_reversal", amount_minor=minor, fee_minor=0,
                booked_at=datetime.fromisoformat(decided), **about,
            )
        )  # fmt: skip
    return SeenDispute(
        reference=reference,
        payment_reference=payment,
        kind="chargeback",
        status=status,
        reason=reason,
        amount_minor=minor,
        currency=currency,
        due_by=datetime.fromisoformat(due),
        opened_at=opened_at,
        lines=tuple(lines),
    )
