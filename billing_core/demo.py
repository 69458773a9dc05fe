"""The demo: a fictional agency made by the same flows as real work, with a driven clock.

Above everything else in this house, because it drives flows and worker alike. It reads the story
from ``data/demo`` and lives through it in the order of time.
"""

from __future__ import annotations

import csv
import heapq
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from billing_core import clock, jobs, settings
from billing_core.errors import NotAllowed
from billing_core.flows import sandbox_checkout
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.approve_charge import approve_charge
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.enroll_customer import enroll_customer
from billing_core.flows.fire_charge import fire_charge
from billing_core.flows.open_link import open_link
from billing_core.flows.pay_again import pay_again
from billing_core.flows.record_payment import record_payment
from billing_core.flows.request_changes import request_changes
from billing_core.flows.revise_charge import revise_charge
from billing_core.flows.save_company import save_company
from billing_core.flows.save_customer import save_customer
from billing_core.flows.save_item import save_item
from billing_core.flows.save_project import change_milestone, save_milestone, save_project
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.flows.upgrade_db import upgrade_db
from billing_core.flows.void_charge import void_charge
from billing_core.records import db
from billing_core.reports import dossier, lists
from billing_core.rules.nouns import Actor, Visit

STORY = Path(__file__).resolve().parents[1] / "data" / "demo"
MAYA = Actor("staff", "st_local", "Maya Okafor")
PAYS, DECLINES = "4242 4242 4242 4242", "4000 0000 0000 0002"
_CLIENT = Visit("203.0.113.24", "peer", "203.0.113.24", "", "Mozilla/5.0", "en-US")
_COMPANY = {
    "name": "Northlight Studio",
    "operator_name": "Maya Okafor",
    "email": "billing@northlight.example",
    "line1": "14 Quay Street",
    "city": "Portland",
    "state": "ME",
    "postal_code": "04101",
    "country": "US",
    "tax_id": "EIN 00-0000000",
    "bank": "Bank: Casco Savings Bank\nRouting: 000 000 000\nAccount: 0000 4417 20",
    "terms_text": "Payment within 30 days of the invoice date. The rights in the work pass to the "
    "client when its invoice is paid.",
    "invoice_prefix": "NS-",
    "reporting_zone": "America/New_York",
}
_ITEM: dict[str, str | bool] = {
    "name": "Project milestone",
    "description": "Project milestone — client reviews and pays",
    "unit_price": "5000.00",
    "currency": "USD",
    "trigger_mode": "event",
    "capture_mode": "client_confirm",
    "allow_override": True,
    "max_capture": "25000.00",
}


@dataclass
class _Life:
    """What is still to happen, by time; equal times in the order they were planned."""

    planned: list[tuple[datetime, int, Callable[[], None]]] = field(default_factory=list)
    count: int = 0

    def at(self, when: datetime, what: Callable[[], None]) -> None:
        heapq.heappush(self.planned, (when, self.count, what))
        self.count += 1

    def run(self, until: datetime) -> None:
        """Live through it; after each step the worker does what is due by then."""
        while self.planned and self.planned[0][0] <= until:
            when, _, what = heapq.heappop(self.planned)
            with clock.driven(when):
                jobs.drain()
                what()
                jobs.drain()


def open_demo() -> Path:
    """The demo's file, made aside and moved into place when it is whole."""
    folder = settings.load().data_dir.resolve()
    file, aside = folder / "demo.db", folder / "demo-making"
    if not file.exists():
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        _use(aside / "demo.db")
        upgrade_db()
        make_demo()
        db.forget()
        os.replace(aside / "demo.db", file)
        shutil.rmtree(aside)
    _use(file)
    return file


def make_demo() -> int:
    """Fill empty demo books; returns how many charges. NotAllowed for other books."""
    if not settings.load().database.endswith("/demo.db") or lists.charges(limit=1):
        raise NotAllowed("The demo is made in a file of its own, never in your own books.")
    now, life = clock.now(), _Life()
    with (STORY / "milestones.csv").open(encoding="utf-8", newline="") as file:
        plan = list(csv.DictReader(file))
    with (STORY / "customers.csv").open(encoding="utf-8", newline="") as file:
        people = list(csv.DictReader(file))
    life.at(now - timedelta(days=110), lambda: _set_up(life, now, people, plan))
    life.run(until=now)
    with clock.driven(now):
        jobs.drain()
    return len(lists.charges())


def _set_up(
    life: _Life, now: datetime, people: list[dict[str, str]], plan: list[dict[str, str]]
) -> None:
    save_company(_COMPANY, actor=MAYA)
    item = save_item(None, _ITEM, actor=MAYA)
    for row in people:
        method = row.pop("method")
        fields: dict[str, str | bool] = {**row, "currency": "USD", "allow_trigger": True}
        customer = save_customer(None, fields | {"payment_method": method}, actor=MAYA)
        enroll_customer(customer.id, item.id, actor=MAYA)
        mine = [r for r in plan if r["company"] == row["company"]]
        _plan_project(life, now, customer.id, item.id, mine)


def _plan_project(
    life: _Life, now: datetime, customer: str, item: str, rows: list[dict[str, str]]
) -> None:
    first = rows[0]
    project = save_project(
        None,
        {
            "customer_id": customer,
            "name": first["project"],
            "number": first["number"],
            "po_number": first["po"],
        },
        actor=MAYA,
    )
    for row in rows:
        values = {
            "project_id": project.id,
            "title": row["title"],
            "planned_amount": row["amount"],
            "scope": row["scope"],
        }
        milestone = save_milestone(None, values, actor=MAYA)
        if row["outcome"] == "in_progress":
            change_milestone(milestone.id, "start", actor=MAYA)
        if row["days_ago"]:
            fired_at = now - timedelta(days=int(row["days_ago"]), hours=3)
            step = _Step(life, customer, item, milestone.id, row)
            life.at(fired_at, step.fire)


def _use(file: Path) -> None:
    os.environ["COUNTERSIGN_DATABASE_URL"] = f"sqlite:///{file}"
    settings.forget()


@dataclass
class _Step:
    """One milestone from its delivery to what became of its charge."""

    life: _Life
    customer: str
    item: str
    milestone: str
    row: dict[str, str]
    charge: str = ""

    def fire(self) -> None:
        delivered = change_milestone(self.milestone, "deliver", actor=MAYA).delivered_on
        assert delivered is not None
        command = FireCommand(
            customer=self.customer,
            item=self.item,
            amount=self.row["amount"],
            description=f"{self.row['title']} — delivered {delivered:%B} {delivered.day}",
            milestone=self.milestone,
        )
        fired = fire_charge(command, actor=MAYA)
        assert fired.charge is not None
        self.charge = fired.charge.id
        for days, what in _OUTCOMES[self.row["outcome"]]:
            self.life.at(clock.now() + timedelta(days=days, minutes=47), partial(what, self))

    def token(self) -> str:
        url = dossier.dossier(self.charge).pay_url
        assert url is not None
        return url.rpartition("/")[2]

    def approve(self, number: str = "") -> None:
        """The client approves; with a card ``number`` also pays, without one leaves it there."""
        token = self.token()
        page = open_link(token)
        step = approve_charge(
            token,
            nonce=page.nonce,
            document_sha256=page.document_sha256,
            accept="yes",
            name=page.customer.name,
            method="new",
            code="",
            visit=_CLIENT,
        )
        self._at_checkout(step.url, number)

    def pay(self) -> None:
        self.approve(PAYS)

    def approve_only(self) -> None:
        self.approve()

    def decline(self) -> None:
        self.approve(DECLINES)

    def pay_again(self) -> None:
        token = self.token()
        nonce = open_link(token).nonce
        step = pay_again(token, nonce=nonce, method="new", code="", visit=_CLIENT)
        self._at_checkout(step.url, PAYS)

    def ask(self) -> None:
        token = self.token()
        page = open_link(token)
        request_changes(
            token,
            nonce=page.nonce,
            document_sha256=page.document_sha256,
            kind="changes",
            message="The tablet layout is missing the booking bar, and we agreed to drop the "
            "animation.",
            visit=_CLIENT,
        )

    def answer(self) -> None:
        words = "The booking bar is on the tablet layout now; see the updated prototype."
        answer_changes(self.charge, answer=words, actor=MAYA)

    def revise(self) -> None:
        new = revise_charge(
            self.charge,
            amount="3300.00",
            description=self.row["title"],
            answer="The animation is out, and so is its price.",
            actor=MAYA,
        )
        self.charge = new.id

    def by_bank(self) -> None:
        today = clock.today("America/New_York").isoformat()
        record_payment(
            self.charge, method="bank_transfer", paid_on=today, reference="TRF 88123", actor=MAYA
        )

    def void(self) -> None:
        void_charge(self.charge, reason="Billed too early", actor=MAYA)

    def _at_checkout(self, url: str, number: str) -> None:
        if number:
            sandbox_checkout.pay(url.rpartition("/")[2], number)
            attempt = open_link(self.token()).attempt
            assert attempt is not None
            settle_attempt(attempt.id)


_OUTCOMES: dict[str, tuple[tuple[float, Callable[[_Step], None]], ...]] = {
    "paid": ((1.2, _Step.pay),),
    "paid_late": ((26.4, _Step.pay),),
    "declined_then_paid": ((2.1, _Step.decline), (3.3, _Step.pay_again)),
    "changes": ((1.4, _Step.ask),),
    "bank": ((12.2, _Step.by_bank),),
    "overdue": (),
    "waiting": (),
    "revised": ((2.3, _Step.ask), (3.1, _Step.revise), (4.4, _Step.pay)),
    "answered": ((1.1, _Step.ask), (1.6, _Step.answer)),
    "approved": ((0.8, _Step.approve_only),),
    "void": ((1.1, _Step.void),),
}
