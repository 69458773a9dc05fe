"""What the demo's agency does: set up, plan projects, deliver, bill by milestone and by month."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial

from babel.dates import format_date

from billing_core import clock
from billing_core.demo.bill import MAYA, Bill
from billing_core.demo.client import Client
from billing_core.demo.handover import hand_over
from billing_core.demo.life import Life
from billing_core.demo.story import Phase, ProjectPlan, Row, Story, chance, turn_of_month
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.create_key import create_key
from billing_core.flows.enroll_customer import enroll_customer
from billing_core.flows.save_company import save_company
from billing_core.flows.save_customer import LANGUAGES, save_customer
from billing_core.flows.save_item import save_item
from billing_core.flows.save_project import change_milestone, save_milestone, save_project
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.rules import money
from billing_core.rules.nouns import Actor, Customer, Item

ZONE = "America/New_York"
COMPANY = {
    "name": "Northlight Studio",
    "operator_name": MAYA.name,
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
    "reminder_days": "7, 21",
    "reporting_zone": ZONE,
}
_FIELDS = ("company", "name", "email", "cc", "line1", "city", "state", "postal_code", "country")
_MORE = ("time_zone", "currency", "tax_id", "notes")
_MONTH_DAYS = 30.4375
_TRAFFIC, _METERED = "Traffic above plan", "Shop care"
_UNDELIVERED, _UNBILLED, _DROPPED = "undelivered", "unbilled", "dropped"
_SUSPENDED_DAYS = 100
#: Whose card fails lately, and since how many days.
_CARD_FAILS, _CARD_FAILS_DAYS = "Fjord Foods", 40


@dataclass
class Agency:
    """The agency at work; ``items`` and ``clients`` by the names the story gives them."""

    life: Life
    story: Story
    items: dict[str, Item]
    clients: dict[str, Client]
    scheduler: Actor
    gone: set[str]

    def plan(self) -> None:
        """Everything the agency will do, each thing at its time."""
        for number, row in enumerate(self.story.customers, start=11):
            self._enter(row, number)
            self._plan_months(row)
        for project in self.story.projects:
            begins = self.life.office(project.starts_on, 9.2)
            self.life.at(max(begins, clock.now()), partial(self._begin, project))

    def _enter(self, row: Row, number: int) -> None:
        """A new customer, enrolled in everything in their currency."""
        fields: dict[str, str | bool] = {name: row[name] for name in (*_FIELDS, *_MORE)}
        fields |= {"allow_trigger": True, "payment_method": row["method"]}
        fields["language"] = row["language"] if row["language"] in LANGUAGES else "en"
        customer = save_customer(None, fields, actor=MAYA)
        self.clients[row["company"]] = Client(
            customer=customer,
            number=number,
            language=row["language"],
            asks_always="authentication" in row["method"],
        )
        for item in self.items.values():
            if item.currency == row["currency"]:
                enroll_customer(customer.id, item.id, actor=MAYA)
        if row["company"] == _CARD_FAILS:
            changed = partial(self._change_card, customer, fields)
            self.life.at(self.life.ends - timedelta(days=_CARD_FAILS_DAYS), changed)
        if "uspended" in row["notes"]:
            ends = self.life.ends - timedelta(days=_SUSPENDED_DAYS)
            self.life.at(ends, partial(self._suspend, row["company"]))

    def _plan_months(self, row: Row) -> None:
        for month in reversed(range(int(row["care_months"] or 0))):
            on = self._month(month, 1)
            turn = turn_of_month(row["company"], month)
            care = partial(self._care, row, on, turn)
            self.life.at(self.life.local(on, 8, row["time_zone"]), care)
            if row["care"] == _METERED:
                self.life.at(
                    self.life.local(on, 8.1, row["time_zone"]), partial(self._traffic, row, on)
                )
        for month in reversed(range(int(row["support_months"] or 0))):
            on = self._month(month, 27)
            self.life.at(self.life.office(on, 16.5), partial(self._support, row, on))

    def _month(self, back: int, day: int) -> date:
        """That day of the month which lies so many months back; 0 is the present one."""
        middle = self.story.today.replace(day=15) - timedelta(days=int(_MONTH_DAYS * back))
        return middle.replace(day=day)

    def _care(self, row: Row, on: date, turn: str) -> None:
        self._fire(row, row["care"], on, turn=turn)

    def _traffic(self, row: Row, on: date) -> None:
        """A threshold: below it nothing is charged, and that is a normal answer."""
        visits = 250_000 + int(chance(row["company"], on) * 300_000)
        self._fire(row, _TRAFFIC, on, metric_value=str(visits))

    def _support(self, row: Row, on: date) -> None:
        item = self.items[row["support"]]
        halves = 4 + int(chance(row["company"], "hours", on) * 20)
        amount = money.to_text(item.unit_price_minor * halves // 2, item.currency)
        hours, month = f"{halves / 2:g}", _month_of(row["language"], on)
        german = row["language"] == "de"
        told = f"{hours.replace('.', ',')} Stunden" if german else f"{hours} hours"
        words = f"{item.name}, {month}: {told}"
        self._fire(row, item.name, on, amount=amount, description=words, metric_value=hours)

    def _fire(
        self,
        row: Row,
        item: str,
        on: date,
        *,
        amount: str = "",
        description: str = "",
        metric_value: str = "",
        turn: str = "",
    ) -> None:
        if self._is_gone(row["company"]):
            return
        client, thing = self.clients[row["company"]], self.items[item]
        by_machine = thing.capture_mode == "off_session"
        if thing.trigger_mode == "fixed":
            description = f"{thing.name}, {_month_of(client.language, on)}"
        command = FireCommand(
            client.customer.id,
            thing.id,
            amount=amount,
            description=description,
            metric_value=metric_value,
        )
        Bill(
            life=self.life,
            client=client,
            habit=row["habit"],
            command=command,
            name=f"{row['company']} {item} {on}",
            turn=turn,
            stopped=partial(self._is_gone, row["company"]),
            actor=self.scheduler if by_machine else MAYA,
            origin="api" if by_machine else "manual_ui",
        ).fire()

    def _begin(self, plan: ProjectPlan) -> None:
        """Write the project and its plan down; each phase is then lived through."""
        row, client = plan.row, self.clients[plan.row["company"]]
        fields = {"customer_id": client.customer.id, "contract_sum": row["contract"]}
        fields |= {"name": row["name"], "number": row["number"], "po_number": row["po"]}
        project = save_project(None, fields, actor=MAYA)
        delivers, ready = True, self.life.begins.date()
        for phase in plan.phases:
            values = {"project_id": project.id, "title": phase.title, "scope": phase.scope}
            values |= {"planned_amount": phase.amount, "due_on": phase.due_on.isoformat()}
            milestone = save_milestone(None, values | {"acceptance": phase.acceptance}, actor=MAYA)
            if phase.turn == _DROPPED:
                change_milestone(milestone.id, "drop", actor=MAYA)
                continue
            starts = self.life.office(max(ready, plan.starts_on), 9.5)
            if delivers:
                self.life.at(starts, partial(self._start, milestone.id))
            delivers = delivers and phase.turn != _UNDELIVERED
            late = 0 if phase.turn else int(chance(row["number"], phase.number, "late") * 6) - 2
            ready = phase.due_on + timedelta(days=late)
            if delivers:
                done = self.life.office(ready, 15 + chance(phase.title, row["number"]))
                self.life.at(done, partial(self._deliver, plan, phase, milestone.id))

    def _deliver(self, plan: ProjectPlan, phase: Phase, milestone: str) -> None:
        hand_over(plan, phase, milestone, MAYA)
        delivered = change_milestone(milestone, "deliver", actor=MAYA).delivered_on
        company = plan.row["company"]
        if phase.turn == _UNBILLED or self._is_gone(company):
            return
        client = self.clients[company]
        habit = next(r["habit"] for r in self.story.customers if r["company"] == company)
        words = f"{phase.title} — {_delivered(client.language, delivered)}"
        command = FireCommand(
            client.customer.id,
            self.items[plan.row["item"]].id,
            amount=phase.amount,
            description=words,
            milestone=milestone,
        )
        bill = Bill(
            life=self.life,
            client=client,
            habit=habit,
            command=command,
            name=f"{plan.row['number']} {phase.number}",
            stopped=partial(self._is_gone, company),
            turn=phase.turn,
        )
        self.life.after(0.02, bill.fire)

    def _start(self, milestone: str) -> None:
        change_milestone(milestone, "start", actor=MAYA)

    def _change_card(self, customer: Customer, fields: dict[str, str | bool]) -> None:
        fields = fields | {"payment_method": "pm_card_chargeDeclined"}
        changed = save_customer(customer.id, fields, actor=MAYA)
        old = self.clients[changed.company]
        self.clients[changed.company] = replace(old, customer=changed)

    def _is_gone(self, company: str) -> bool:
        return company in self.gone

    def _suspend(self, company: str) -> None:
        self.gone.add(company)
        suspend_customer(self.clients[company].customer.id, actor=MAYA)


def open_agency(life: Life, story: Story) -> Agency:
    """The agency on its first day: its letterhead, its catalogue, its key for the scheduler."""
    save_company(COMPANY, actor=MAYA)
    items = {row["name"]: save_item(None, _item(row), actor=MAYA) for row in story.items}
    key = create_key("Care plan scheduler", ["fire"], actor=MAYA).key
    return Agency(life, story, items, {}, Actor("key", key.id, key.name), set())


def _item(row: Row) -> dict[str, str | bool]:
    fields: dict[str, str | bool] = {**row}
    for flag in ("allow_override", "tax_included"):
        fields[flag] = row[flag] == "yes"
    return fields


def _delivered(language: str, on: date | None) -> str:
    assert on is not None
    if language == "de":
        return f"geliefert am {format_date(on, 'd. MMMM', locale='de')}"
    return f"delivered {on:%B} {on.day}"


def _month_of(language: str, on: date) -> str:
    return str(format_date(on, "MMMM y", locale=language))
