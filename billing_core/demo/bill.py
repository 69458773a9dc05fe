"""One charge of the demo from its fire to its end, as its customer's habits would have it.

A habit says how long looking and paying take; a turn, where the story names one, overrules it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from billing_core import clock
from billing_core.demo import client as people
from billing_core.demo.aftermath import Aftermath
from billing_core.demo.client import Client
from billing_core.demo.life import Life
from billing_core.demo.story import chance, said
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.expire_charges import expire_charges
from billing_core.flows.fire_charge import fire_charge
from billing_core.flows.record_payment import record_payment
from billing_core.flows.revise_charge import revise_charge
from billing_core.flows.set_validity import set_validity
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.flows.void_charge import void_charge
from billing_core.records import attempts, charges, db
from billing_core.rules import money, schedule
from billing_core.rules.nouns import Actor

MAYA = Actor("staff", "st_local", "Maya Okafor")
#: Habit → days until the invoice is looked at, and until it is paid: (soonest, latest).
_LOOKS = {
    "prompt": (0.05, 0.6),
    "steady": (0.2, 2.5),
    "late": (1.5, 7.0),
    "transfer": (0.3, 3.0),
    "cheque": (0.8, 4.0),
    "picky": (0.2, 2.0),
}
_PAYS = {
    "prompt": (0.1, 1.6),
    "steady": (1.0, 9.0),
    "late": (15.0, 49.0),
    "transfer": (9.0, 26.0),
    "cheque": (14.0, 38.0),
    "picky": (1.0, 7.0),
}
_BY_HAND = {"transfer": "bank_transfer", "cheque": "cheque"}
_ASKS_SHARE, _REVISES_SHARE = 0.55, 0.3
_DECLINED_SHARE, _APPROVES_FIRST_SHARE, _CHECKED_SHARE = 0.06, 0.25, 0.08
_REMINDED = (7, 21)
_TICK = timedelta(minutes=1)
_VALID_DAYS = 20
#: What a revision takes off.
_LESS = Decimal("0.92")


@dataclass
class Bill:
    """What is billed to whom; ``name`` is what chance goes by, ``turn`` what befalls it."""

    life: Life
    client: Client
    habit: str
    command: FireCommand
    name: str
    stopped: Callable[[], bool]
    turn: str = ""
    actor: Actor = MAYA
    origin: str = "manual_ui"
    charge: str = ""

    def fire(self) -> None:
        """Send it, and plan what follows."""
        fired = fire_charge(self.command, actor=self.actor, origin=self.origin)
        if fired.charge is None:
            return
        self.charge = fired.charge.id
        if fired.charge.state == "pending_client":
            self._follow()
        elif fired.charge.state == "captured":
            self._afterwards()

    def _follow(self) -> None:
        zone = clock.zone(self.client.customer.time_zone)
        for days in _REMINDED:
            self.life.at(schedule.reminder_at(clock.now(), days, zone) + _TICK, self.life.tick)
        _TURNS.get(self.turn, Bill._by_habit)(self)

    def _later(self, days: float, what: Callable[[], None]) -> None:
        """A step of the client's or ours; a suspended customer takes none any more."""
        self.life.after(days, lambda: None if self.stopped() else what())

    def _by_habit(self) -> None:
        looks, pays = self._between("look", _LOOKS), self._between("pay", _PAYS)
        self._later(looks, self._look)
        asks = self.habit == "picky" and self._chance("ask") < _ASKS_SHARE
        if asks:
            self._later(looks + 0.02, self._ask)
            revises = self._can_be_revised() and self._chance("revise") < _REVISES_SHARE
            self._later(looks + 0.9, self._revise if revises else self._answer)
            self._later(looks + 1.2 + pays, self._pay)
        elif self.habit in _BY_HAND:
            if self._chance("approve") < _APPROVES_FIRST_SHARE:
                self._later(looks + 0.01, self._approve)
                self._later(looks + 1.1, self._settle)
            self._later(pays, self._by_hand)
        elif self._chance("decline") < _DECLINED_SHARE:
            self._later(pays, self._decline)
            self._later(pays + 0.4, self._pay_again)
        else:
            self._later(max(pays, looks + 0.01), self._pay)

    def _too_early(self) -> None:
        self._later(0.3, lambda: self._void("void"))
        self._later(9, self._fire_again)

    def _wrong_order(self) -> None:
        self._later(0.2, lambda: self._void("void_order"))
        self._later(1, self._fire_again)

    def _revised(self) -> None:
        self._later(1.1, self._look)
        self._later(1.2, self._ask)
        self._later(2.1, self._revise)
        self._later(4.4, self._pay)

    def _answered(self) -> None:
        self._answered_open()
        self._later(5.2, self._pay)

    def _answered_open(self) -> None:
        self._asked()
        self._later(2.0, self._answer)

    def _asked(self) -> None:
        self._later(0.9, self._look)
        self._later(1.0, self._ask)

    def _declined(self) -> None:
        self._declined_open()
        self._later(3.1, self._pay_again)

    def _declined_open(self) -> None:
        self._later(0.7, self._look)
        self._later(0.8, self._decline)

    def _approved_only(self) -> None:
        self._later(0.5, self._look)
        self._later(0.6, self._approve)
        self._later(1.7, self._settle)

    def _viewed(self) -> None:
        self._later(0.8, self._look)

    def _expires(self) -> None:
        self._later(0.1, self._set_validity)
        self._later(2.0, self._look)

    def _pays_by_card(self) -> None:
        """Whatever their habit: only what came by card can be sent back or objected to."""
        self._later(0.5, self._look)
        self._later(0.6, self._pay)

    def _unanswered(self) -> None:
        """They never look at it."""

    def _look(self) -> None:
        self.client.look(self.charge, on_phone=self._chance("phone") < 0.5)

    def _approve(self) -> None:
        self.client.approve(self.charge)

    def _decline(self) -> None:
        self.client.approve(self.charge, people.DECLINES)

    def _pay_again(self) -> None:
        self.client.pay_again(self.charge)

    def _pay(self) -> None:
        checked = self._chance("check") < _CHECKED_SHARE
        careful = checked or self.client.asks_always
        self.client.approve(self.charge, people.ASKS if careful else people.PAYS)
        self._afterwards()

    def _afterwards(self) -> None:
        Aftermath(self.life, self.charge, self._language, self.name, MAYA).begin(self.turn)

    def _ask(self) -> None:
        kind = "asked_open" if self.turn == "asked" else "ask"
        self.client.ask(self.charge, said(self._language, kind, self.name))

    def _answer(self) -> None:
        words = said(self._language, "answer", self.name)
        answer_changes(self.charge, answer=words, actor=MAYA)

    def _revise(self) -> None:
        currency = self.client.customer.currency
        unit = 10 ** money.exponent(currency)
        lower = int(Decimal(self.command.amount) * _LESS) * unit
        new = revise_charge(
            self.charge,
            amount=money.to_text(lower, currency),
            description=self.command.description,
            answer=said(self._language, "revise", self.name),
            actor=MAYA,
        )
        self.charge = new.id

    def _void(self, why: str) -> None:
        void_charge(self.charge, reason=said(self._language, why, self.name), actor=MAYA)

    def _fire_again(self) -> None:
        self.turn = ""
        self.fire()

    def _by_hand(self) -> None:
        zone = self.client.customer.time_zone
        number = int(self._chance("reference") * 90_000) + 10_000
        method = _BY_HAND[self.habit]
        record_payment(
            self.charge,
            method=method,
            paid_on=clock.today(zone).isoformat(),
            reference=f"{'TRF' if method == 'bank_transfer' else 'No.'} {number}",
            actor=MAYA,
        )

    def _set_validity(self) -> None:
        zone = self.client.customer.time_zone
        last = clock.today(zone) + timedelta(days=_VALID_DAYS)
        set_validity(self.charge, last.isoformat(), actor=MAYA)
        over = schedule.end_of_day(last, clock.zone(zone))
        self.life.at(over + _TICK, _sweep_expired)

    def _settle(self) -> None:
        """A day later the gateway's page has run out."""
        with db.read_only() as connection:
            alive = attempts.find_alive(connection, self.charge)
        if alive is not None:
            settle_attempt(alive.id)

    def _can_be_revised(self) -> bool:
        with db.read_only() as connection:
            return charges.get(connection, self.charge).trigger_mode == "event"

    def _between(self, what: str, table: dict[str, tuple[float, float]]) -> float:
        soonest, latest = table[self.habit]
        return soonest + (latest - soonest) * self._chance(what)

    def _chance(self, what: str) -> float:
        return chance(self.name, what)

    @property
    def _language(self) -> str:
        return self.client.language


def _sweep_expired() -> None:
    expire_charges()


_TURNS: dict[str, Callable[[Bill], None]] = {
    "too_early": Bill._too_early,
    "wrong_order": Bill._wrong_order,
    "revised": Bill._revised,
    "answered": Bill._answered,
    "answered_open": Bill._answered_open,
    "asked": Bill._asked,
    "declined": Bill._declined,
    "declined_open": Bill._declined_open,
    "approved_only": Bill._approved_only,
    "viewed": Bill._viewed,
    "expired": Bill._expires,
    **dict.fromkeys(("refunded", "partly", "disputed", "lost", "won"), Bill._pays_by_card),
    "never": Bill._unanswered,
    "waiting": Bill._unanswered,
}
