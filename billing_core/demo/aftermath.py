"""What becomes of money in the demo after it came: sent back, in part, or objected to.

A turn of the story names it; the sandbox's bank plays its part, our flows take it in.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from billing_core import clock, gateway
from billing_core.demo.life import Life
from billing_core.demo.story import said
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.take_dispute import take_dispute
from billing_core.gateway.sandbox_disputes import ANSWER_WITHIN
from billing_core.records import attempts, charges, db
from billing_core.rules import money
from billing_core.rules.nouns import Actor

#: Days from the payment to what is sent back, and to a cardholder's objection.
_REFUND_DAYS, _DISPUTE_DAYS, _DECIDED_DAYS = 5.3, 12.4, 9.0
#: How long before the story's end the one dispute is opened that is still to be answered.
_LATELY = timedelta(days=5, hours=7)
_TICK = timedelta(minutes=1)
_PART = 5


@dataclass(frozen=True, slots=True)
class Aftermath:
    """One paid charge and what follows; ``name`` is what chance goes by."""

    life: Life
    charge: str
    language: str
    name: str
    actor: Actor

    def begin(self, turn: str) -> None:
        """Plan what the turn says, if it says anything of money that came."""
        if plan := _PLANS.get(turn):
            plan(self)

    def _refund_later(self) -> None:
        self.life.after(_REFUND_DAYS, lambda: self._refund(""))

    def _part_later(self) -> None:
        self.life.after(_REFUND_DAYS, self._refund_part)

    def _refund_part(self) -> None:
        """A fifth of it, in whole units: less was done than planned."""
        with db.read_only() as connection:
            charge = charges.get(connection, self.charge)
        unit = 10 ** money.exponent(charge.currency)
        part = charge.total_minor // _PART // unit * unit
        self._refund(money.to_text(part, charge.currency))

    def _refund(self, amount: str) -> None:
        note = said(self.language, "refund", self.name)
        refund_charge(
            self.charge, amount=amount, reason="requested_by_customer", note=note, actor=self.actor
        )

    def _dispute_lately(self) -> None:
        objects = partial(self._object, "product_unacceptable", decides=False)
        self.life.at(self.life.ends - _LATELY, objects)

    def _lose_later(self) -> None:
        objects = partial(self._object, "product_not_received", decides=False)
        self.life.after(_DISPUTE_DAYS, objects)

    def _win_later(self) -> None:
        self.life.after(_DISPUTE_DAYS, partial(self._object, "fraudulent", decides=True))

    def _object(self, reason: str, *, decides: bool) -> None:
        """The cardholder's bank takes the money; unanswered, and undecided, it keeps it."""
        with db.read_only() as connection:
            paid = [a for a in attempts.of_charge(connection, self.charge) if a.payment_reference]
        reference = gateway.sandbox().open_dispute(paid[-1].payment_reference or "", reason)
        take_dispute(reference)
        self.life.at(clock.now() + ANSWER_WITHIN + _TICK, lambda: _hear(reference))
        if decides:
            self.life.after(_DECIDED_DAYS, partial(self._decide, reference))

    def _decide(self, reference: str) -> None:
        gateway.sandbox().decide_dispute(reference, won=True)
        _hear(reference)


def _hear(reference: str) -> None:
    take_dispute(reference)


_PLANS: dict[str, Callable[[Aftermath], None]] = {
    "refunded": Aftermath._refund_later,
    "partly": Aftermath._part_later,
    "disputed": Aftermath._dispute_lately,
    "lost": Aftermath._lose_later,
    "won": Aftermath._win_later,
}
