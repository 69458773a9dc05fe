"""``/_control``: what a test may do to the fake that no customer of a payment company can."""

from __future__ import annotations

from typing import Any

from tests.stripe_fake import cards, checkout, payments, refunds
from tests.stripe_fake.company import Company, Obj
from tests.stripe_fake.courier import Courier


class Control:
    """Acts by name; each takes a JSON object and returns one."""

    def __init__(self, company: Company, courier: Courier) -> None:
        self._company = company
        self._courier = courier
        self.faults: list[Obj] = []
        self.replayed: dict[str, Obj] = {}

    async def act(self, verb: str, given: Obj) -> Any:
        """Run one act; KeyError for one there is not."""
        acts = {
            "reset": self._reset, "clock": self._clock, "account": self._account,
            "behave": self._behave, "fault": self._fault, "webhooks": self._webhooks,
            "deliver": self._deliver, "slow": self._slow, "refund": self._refund,
            "dispute": self._dispute, "close": self._close, "lines": self._lines,
            "collect": self._collect, "pay": self._pay, "keys": self._keys,
            "escalate": self._escalate, "heal": self._heal,
        }  # fmt: skip
        return await acts[verb](given)

    async def _reset(self, given: Obj) -> Obj:
        self._company.reset()
        self._courier.reset()
        self.faults, self.replayed = [], {}
        return {}

    async def _clock(self, given: Obj) -> Obj:
        self._company.at = given.get("at")
        return {"now": self._company.now()}

    async def _account(self, given: Obj) -> Obj:
        self._company.account |= given
        return self._company.account

    async def _keys(self, given: Obj) -> Obj:
        self._company.keys |= given
        return {}

    async def _behave(self, given: Obj) -> Obj:
        self._company.behaviour |= given
        return self._company.behaviour

    async def _fault(self, given: Obj) -> Obj:
        """``kind`` drop_before, drop_after, hang_before, hang_after, error, error_after, limit."""
        self.faults.append({"method": "POST", "path": "/v1/", "times": 1, **given})
        return {"faults": self.faults}

    async def _heal(self, given: Obj) -> Obj:
        """No fault happens any more."""
        self.faults = []
        return {}

    async def _webhooks(self, given: Obj) -> Obj:
        for name in ("url", "secrets", "hold"):
            if name in given:
                setattr(self._courier, name, given[name])
        return {}

    async def _deliver(self, given: Obj) -> Obj:
        before = len(self._courier.answers)
        await self._courier.deliver(given)
        return {"answers": self._courier.answers[before:]}

    async def _collect(self, given: Obj) -> Obj:
        """What waits to be told, as bodies: for a test that is its own courier."""
        events = self._courier.take(given)
        return {"events": [self._courier.body(event).decode() for event in events]}

    async def _slow(self, given: Obj) -> Obj:
        intent = self._company.objects[given["payment_intent"]]
        checkout.finish_slow(self._company, intent, succeed=given["succeed"])
        return intent

    async def _refund(self, given: Obj) -> Obj:
        made = self._company.objects[given["refund"]]
        refunds.finish(self._company, made, succeed=given["succeed"])
        return made

    async def _dispute(self, given: Obj) -> Obj:
        intent = self._company.objects[given["payment_intent"]]
        charge = self._company.objects[intent["latest_charge"]]
        return payments.dispute(
            self._company, charge, inquiry=given.get("inquiry", False),
            amount=given.get("amount", 0), reason=given.get("reason", "fraudulent"),
        )  # fmt: skip

    async def _escalate(self, given: Obj) -> Obj:
        """An inquiry that becomes a chargeback."""
        made = self._company.objects[given["dispute"]]
        made |= {"status": "needs_response", "is_charge_refundable": False}
        self._company.emit("charge.dispute.updated", made)
        payments.withdraw(self._company, made)
        return made

    async def _close(self, given: Obj) -> Obj:
        made = self._company.objects[given["dispute"]]
        payments.close(self._company, made, given["status"])
        return made

    async def _lines(self, given: Obj) -> Obj:
        """Write the lines that were late."""
        for charge in self._company.all("charge"):
            if charge["status"] == "succeeded" and charge["balance_transaction"] is None:
                payments.book(self._company, charge)
        return self._company.ledger()

    async def _pay(self, given: Obj) -> Obj:
        """Somebody else's sale on the same account."""
        intent = payments.new_intent(
            self._company, amount=given["amount"], currency=given["currency"],
            metadata=given.get("metadata", {}),
        )  # fmt: skip
        intent["payment_method"] = cards.store(self._company, "4242424242424242")["id"]
        payments.confirm_intent(self._company, intent)
        return intent
