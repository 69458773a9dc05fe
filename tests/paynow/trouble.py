"""What goes wrong outside: a line to the gateway that is cut, books that take no more evidence."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from billing_core import settings
from billing_core.errors import Down
from billing_core.gateway.port import Order, Seen
from billing_core.gateway.sandbox import Sandbox
from billing_core.rules.nouns import PaymentMethod


@contextmanager
def full_disk() -> Iterator[None]:
    """While inside, no evidence event can be written to the books."""
    _do(
        "CREATE TRIGGER full BEFORE INSERT ON evidence_events "
        "BEGIN SELECT RAISE(ABORT, 'the disk is full'); END"
    )
    yield
    _do("DROP TRIGGER full")


def _do(statement: str) -> None:
    file = sqlite3.connect(settings.load().database.removeprefix("sqlite:///"))
    with file:
        file.execute(statement)
    file.close()


class Line:
    """The line to the gateway: ``cut`` before it is reached, or after it has acted."""

    name = "sandbox"

    def __init__(self, behind: Sandbox) -> None:
        self._behind = behind
        self.cut = ""

    def open_checkout(self, order: Order, key: str) -> Seen:
        return self._through(lambda: self._behind.open_checkout(order, key))

    def charge_saved(self, order: Order, key: str) -> Seen:
        return self._through(lambda: self._behind.charge_saved(order, key))

    def read(self, reference: str) -> Seen:
        return self._through(lambda: self._behind.read(reference))

    def cancel(self, reference: str) -> Seen:
        return self._through(lambda: self._behind.cancel(reference))

    def withdraw(self, order: Order, key: str) -> Seen:
        return self._through(lambda: self._behind.withdraw(order, key))

    def save_method(self, customer: str, token: str) -> PaymentMethod:
        return self._behind.save_method(customer, token)

    def _through(self, call: Callable[[], Seen]) -> Seen:
        if self.cut == "before":
            raise Down("The line is cut.")
        seen = call()
        if self.cut == "after":
            raise Down("The answer was lost.")
        return seen
