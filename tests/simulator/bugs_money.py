"""Planted mistakes about money: each puts one wrong function in the place of a real one.

Only ``planted`` uses them; nothing here may be imported by the product or by a life.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection

from billing_core import clock, gateway, ids
from billing_core.flows import approve_charge as approving
from billing_core.flows import check_fire as gate
from billing_core.flows import record_payment as recording
from billing_core.flows import settle_attempt as settling
from billing_core.flows import suspend_customer as suspending
from billing_core.flows import void_charge as voiding
from billing_core.flows.read_link import enter
from billing_core.gateway.port import Gateway, Order, Seen
from billing_core.records import attempts, books, db, links
from billing_core.rules import amounts, charge_states, ledger
from billing_core.rules.money import LARGEST_MINOR
from billing_core.rules.nouns import Actor, Charge
from tests.simulator import machines
from tests.simulator.entropy import swapped


class _Rekeyed:
    """A gateway asked with a new key at every repetition."""

    def __init__(self, inner: Gateway, asked: Counter[str]) -> None:
        self._inner, self._asked = inner, asked

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    def open_checkout(self, order: Order, key: str) -> Seen:
        return self._inner.open_checkout(order, self._fresh(key))

    def charge_saved(self, order: Order, key: str) -> Seen:
        return self._inner.charge_saved(order, self._fresh(key))

    def _fresh(self, key: str) -> str:
        self._asked[key] += 1
        return key if self._asked[key] == 1 else f"{key}-{self._asked[key]}"


@contextmanager
def key_per_retry() -> Iterator[None]:
    """Each try of one attempt goes to the gateway under a key of its own."""
    asked: Counter[str] = Counter()
    wrong = SimpleNamespace(current=lambda: _Rekeyed(gateway.current(), asked))
    with swapped(settling, "gateway", wrong):
        yield


@contextmanager
def gateway_before_evidence() -> Iterator[None]:
    """The gateway's page is opened first, the approval is written down afterwards."""
    really = approving._approve

    def hasty(token: str, form: approving.Form, visit: Any) -> str:
        with db.read_only() as connection:
            charge = enter(connection, token, lock=False).charge
        order = Order(
            charge.total_minor,
            charge.currency,
            charge.description,
            merchant="",
            return_url="",
            metadata={"charge_id": charge.id, "attempt_id": "at_early"},
        )
        gateway.current().open_checkout(order, f"early-{form.nonce}")
        return really(token, form, visit)

    with swapped(approving, "_approve", hasty):
        yield


@contextmanager
def unknown_is_declined() -> Iterator[None]:
    """No answer from the gateway is taken for a no."""
    with swapped(settling, "_record_unknown", lambda attempt: _say(attempt, "declined")):
        yield


@contextmanager
def session_left_open() -> Iterator[None]:
    """Our books call an attempt cancelled, and nobody tells the gateway."""

    def forgetful(charge_id: str, *, actor: Actor, key: str | None = None) -> None:
        with db.read_only() as connection:
            attempt = attempts.find_alive(connection, charge_id)
        if attempt is not None:
            _say(attempt.id, "cancelled")

    with ExitStack() as held:
        for owner in (voiding, recording, suspending):
            held.enter_context(swapped(owner, "end_alive_attempt", forgetful))
        yield


def _say(attempt_id: str, outcome: str) -> None:
    with db.read_only() as connection:
        attempt = attempts.get(connection, attempt_id)
    reference = attempt.reference or f"none-{attempt_id}"
    settling.record_seen(
        attempt_id, Seen(reference, outcome, attempt.amount_minor, attempt.currency)
    )


@contextmanager
def message_acts_twice() -> Iterator[None]:
    """A message that comes again is booked as revenue again (and the index is gone)."""
    really = settling.record_seen

    def greedy(attempt_id: str, seen: Seen) -> Charge:
        with db.read_only() as connection:
            known = attempts.get(connection, attempt_id)
        charge = really(attempt_id, seen)
        if known.outcome == seen.outcome == "succeeded" and not charge.late_money:
            _book_again(charge)
        return charge

    with swapped(settling, "record_seen", greedy), swapped(machines, "record_seen", greedy):
        yield


def _book_again(charge: Charge) -> None:
    sums = {"net_minor": charge.net_minor, "tax_minor": charge.tax_minor}
    with db.begin() as connection:
        (first, *_) = books.revenue_of(connection, charge.id)
        books.append_revenue(connection, replace(first, id=ids.new_id("rev")))
        postings = ledger.capture(first.gateway, currency=charge.currency, **sums)
        books.append_postings(
            connection, postings, event="capture", charge_id=charge.id, booked_at=clock.now()
        )


@contextmanager
def late_money_ignored() -> Iterator[None]:
    """Once an attempt has ended, money that comes all the same is not looked at."""
    really = charge_states.attempt_after

    def deaf(old: str, new: str) -> str:
        return old if old in charge_states.SETTLED else really(old, new)

    with swapped(charge_states, "attempt_after", deaf):
        yield


@contextmanager
def nonce_not_spent() -> Iterator[None]:
    """A page's one-time value may be sent again."""
    with (
        swapped(links, "spend", lambda *_: True),
        swapped(links, "is_spent", lambda *_: False),
    ):
        yield


@contextmanager
def tax_not_booked() -> Iterator[None]:
    """The ledger takes the net for the whole."""
    really = ledger.capture

    def netted(account: str, **sums: Any) -> Any:
        return really(account, **(sums | {"tax_minor": 0}))

    with swapped(ledger, "capture", netted):
        yield


@contextmanager
def line_is_collected() -> Iterator[None]:
    """The gateway is asked for the line, without the tax that the invoice adds."""
    really = settling.order_of

    def untaxed(connection: Connection, attempt: Any) -> Order:
        order = really(connection, attempt)
        charge = settling.charges.get(connection, attempt.charge_id)
        return replace(order, amount_minor=charge.line_minor)

    with swapped(settling, "order_of", untaxed):
        yield


@contextmanager
def cap_not_checked() -> Iterator[None]:
    """An override may be as large as the database can hold."""
    really = amounts.decide_line
    with swapped(amounts, "decide_line", lambda item, sent, cap: really(item, sent, LARGEST_MINOR)):
        yield


@contextmanager
def milestone_billed_again() -> Iterator[None]:
    """The gate forgets what bills a milestone already (and the index is gone)."""
    with swapped(gate, "check_milestone", lambda milestone, standing: None):
        yield


@contextmanager
def gateway_inside_transaction() -> Iterator[None]:
    """The approval's transaction stays open while the gateway is asked."""
    really = approving.start_attempt

    def holding(connection: Connection, *given: Any, **named: Any) -> Any:
        attempt = really(connection, *given, **named)
        order = settling.order_of(connection, attempt)
        gateway.current().open_checkout(order, attempt.idempotency_key)
        return attempt

    with swapped(approving, "start_attempt", holding):
        yield
