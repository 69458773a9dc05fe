"""Planted mistakes about money that goes back: refunds, and what banks take.

Only ``planted`` uses them; nothing here may be imported by the product or by a life.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from billing_core import gateway
from billing_core.flows import refund_charge as refunding
from billing_core.flows import settle_attempt as settling
from billing_core.flows import settle_refund as returning
from billing_core.flows import take_dispute as disputing
from billing_core.gateway.port import Refunding, Seen
from billing_core.records import db
from billing_core.rules.money import parse_amount
from billing_core.rules.nouns import Charge
from tests.simulator.entropy import swapped


class _Rekeyed:
    """A gateway asked to refund with a new key at every repetition."""

    def __init__(self, inner: Refunding, asked: Counter[str]) -> None:
        self._inner, self._asked = inner, asked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def refund(self, payment: str, *, key: str, **asked: Any) -> Any:
        self._asked[key] += 1
        return self._inner.refund(payment, key=f"{key}-{self._asked[key]}", **asked)


@contextmanager
def refund_key_per_retry() -> Iterator[None]:
    """Each try of one refund goes to the gateway under a key of its own."""
    asked: Counter[str] = Counter()
    wrong = SimpleNamespace(refunding=lambda: _Rekeyed(gateway.refunding(), asked))
    with swapped(returning, "gateway", wrong):
        yield


@contextmanager
def refund_check_then_act() -> Iterator[None]:
    """What is left to refund is checked when the dialog is drawn, and not again under the lock."""

    def believed(connection: Connection, charge: Charge, amount: str) -> int:
        return parse_amount(amount, charge.currency) if amount else charge.total_minor

    with swapped(refunding, "check_refundable", believed):
        yield


@contextmanager
def dispute_moves_no_cash() -> Iterator[None]:
    """A disputed charge is shown as disputed; what the bank took stays in our books."""
    with swapped(disputing, "_book", lambda *_: None):
        yield


@contextmanager
def dispute_booked_whenever_heard() -> Iterator[None]:
    """What a bank took is booked once more each time that somebody looks at the dispute."""
    with swapped(disputing, "gateway_lines", SimpleNamespace(take=lambda *_: True)):
        yield


@contextmanager
def dispute_foreseen() -> Iterator[None]:
    """Who pays with the number that will be disputed counts as disputed at once."""
    really = settling.record_seen

    def wise(attempt_id: str, seen: Seen) -> Charge:
        charge = really(attempt_id, seen)
        if charge.state == "captured" and "0259" in seen.method_label:
            with db.begin() as connection:
                settling.charges.change(connection, charge.id, state="disputed")
        return charge

    with swapped(settling, "record_seen", wise):
        yield
