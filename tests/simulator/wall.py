"""The gateway behind a wall: the real sandbox, whose answers get lost, come late, or lie."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

from billing_core import gateway
from billing_core.errors import Down
from billing_core.gateway.port import Order, Seen, SeenDispute, SeenRefund
from billing_core.rules.nouns import PaymentMethod
from tests.simulator.company import payable
from tests.simulator.story import Create, Story, events_of
from tests.simulator.weather import Weather

_PAYABLE = ("requires_action", "processing")
T = TypeVar("T")


class Wall:
    """Implements the ports. Every call hands over before it arrives and before its answer does."""

    name = "sandbox"

    def __init__(self, story: Story, weather: Weather) -> None:
        self._story, self._weather, self._world = story, weather, story.world
        self._inner = gateway.sandbox()
        self._attempt_of: dict[str, str] = {}

    def open_checkout(self, order: Order, key: str) -> Seen:
        return self._create("open_checkout", order, key, self._inner.open_checkout)

    def charge_saved(self, order: Order, key: str) -> Seen:
        return self._create("charge_saved", order, key, self._inner.charge_saved)

    def read(self, reference: str) -> Seen:
        return self._call("read", lambda: self._read(reference))

    def cancel(self, reference: str) -> Seen:
        return self._call("cancel", lambda: self._cancel(reference))

    def withdraw(self, order: Order, key: str) -> Seen:
        def withdraw() -> Seen:
            seen = self._inner.withdraw(order, key)
            self._attempt_of[seen.reference] = order.metadata["attempt_id"]
            return seen

        return self._call("withdraw", withdraw)

    def refund(self, payment_reference: str, *, key: str, **asked: Any) -> SeenRefund:
        def refund() -> SeenRefund:
            seen = self._inner.refund(payment_reference, key=key, **asked)
            self._story.check_refunds()
            return seen

        return self._ask("refund", refund, _of_refund)

    def read_refund(self, reference: str) -> SeenRefund:
        return self._ask("read_refund", lambda: self._inner.read_refund(reference), _of_refund)

    def recent_refunds(self, since: datetime) -> list[SeenRefund]:
        return self._ask("recent_refunds", lambda: list(self._inner.recent_refunds(since)), _many)

    def read_dispute(self, reference: str) -> SeenDispute:
        return self._ask(
            "read_dispute",
            lambda: self._inner.read_dispute(reference),
            lambda seen: f"{seen.reference[-6:]} is {seen.status}",
        )

    def recent_disputes(self, since: datetime) -> list[SeenDispute]:
        return self._ask("recent_disputes", lambda: list(self._inner.recent_disputes(since)), _many)

    def save_method(self, customer: str, token: str) -> PaymentMethod:
        return self._inner.save_method(customer, token)

    def news(self) -> list[tuple[str, Seen]]:
        """What the gateway says of everything it ever made for us, by attempt."""
        return [(a, self._inner.read(r)) for r, a in sorted(self._attempt_of.items())]

    def _create(self, verb: str, order: Order, key: str, act: Callable[[Order, str], Seen]) -> Seen:
        def create() -> Seen:
            self._note_create(verb, order, key)
            seen = act(order, key)
            self._attempt_of[seen.reference] = order.metadata["attempt_id"]
            self._check_one_payable(order.metadata["charge_id"])
            return seen

        return self._call(verb, create)

    def _call(self, verb: str, act: Callable[[], Seen]) -> Seen:
        seen = self._ask(verb, act, lambda seen: f"{seen.reference[-6:]} is {seen.outcome}")
        attempt = self._attempt_of.get(seen.reference)
        if attempt:
            self._story.heard.append((attempt, seen))
        return seen

    def _ask(self, verb: str, act: Callable[[], T], said: Callable[[T], str]) -> T:
        fate = self._weather.of_call()
        self._wait("gateway", slow=fate == "slow before")
        label = self._world.current.label if self._world.current else "nobody"
        if fate == "down before":
            self._world.note(label, f"{verb} never arrives")
            raise Down("The line is dead.")
        answer = act()
        self._world.note(label, f"{verb} {said(answer)} {fate}")
        self._wait("gateway's answer", slow=fate == "slow after")
        if fate == "down after":
            raise Down("The answer got lost.")
        return answer

    def _read(self, reference: str) -> Seen:
        seen = self._inner.read(reference)
        return self._lie(seen) if seen.outcome in _PAYABLE and self._weather.lies(0.1) else seen

    def _cancel(self, reference: str) -> Seen:
        before = self._inner.read(reference)
        if before.outcome in _PAYABLE and self._weather.lies(0.8):
            return self._lie(before)
        return self._inner.cancel(reference)

    def _lie(self, seen: Seen) -> Seen:
        self._story.lied.add(seen.reference)
        return replace(seen, outcome="cancelled", url=None)

    def _wait(self, what: str, *, slow: bool) -> None:
        self._world.pause(what, self._weather.slow_s() if slow else self._weather.delay_s())

    def _note_create(self, verb: str, order: Order, key: str) -> None:
        """What is durable at the moment money could be taken (I3)."""
        charge, attempt = order.metadata["charge_id"], order.metadata["attempt_id"]
        books = self._story.ground.books
        kinds = {event["kind"] for event in events_of(books, charge)}
        mode = books.execute("SELECT capture_mode FROM charges WHERE id = ?", (charge,)).fetchone()
        started = books.execute(
            "SELECT idempotency_key FROM attempts WHERE id = ?", (attempt,)
        ).fetchone()
        mandate = mode == ("off_session",) and "attempt.started" in kinds
        evidence = "approval" if "charge.approved" in kinds else "mandate" if mandate else ""
        task = self._world.current.number if self._world.current else 0
        create = Create(
            verb, charge, attempt, key, order.amount_minor, order.currency, evidence, task
        )
        self._story.creates.append(create)
        if not evidence or not started:
            self._world.accuse("I3", f"{verb} for {json.dumps(order.metadata)} without evidence")
        elif started[0] != key:
            self._world.accuse("I2", f"{verb} of {attempt} with another key than its own: {key}")
        if (
            verb == "charge_saved"
            and self._world.current
            and self._world.current.call.by == "robot"
        ):
            self._world.accuse("I5", f"a robot charged the stored method of {charge}")

    def _check_one_payable(self, charge: str) -> None:
        left = set(payable(self._story.ground.bank, charge)) - self._story.lied
        if len(left) > 1:
            self._world.accuse("I2", f"{charge} can be paid twice: {sorted(left)}")


def _of_refund(seen: SeenRefund) -> str:
    return f"{seen.reference[-6:]} is {seen.outcome}"


def _many(seen: list[Any]) -> str:
    return f"are {len(seen)}"
