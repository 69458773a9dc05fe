"""What the fake Stripe keeps: its objects, its own ledger, its events and its clock.

It is not Stripe. It keeps the promises that Stripe's documentation makes and that Countersign rests
on; it shares no code and no constant with Countersign, so that neither can hide the other's faults.
"""

from __future__ import annotations

import copy
import random
import time
from typing import Any

Obj = dict[str, Any]

#: What the company keeps of a payment: 2.9 % and 30 of the smallest unit; a dispute costs 1500.
FEE_PER_MILLE, FEE_FLAT, DISPUTE_FEE = 29, 30, 1500
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


class Refusal(Exception):
    """An answer with an error object, as the API gives it."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str = "",
        validation: bool = False,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.validation = validation
        self.error = {"type": kind, "message": message, **more}
        if code:
            self.error |= {"code": code, "doc_url": f"https://stripe.example/error-codes/{code}"}


class Company:
    """All state of one running fake."""

    def __init__(self) -> None:
        self.address = ""
        self.reset()

    def reset(self) -> None:
        """Forget everything, as on the first day."""
        self._random = random.Random()
        self.objects: dict[str, Obj] = {}
        self.order: list[str] = []
        self.keys = {
            "sk_test_countersign": "",
            "sk_live_countersign": "",
            "sk_test_revoked": "gone",
        }
        self.account: Obj = {
            "id": "acct_1FakeCountersign", "object": "account", "country": "US",
            "default_currency": "usd", "charges_enabled": True, "payouts_enabled": True,
            "details_submitted": True, "email": "owner@northlight.example", "type": "standard",
            "business_profile": {"name": "Northlight Studio"},
            "settings": {"dashboard": {"display_name": "Northlight Studio"},
                         "payments": {"statement_descriptor": "NORTHLIGHT"},
                         "card_payments": {"statement_descriptor_prefix": "NORTHLIGHT"}},
            "requirements": {"disabled_reason": None},
        }  # fmt: skip
        self.at: int | None = None
        self.livemode = False
        self.asked: list[Obj] = []
        self.misfits: list[str] = []
        self.bodies: dict[str, bytes] = {}
        self.behaviour: Obj = {"late_lines": False, "settles_in": {}, "slow_refunds": False}

    def now(self) -> int:
        """Seconds since 1970: the world's, or where a test has put them."""
        return int(time.time()) if self.at is None else self.at

    def new_id(self, prefix: str, length: int = 24) -> str:
        return f"{prefix}_" + "".join(self._random.choice(LETTERS) for _ in range(length))

    def add(self, prefix: str, kind: str, **fields: Any) -> Obj:
        """A new object of ``kind`` with an id that starts with ``prefix``."""
        length = 56 if prefix == "cs" else 24
        middle = ("live" if self.livemode else "test") if prefix == "cs" else ""
        made: Obj = {
            "id": self.new_id(f"{prefix}_{middle}" if middle else prefix, length),
            "object": kind,
            "created": self.now(),
            "livemode": self.livemode,
            **fields,
        }
        self.objects[made["id"]] = made
        self.order.append(made["id"])
        return made

    def get(self, ref: str, kind: str, *, param: str = "id") -> Obj:
        """The object with this id, or the API's own "No such …"."""
        found = self.objects.get(ref)
        name = kind.rpartition(".")[2].replace("_", "")
        if found is None or found["object"] != kind:
            raise Refusal(
                f"No such {name}: '{ref[:80]}'", status=404, code="resource_missing", param=param
            )
        if found["livemode"] != self.livemode:
            here, there = ("live", "test") if self.livemode else ("test", "live")
            raise Refusal(
                f"No such {name}: '{ref}'; a similar object exists in {there} mode, but a {here} "
                "mode key was used to make this request.",
                status=404, code="resource_missing", param=param,
            )  # fmt: skip
        return found

    def all(self, kind: str) -> list[Obj]:
        """Objects of a kind, newest first, as lists are."""
        found = (self.objects[ref] for ref in reversed(self.order))
        return [o for o in found if o["object"] == kind and o["livemode"] == self.livemode]

    def emit(self, event_type: str, about: Obj) -> Obj:
        """Something happened: kept as an event, delivered by the courier."""
        return self.add(
            "evt", "event", type=event_type, api_version="2026-10-28.endive",
            data={"object": copy.deepcopy(about)}, pending_webhooks=1, request={"id": None},
            undelivered=True,
        )  # fmt: skip

    def line(self, kind: str, amount: int, currency: str, source: str, *, fee: int = 0) -> Obj:
        """One line of the company's own books: what the account's balance moved by."""
        into, up, down = self.behaviour["settles_in"].get(currency, (currency, 1, 1))
        moved = amount * up // down
        return self.add(
            "txn", "balance_transaction", type=kind, reporting_category=_category(kind, amount),
            amount=moved, fee=fee, net=moved - fee, currency=into, source=source,
            available_on=self.now() + 2 * 86400, status="pending", description=None,
            exchange_rate=None if into == currency else up / down,
            fee_details=[{"amount": fee, "currency": into, "type": "stripe_fee"}] if fee else [],
        )  # fmt: skip

    def fee(self, amount: int, currency: str) -> int:
        """What the company keeps of ``amount``, in the currency it settles in."""
        _, up, down = self.behaviour["settles_in"].get(currency, (currency, 1, 1))
        return (amount * up // down) * FEE_PER_MILLE // 1000 + FEE_FLAT

    def ledger(self) -> Obj:
        """The oracle: per currency what was moved, kept and is owed, and what each payment got."""
        totals: dict[str, dict[str, int]] = {}
        for line in self.objects.values():
            if line["object"] == "balance_transaction":
                sums = totals.setdefault(line["currency"], {"amount": 0, "fee": 0, "net": 0})
                for name in sums:
                    sums[name] += line[name]
        captured: dict[str, int] = {}
        for charge in self.objects.values():
            if charge["object"] == "charge" and charge["captured"]:
                key = charge["metadata"].get("charge_id", "")
                captured[key] = captured.get(key, 0) + 1
        return {"totals": totals, "captures": captured}


def _category(kind: str, amount: int) -> str:
    if kind == "adjustment":
        return "dispute" if amount < 0 else "dispute_reversal"
    return kind
