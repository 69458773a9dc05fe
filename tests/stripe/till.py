"""An agency at its till: it fires, its client approves and pays, and the gateway knocks."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from billing_core import jobs
from billing_core.flows.approve_charge import NextStep
from billing_core.flows.fire_charge import Fired
from billing_core.flows.receive_webhook import receive_webhook
from billing_core.flows.verify_evidence import verify_all
from billing_core.reports.trial_balance import trial_balance
from billing_core.rules.nouns import Attempt, Charge
from tests import books
from tests.conftest import Clock
from tests.flows import watching
from tests.stripe_fake import courier
from tests.stripe_fake.running import PAYS, SECRET, Fake


@dataclass
class Till:
    """The books, the stand-in and the clock of one test."""

    fake: Fake
    clock: Clock
    seeded: books.Seeded = field(init=False)

    def open(self, **fields: Any) -> Till:
        """The recipe's company, item, customer and enrolment; nobody has a stored method."""
        item = fields.pop("item", None)
        self.seeded = books.seed(item=item, **({"payment_method": ""} | fields))
        return self

    def fire(self, amount: str = "4500.00", **more: Any) -> Fired:
        """One invoice."""
        return books.fire(self.seeded, amount, again=True, **more)

    def approved(self, amount: str = "4500.00", **more: Any) -> tuple[str, NextStep]:
        """One invoice that the client approved; its charge and where the press led."""
        fired = self.fire(amount, **more)
        assert fired.charge is not None
        return fired.charge.id, books.approve(books.token(fired))

    def pay(self, step: NextStep, number: str = PAYS) -> str:
        """The client types a number on the gateway's page; where they are sent."""
        assert step.to_gateway, step
        return self.fake.type_number(step.url, number)

    def charge(self, charge_id: str) -> Charge:
        """The charge as it stands in the books."""
        return books.charge(charge_id)

    def attempt(self, charge_id: str) -> Attempt:
        """The charge's latest attempt."""
        return books.attempts_of(charge_id)[-1]

    def later(self, **by: float) -> None:
        """Time passes, here and at the gateway; what is due is done."""
        self.clock.advance(**by)
        self.fake.control("clock", at=int(self.clock.now.timestamp()))
        jobs.drain()

    def hear(self, **how: Any) -> int:
        """Everything that happened at the gateway is told and acted on; how many messages came.

        ``copies``, ``lose`` and ``shuffle`` are the courier's.
        """
        told = 0
        for event in self.fake.control("collect", **how)["events"]:
            body, at = event.encode(), int(self.clock.now.timestamp())
            receive_webhook(body, courier.sign(body, at, [how.get("secret", SECRET)]))
            told += 1
        jobs.drain()
        return told

    def cash(self) -> dict[str, int]:
        """The ledger's cash at Stripe per currency; the ledger must balance."""
        balance = trial_balance()
        assert balance.balanced, balance
        return {
            line.currency: line.balance_minor
            for line in balance.accounts
            if line.account == "cash:stripe"
        }

    def account(self, name: str) -> dict[str, int]:
        """One account of the ledger."""
        return watching.account(name)

    def payable(self) -> list[str]:
        """The charges that somebody could pay at the gateway at this moment, each time they can."""
        sessions = [s for s in self.fake.objects("checkout.session") if s["mode"] == "payment"]
        now = int(self.clock.now.timestamp())
        found = [s for s in sessions if s["status"] == "open" and s["expires_at"] > now]
        intents = self.fake.objects("payment_intent")
        found += [i for i in intents if i["status"] == "requires_action"]
        return [made["metadata"].get("charge_id", "") for made in found]

    def check(self) -> None:
        """Our books equal the stand-in's own, each paid charge was taken once, the chains hold."""
        ledger = self.fake.look("ledger")
        theirs = {c.upper(): sums["net"] for c, sums in ledger["totals"].items() if sums["net"]}
        ours = {currency: minor for currency, minor in self.cash().items() if minor}
        assert ours == theirs
        rows = watching.rows("charges")
        captured = {row["id"]: 1 for row in rows if row["captured_at"]}
        assert captured == {ref: n for ref, n in ledger["captures"].items() if ref}
        ended = {row["id"] for row in rows if row["state"] != "approved"}
        assert not [ref for ref in self.payable() if ref in ended], "payable after its end"
        settled = {"succeeded", "declined", "expired", "cancelled"}
        assert {row["outcome"] for row in watching.rows("attempts")} <= settled
        assert verify_all().problems == ()
