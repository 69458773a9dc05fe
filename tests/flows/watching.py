"""What the tests of flows look at: every row of the books, many presses at once, and gateways that
misbehave on purpose behind the real sandbox.
"""

from __future__ import annotations

import contextvars
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import select, text

from billing_core import gateway
from billing_core.errors import Down, Refused
from billing_core.gateway.port import Order, Seen
from billing_core.records import books as ledger
from billing_core.records import db, mails, tables
from billing_core.reports.trial_balance import trial_balance
from billing_core.rules.nouns import Mail, PaymentMethod, Revenue

T = TypeVar("T")
#: What a worker writes merely by being alive.
_SIGNS_OF_LIFE = ("heartbeats",)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table, so that "nothing changed" means nothing at all."""
    with db.read_only() as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr)
            for table in tables.meta.sorted_tables
            if table.name not in _SIGNS_OF_LIFE
        }


def changed(before: dict[str, list[tuple[Any, ...]]]) -> dict[str, object]:
    """What differs now from ``before``, table by table: rows gone and rows new."""
    now = everything()
    return {
        name: (set(before[name]) - set(now[name]), set(now[name]) - set(before[name]))
        for name in now
        if now[name] != before[name]
    }


def rows(table: str, where: str = "", **values: Any) -> list[dict[str, Any]]:
    """Rows of one table as dictionaries, as raw as the database holds them."""
    statement = text(f"SELECT * FROM {table}" + (f" WHERE {where}" if where else ""))
    with db.read_only() as connection:
        return [dict(row._mapping) for row in connection.execute(statement, values)]


def write(statement: str, **values: Any) -> None:
    """One statement past all flows: what time, a crash or an attacker may leave behind."""
    with db.begin() as connection:
        connection.execute(text(statement), values)


def kinds(charge_id: str) -> list[str]:
    """The kinds of a charge's evidence events, in order."""
    found = rows("evidence_events", "stream = :stream", stream=charge_id)
    return [row["kind"] for row in sorted(found, key=lambda row: row["seq"])]


def revenue(charge_id: str) -> list[Revenue]:
    """A charge's revenue rows."""
    with db.read_only() as connection:
        return ledger.revenue_of(connection, charge_id)


def mails_of(charge_id: str, kind: str = "") -> list[Mail]:
    """A charge's mails, oldest first; of one kind where it is given."""
    with db.read_only() as connection:
        found = mails.search(connection, charge_id, 200)
    return [mail for mail in reversed(found) if kind in ("", mail.kind)]


def cash() -> dict[str, int]:
    """The ledger's cash at the sandbox per currency; the ledger must balance."""
    balance = trial_balance()
    assert balance.balanced, balance
    return {
        line.currency: line.balance_minor
        for line in balance.accounts
        if line.account == "cash:sandbox"
    }


def account(name: str) -> dict[str, int]:
    """One account's balance per currency."""
    return {x.currency: x.balance_minor for x in trial_balance().accounts if x.account == name}


def at_once(many: int, work: Callable[[int], T]) -> list[T | Exception]:
    """Run ``work(0…many-1)`` in threads released together; results, refusals in their place.

    Each thread sees the test's own clock and gateway.
    """
    gate = threading.Barrier(many)
    results: list[T | Exception] = [RuntimeError("never ran")] * many

    def run(number: int) -> None:
        gate.wait(timeout=30)
        try:
            results[number] = work(number)
        except Exception as problem:
            results[number] = problem

    threads = [
        threading.Thread(target=contextvars.copy_context().run, args=(run, number))
        for number in range(many)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
        assert not thread.is_alive(), "a press never came back"
    return results


def refusal(problem: object, kind: type[Refused] = Refused) -> bool:
    """True for a refusal of this kind, and a failure for anything that is no answer at all."""
    assert not isinstance(problem, Exception) or isinstance(problem, Refused), repr(problem)
    return isinstance(problem, kind)


class Watched:
    """The sandbox behind a wall that counts what is asked, and fails when told to.

    ``down_before``: calls that never arrive; ``down_after``: calls that act, whose answer is lost;
    ``cannot_cancel``: the company says cancelled, and takes the money all the same.
    """

    name = "sandbox"

    def __init__(self) -> None:
        self.inner = gateway.sandbox()
        self.asked: list[tuple[str, str]] = []
        self.down_before: set[str] = set()
        self.down_after: set[str] = set()
        self.cannot_cancel = False
        self._turn = threading.Lock()

    def open_checkout(self, order: Order, key: str) -> Seen:
        return self._call("open_checkout", key, lambda: self.inner.open_checkout(order, key))

    def charge_saved(self, order: Order, key: str) -> Seen:
        return self._call("charge_saved", key, lambda: self.inner.charge_saved(order, key))

    def read(self, reference: str) -> Seen:
        return self._call("read", reference, lambda: self.inner.read(reference))

    def cancel(self, reference: str) -> Seen:
        return self._call("cancel", reference, lambda: self._cancel(reference))

    def withdraw(self, order: Order, key: str) -> Seen:
        return self._call("withdraw", key, lambda: self.inner.withdraw(order, key))

    def save_method(self, customer: str, token: str) -> PaymentMethod:
        return self.inner.save_method(customer, token)

    def keys(self) -> list[str]:
        """The idempotency keys of the calls that can take money, in order."""
        return [what for verb, what in self.asked if verb in ("open_checkout", "charge_saved")]

    def _cancel(self, reference: str) -> Seen:
        if self.cannot_cancel:
            return replace(self.inner.read(reference), outcome="cancelled", url=None)
        return self.inner.cancel(reference)

    def _call(self, verb: str, what: str, act: Callable[[], Seen]) -> Seen:
        with self._turn:
            self.asked.append((verb, what))
        if verb in self.down_before:
            raise Down("The line is dead.")
        seen = act()
        if verb in self.down_after:
            raise Down("The answer got lost.")
        return seen


@contextmanager
def watched() -> Iterator[Watched]:
    """Use a watched sandbox as the gateway of this test."""
    wall = Watched()
    with gateway.using(wall):
        yield wall
