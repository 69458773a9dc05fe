"""The operator at the console, and a machine with an API key: they fire, and change their minds.

Who gets no answer does what a person does: looks what became of the press, and presses again.
"""

from __future__ import annotations

import random
from collections.abc import Generator
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from billing_core.errors import KeyConflict, Refused
from billing_core.flows import commands
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.commands import Command
from billing_core.flows.fire_charge import fire_charge
from billing_core.flows.preview_verb import preview_verb
from billing_core.flows.suspend_customer import restore_customer, suspend_customer
from billing_core.rules.nouns import Actor
from tests.books import OPERATOR
from tests.simulator.story import Fire, Story
from tests.simulator.world import Answer, Call, Script, Together, Wait

KEY = Actor("key", "ak_simulator", "A machine")
Steps = Generator[Any, Any, None]
MOST_TRIES = 40
MOST_LOOKS = 300
#: What the chain says of each verb that was answered with "done".
SAYS = {
    "fire": "charge.fired",
    "void": "charge.voided",
    "record_payment": "payment.recorded",
    "answer": "changes.answered",
    "resend": "link.replaced",
    "new_link": "link.replaced",
    "revise": "charge.fired",
    "reissue": "charge.reissued",
    "refund": "refund.requested",
    "retry": "attempt.started",
}
AMOUNTS = ("4500.00", "900.00", "12.34", "1200.00")
WRONG_AMOUNTS = ("0", "-5.00", "25000.01", "25000.01", "1e9", "12.345", "")
FITTING = {
    "changes_requested": ("answer", "revise", "void"),
    "approved": ("void", "record_payment", "new_link"),
    "expired": ("reissue",),
}
VERBS = ("void", "record_payment", "resend", "new_link", "answer", "revise")


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be fired in one life."""

    customer: str
    item: str
    amount: str
    milestone: str
    description: str = "Phase 2: Homepage designs"

    def values(self) -> dict[str, str]:
        """As the console's dialog types it."""
        names = ("customer", "item", "amount", "milestone", "description")
        return {name: getattr(self, name) for name in names}


@dataclass
class Desk:
    """One operator. ``urls`` are links handed to the client past the mail."""

    rng: random.Random
    story: Story
    order: Order
    charges: list[str] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)

    def operate(self, *, verbs: int, suspends: bool) -> Script:
        """Fire, then do a few more things with what came of it."""
        yield Wait(self.think())
        yield from self.press("fire", self.order.values())
        if self.rng.random() < 0.25:
            wrong = self.order.values() | {"amount": self.rng.choice(WRONG_AMOUNTS)}
            wrong |= {"milestone": ""}
            yield from self.press("fire", wrong)
        if self.rng.random() < 0.2:
            yield from self._cross()
        for _ in range(verbs):
            yield Wait(self.think())
            yield from self._verb()
        if suspends:
            yield Wait(self.think())
            yield from self._suspend()

    def automate(self) -> Script:
        """A machine fires the same thing with its own key, twice at once, and again."""
        yield Wait(self.think())
        key = f"key-{self.rng.randrange(1000)}"
        command = FireCommand(**self.order.values())
        yield from self._fire_by_key(key, command)
        yield Wait(self.think())
        yield from self._fire_by_key(key, command)
        if self.rng.random() < 0.5:
            other = FireCommand(**(self.order.values() | {"amount": "77.00"}))
            yield from self._fire_by_key(key, other)

    def think(self) -> float:
        """Seconds until the next thing is done, from at once to a few hours."""
        return self.rng.choice((0.1, 1, 5, 30, 120, 900, 7200)) * self.rng.uniform(0.5, 1.5)

    def press(self, verb: str, values: dict[str, str]) -> Steps:
        """Press one money button and find out what came of it."""
        yield from self.press_together([(verb, values, OPERATOR)])

    def press_together(self, wanted: list[tuple[str, dict[str, str], Actor]]) -> Steps:
        """Several people press one money button each, at once; each finds out what came of it."""
        ready = []
        for verb, values, who in wanted:
            look = partial(preview_verb, verb, values, who)
            seen: Answer = yield Call("console", f"preview {verb}", look, by="look")
            if seen.good and not seen.value.problem:
                cmd, label = commands.new_id(), seen.value.label
                act = partial(commands.press, cmd, who, verb, values, shown=label)
                patience = self.rng.choice((None, 20.0))
                press = Call("console", f"press {verb}", act, patience_s=patience)
                ready.append((verb, values, who, cmd, press))
        if not ready:
            return
        again = self.rng.choice((1, 1, 1, 2))
        yield Together(tuple(press for *_, press in ready) * again)
        for verb, values, who, cmd, press in ready:
            done = yield from self._find_out(cmd, press, who)
            if done is not None:
                self._told(verb, values, done)

    def _find_out(self, cmd: str, press: Call, who: Actor) -> Generator[Any, Any, Command | None]:
        """The command once it is done; None when it was refused."""
        find, finish = partial(commands.find_command, cmd, who), partial(commands.finish, cmd, who)
        for _ in range(MOST_TRIES):
            seen: Answer = yield Call("console", "find command", find, by="look")
            state = seen.value.state if seen.good else ""
            if state == "done":
                found: Command = seen.value
                return found
            if state == "draft" and seen.value.refusal:
                return None
            if state == "draft":
                yield press
            elif state == "interrupted":
                yield Call("console", "finish", finish)
            yield Wait(self.rng.uniform(1, 40))
        self.story.world.accuse("I16", f"the press {cmd} never came to an end")
        return None

    def _told(self, verb: str, values: dict[str, str], done: Command) -> None:
        charge = done.charge_id
        if charge is None:
            return
        self.story.ack(charge, SAYS[verb])
        url = (done.result or {}).get("url")
        if url:
            self.urls.append(url.rpartition("/")[2])
        if verb == "fire":
            scope = (OPERATOR.kind, OPERATOR.id)
            self.story.fires.append(Fire(scope, done.id, repr(sorted(values.items())), charge))
        if verb == "revise":
            self.story.ack(values["charge"], "charge.voided")
        if charge not in self.charges:
            self.charges.append(charge)

    def _verb(self) -> Steps:
        known = sorted(self.story.states)
        if not known:
            return
        charge = self.rng.choice(known)
        state = self.story.states[charge]
        yield from self._do(self.rng.choice(FITTING.get(state, VERBS)), charge)

    def _cross(self) -> Steps:
        """Withdraw it, or note a bank transfer, while the client is about to pay."""
        for _ in range(MOST_LOOKS):
            approved = [c for c, state in self.story.states.items() if state == "approved"]
            if approved:
                verb = self.rng.choice(("void", "record_payment"))
                yield from self._do(verb, max(approved))
                return
            yield Wait(self.rng.uniform(1, 60))

    def _do(self, verb: str, charge: str) -> Steps:
        values = {"charge": charge}
        if verb == "record_payment":
            values |= {"method": "bank_transfer", "paid_on": "2026-03-16", "reference": "0042"}
        elif verb == "answer":
            values["answer"] = "Here it is again."
        elif verb == "revise":
            amount = self.rng.choice(AMOUNTS)
            values |= {"amount": amount, "description": "Revised", "answer": "As you wished."}
        elif verb == "void":
            values["reason"] = "A mistake"
        yield from self.press(verb, values)

    def _suspend(self) -> Steps:
        customer = self.order.customer
        told = yield from self._until_told("suspend", partial(suspend_customer, customer))
        if told:
            self.story.ack(customer, "customer.suspended")
        yield Wait(self.think())
        told = yield from self._until_told("restore", partial(restore_customer, customer))
        if told:
            self.story.ack(customer, "customer.active")

    def _until_told(self, name: str, work: Any) -> Generator[Any, Any, bool]:
        for _ in range(MOST_TRIES):
            answer: Answer = yield Call("console", name, lambda: work(actor=OPERATOR))
            if answer.good:
                return True
            if isinstance(answer.problem, Refused):
                return False
            yield Wait(self.rng.uniform(1, 40))
        return False

    def _fire_by_key(self, key: str, command: FireCommand) -> Steps:
        scope, body = (KEY.kind, KEY.id), repr(command)
        before = {f.body for f in self.story.fires if (f.scope, f.key) == (scope, key)}
        fire = Call(
            "pay", f"fire {key}", lambda: fire_charge(command, actor=KEY, origin="api", key=key)
        )
        for _ in range(MOST_TRIES):
            given = yield Together((fire,) * self.rng.choice((1, 2, 3)))
            for answer in given:
                self._fired(answer, Fire(scope, key, body), before)
            if any(a.good or isinstance(a.problem, Refused) for a in given):
                return
            yield Wait(self.rng.uniform(1, 40))

    def _fired(self, answer: Answer, asked: Fire, before: set[str]) -> None:
        if not answer.good:
            return
        if before - {asked.body}:
            wanted = KeyConflict.__name__
            self.story.world.accuse("I6", f"{asked.key} took another body, {wanted} was due")
        charge = answer.value.charge
        self.story.fires.append(Fire(asked.scope, asked.key, asked.body, charge.id))
        self.story.ack(charge.id, "charge.fired")
        if answer.value.url:
            self.urls.append(answer.value.url.rpartition("/")[2])
        if charge.id not in self.charges:
            self.charges.append(charge.id)
