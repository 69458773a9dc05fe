"""The sandbox: a fictional payment company in its own file. No real money ever moves.

It keeps its promises as a real one does: idempotency keys replay, sessions expire, a paid session
cannot be cancelled. Cards are the well-known test numbers; numbers are never stored.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from billing_core import clock, ids
from billing_core.errors import FieldsRefused, Misused, NotFound
from billing_core.gateway import sandbox_file
from billing_core.gateway.port import KEY_REUSED, Order, Seen
from billing_core.gateway.sandbox_copies import SandboxCopies
from billing_core.gateway.sandbox_disputes import DISPUTES, SandboxDisputes, dispute_later
from billing_core.gateway.sandbox_refunds import REFUNDS, SandboxRefunds
from billing_core.rules.nouns import PaymentMethod

SESSION_LIFE = timedelta(hours=24)
#: Test number → (brand, last four, what it does).
CARDS = {
    "4242424242424242": ("Visa", "4242", "pays"),
    "4000000000000002": ("Visa", "0002", "declines"),
    "4000002500003155": ("Visa", "3155", "asks"),
    "4000000000000259": ("Visa", "0259", "pays_disputed"),
}
TOKENS = {
    "pm_card_visa": ("Visa", "4242", "pays"),
    "pm_card_chargeDeclined": ("Visa", "0341", "declines"),
    "pm_card_authenticationRequired": ("Visa", "3184", "asks"),
}
_OUTCOMES = {
    "open": "requires_action",
    "authenticate": "requires_action",
    "complete": "succeeded",
    "declined": "declined",
    "expired": "expired",
    "cancelled": "cancelled",
}
_SCHEMA = (
    """
CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, orders TEXT NOT NULL,
    state TEXT NOT NULL, label TEXT NOT NULL DEFAULT '', payment TEXT, problem TEXT NOT NULL
    DEFAULT '', disputed INTEGER NOT NULL DEFAULT 0, opened_at TEXT NOT NULL, completed_at TEXT);
CREATE TABLE IF NOT EXISTS methods (
    id TEXT PRIMARY KEY, customer TEXT NOT NULL, brand TEXT NOT NULL, last4 TEXT NOT NULL,
    does TEXT NOT NULL);
"""
    + REFUNDS
    + DISPUTES
)
_DECLINED = "The card was declined."


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment as the sandbox keeps it."""

    id: str
    kind: str
    order: Order
    state: str
    label: str
    payment: str | None
    problem: str
    completed_at: datetime | None


class Sandbox(SandboxRefunds, SandboxDisputes, SandboxCopies):
    """The fictional gateway; implements the port, and what its own pages need."""

    name = "sandbox"

    def __init__(self, path: Path, base_url: str) -> None:
        self._path = path
        self._base_url = base_url

    def open_checkout(self, order: Order, key: str) -> Seen:
        """A hosted page, open for 24 hours."""
        with self._file() as file:
            return self._seen(self._create(file, "checkout", order, key))

    def charge_saved(self, order: Order, key: str) -> Seen:
        """Charge a stored method at once; some ask for the client, one declines."""
        with self._file() as file:
            payment = self._create(file, "saved", order, key)
            if payment.state == "open":
                row = file.execute(
                    "SELECT brand, last4, does FROM methods WHERE id = ?", (order.method,)
                ).fetchone()
                if row is None:
                    raise Misused("The sandbox does not know this payment method.")
                self._present(file, payment, *row)
            return self._seen(self._get(file, payment.id))

    def read(self, reference: str) -> Seen:
        """The payment as it is now; a session past its life reads as expired."""
        with self._file() as file:
            return self._seen(self._get(file, reference))

    def cancel(self, reference: str) -> Seen:
        """Make a payment unpayable unless it is complete."""
        with self._file() as file:
            self._end(file, self._get(file, reference), "cancelled", "")
            return self._seen(self._get(file, reference))

    def withdraw(self, order: Order, key: str) -> Seen:
        """Cancel what ``key`` made, or use the key up; what is paid stays paid."""
        with self._file() as file:
            kind = "saved" if order.method else "checkout"
            payment = self._create(file, kind, order, key)
            self._end(file, payment, "cancelled", "")
            return self._seen(self._get(file, payment.id))

    def save_method(self, customer: str, token: str) -> PaymentMethod:
        """Store one of the test methods; FieldsRefused for any other token."""
        if token not in TOKENS:
            raise FieldsRefused(
                {"payment_method": "The sandbox knows these methods: " + ", ".join(TOKENS) + "."}
            )
        brand, last4, does = TOKENS[token]
        method = ids.new_id("pm")
        with self._file() as file:
            file.execute(
                "INSERT INTO methods VALUES (?, ?, ?, ?, ?)", (method, customer, brand, last4, does)
            )
        today: date = clock.today("UTC")
        return PaymentMethod(method, brand, last4, 12, today.year + 4, today)

    def show(self, reference: str) -> Payment:
        """One payment, for the sandbox's own page; NotFound when there is none."""
        with self._file() as file:
            return self._get(file, reference)

    def pay(self, reference: str, number: str) -> Payment:
        """The client typed a card number. FieldsRefused when it is none of the test numbers."""
        digits = number.replace(" ", "").replace("-", "")
        if digits not in CARDS:
            raise FieldsRefused(
                {"number": "This is not one of the test numbers. Take one from the list."}
            )
        with self._file() as file:
            payment = self._get(file, reference)
            if payment.state == "open":
                self._present(file, payment, *CARDS[digits])
            return self._get(file, reference)

    def authenticate(self, reference: str, *, succeed: bool) -> Payment:
        """The client answered the bank's question (3-D Secure)."""
        with self._file() as file:
            payment = self._get(file, reference)
            if payment.state == "authenticate":
                if succeed:
                    self._complete(file, payment, payment.label, disputed=False)
                else:
                    self._end(file, payment, "declined", "The bank could not confirm the payment.")
            return self._get(file, reference)

    def balance(self) -> dict[str, int]:
        """Payments less refunds and disputes per currency in minor units: its own books."""
        totals: dict[str, int] = {}
        with self._file() as file:
            done = file.execute("SELECT orders FROM payments WHERE state = 'complete'")
            for (orders,) in done:
                order = json.loads(orders)
                currency = order["currency"]
                totals[currency] = totals.get(currency, 0) + order["amount_minor"]
            self._take_back(file, totals)
            self._withhold(file, totals)
        return totals

    def _create(self, file: sqlite3.Connection, kind: str, order: Order, key: str) -> Payment:
        """Insert, or find what the same key made before; other values under it are misuse."""
        orders = json.dumps(_plain(order), sort_keys=True)
        found = file.execute("SELECT id, orders FROM payments WHERE key = ?", (key,)).fetchone()
        if found is None:
            reference = ids.new_id("cs" if kind == "checkout" else "pi")
            file.execute(
                "INSERT INTO payments (id, key, kind, orders, state, opened_at)"
                " VALUES (?, ?, ?, ?, 'open', ?)",
                (reference, key, kind, orders, clock.now().isoformat()),
            )
            return self._get(file, reference)
        if found[1] != orders:
            raise Misused("The same idempotency key came with another order.", code=KEY_REUSED)
        return self._get(file, found[0])

    def _present(
        self, file: sqlite3.Connection, payment: Payment, brand: str, last4: str, does: str
    ) -> None:
        label = f"{brand} •••• {last4}"
        if does == "declines":
            self._end(file, payment, "declined", _DECLINED, label)
        elif does == "asks":
            file.execute(
                "UPDATE payments SET state = 'authenticate', label = ? WHERE id = ?",
                (label, payment.id),
            )
        else:
            self._complete(file, payment, label, disputed=does == "pays_disputed")

    def _complete(
        self, file: sqlite3.Connection, payment: Payment, label: str, *, disputed: bool
    ) -> None:
        reference, now = ids.new_id("pay"), clock.now()
        file.execute(
            "UPDATE payments SET state = 'complete', label = ?, payment = ?, disputed = ?,"
            " completed_at = ? WHERE id = ? AND state IN ('open', 'authenticate')",
            (label, reference, disputed, now.isoformat(), payment.id),
        )
        if disputed:
            dispute_later(file, reference, now)

    def _end(
        self,
        file: sqlite3.Connection,
        payment: Payment,
        state: str,
        problem: str,
        label: str | None = None,
    ) -> None:
        file.execute(
            "UPDATE payments SET state = ?, problem = ?, label = ?"
            " WHERE id = ? AND state IN ('open', 'authenticate')",
            (state, problem, payment.label if label is None else label, payment.id),
        )

    def _get(self, file: sqlite3.Connection, reference: str) -> Payment:
        row = file.execute(
            "SELECT id, kind, orders, state, label, payment, problem, completed_at, opened_at"
            " FROM payments WHERE id = ?",
            (reference,),
        ).fetchone()
        if row is None:
            raise NotFound("There is no such payment.")
        state = row[3]
        opened = datetime.fromisoformat(row[8])
        if state in ("open", "authenticate") and clock.now() > opened + SESSION_LIFE:
            file.execute("UPDATE payments SET state = 'expired' WHERE id = ?", (row[0],))
            state = "expired"
        completed = datetime.fromisoformat(row[7]) if row[7] else None
        order = Order(**json.loads(row[2]))
        return Payment(row[0], row[1], order, state, row[4], row[5], row[6], completed)

    def _seen(self, payment: Payment) -> Seen:
        waits = payment.state in ("open", "authenticate")
        return Seen(
            reference=payment.id,
            outcome=_OUTCOMES[payment.state],
            amount_minor=payment.order.amount_minor,
            currency=payment.order.currency,
            url=f"{self._base_url}/sandbox/checkout/{payment.id}" if waits else None,
            payment_reference=payment.payment,
            method_label=payment.label,
            problem=payment.problem,
            booked_at=payment.completed_at,
        )

    def _file(self, *, keep: bool = True) -> AbstractContextManager[sqlite3.Connection]:
        """One committed turn on the company's own file."""
        return sandbox_file.turn(self._path, _SCHEMA, keep=keep)


#: What the sandbox keeps of an order; the rest of it is for gateways outside.
_KEPT = ("amount_minor", "currency", "description", "merchant", "return_url", "customer", "method",
         "metadata")  # fmt: skip


def _plain(order: Order) -> dict[str, Any]:
    return {name: getattr(order, name) for name in _KEPT}
