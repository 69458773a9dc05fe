"""Books with something in them, made by the real flows: for tests of any floor.

Everything here goes through ``billing_core.flows`` and the sandbox; nothing writes a row by hand.
Ask for the ``books`` (or ``database``) fixture first. The recipe's names stand as defaults.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from billing_core import clock, ids
from billing_core.flows import (
    approve_charge,
    enroll_customer,
    fire_charge,
    open_link,
    request_changes,
    sandbox_checkout,
    save_company,
    save_customer,
    save_item,
    save_project,
    send_code,
    settle_attempt,
)
from billing_core.flows.approve_charge import NextStep
from billing_core.flows.check_fire import FireCommand
from billing_core.flows.fire_charge import Fired
from billing_core.records import attempts, charges, db, keyfile, links
from billing_core.rules.nouns import Actor, Attempt, Charge, Customer, Item, Visit

OPERATOR = Actor("staff", "st_local", "Maya Okafor")
VISIT = Visit(
    address="203.0.113.7",
    rule="peer",
    peer="203.0.113.7",
    user_agent="Mozilla/5.0 (a client's browser)",
    accept_language="en-US,en;q=0.9",
)
PAYS = "4242 4242 4242 4242"
DECLINES = "4000 0000 0000 0002"
ASKS = "4000 0025 0000 3155"
DISPUTED_LATER = "4000 0000 0000 0259"
PHASE_2 = "Phase 2: Homepage designs — delivered March 15"

COMPANY = {
    "name": "Northlight Studio",
    "operator_name": "Maya Okafor",
    "email": "billing@northlight.example",
    "line1": "12 Quay Street",
    "city": "Portland",
    "state": "ME",
    "postal_code": "04101",
    "country": "US",
    "bank": "Bank: First Harbor\nAccount: 000123456789",
    "terms_text": "Payment within 30 days.",
}
ITEM: dict[str, str | bool] = {
    "name": "Project milestone",
    "description": "Project milestone — client reviews and pays",
    "unit_price": "5000.00",
    "currency": "USD",
    "trigger_mode": "event",
    "capture_mode": "client_confirm",
    "allow_override": True,
    "max_capture": "25000.00",
}
CUSTOMER: dict[str, str | bool] = {
    "name": "Dana Whitfield",
    "company": "Harbor & Vine",
    "email": "dana@harborvine.example",
    "line1": "8 Orchard Lane",
    "city": "New York",
    "state": "NY",
    "postal_code": "10001",
    "country": "US",
    "time_zone": "America/New_York",
    "currency": "USD",
    "allow_trigger": True,
    "payment_method": "pm_card_visa",
}


@dataclass(frozen=True, slots=True)
class Seeded:
    """Ids of the company's one customer, one item and the enrolment between them."""

    customer: str
    item: str
    enrolment: str


@dataclass(frozen=True, slots=True)
class Plan:
    """Ids of a project and its milestones in their order, all delivered."""

    project: str
    milestones: tuple[str, ...]


def seed(*, item: dict[str, str | bool] | None = None, **customer: str | bool) -> Seeded:
    """The recipe's company, item, customer and enrolment; fields given here replace its own."""
    save_company.save_company(COMPANY, actor=OPERATOR)
    made, whom = add_item(**(item or {})), add_customer(**customer)
    enrolled = enroll_customer.enroll_customer(whom.id, made.id, actor=OPERATOR)
    return Seeded(whom.id, made.id, enrolled.id)


def add_item(**fields: str | bool) -> Item:
    """The recipe's item, with other ``fields`` as a form would send them."""
    return save_item.save_item(None, ITEM | fields, actor=OPERATOR)


def add_customer(**fields: str | bool) -> Customer:
    """The recipe's customer, with other ``fields`` as a form would send them."""
    return save_customer.save_customer(None, CUSTOMER | fields, actor=OPERATOR)


def plan(customer: str, *planned: str, contract_sum: str = "") -> Plan:
    """A project with one delivered milestone for each planned amount (as typed)."""
    fields = {"customer_id": customer, "name": "New website", "contract_sum": contract_sum}
    project = save_project.save_project(None, fields, actor=OPERATOR)
    made = []
    for number, amount in enumerate(planned, start=1):
        values = {
            "project_id": project.id,
            "title": f"Phase {number}",
            "planned_amount": amount,
            "scope": f"What phase {number} delivers.",
        }
        milestone = save_project.save_milestone(None, values, actor=OPERATOR)
        save_project.deliver_milestone(milestone.id, actor=OPERATOR)
        made.append(milestone.id)
    return Plan(project.id, tuple(made))


def fire(
    seeded: Seeded,
    amount: str = "4500.00",
    description: str = PHASE_2,
    *,
    key: str | None = None,
    **more: Any,
) -> Fired:
    """Fire one charge as the operator; ``more`` are further fields of ``FireCommand``."""
    command = FireCommand(
        customer=seeded.customer,
        item=seeded.item,
        amount=amount,
        description=description,
        **more,
    )
    return fire_charge.fire_charge(command, actor=OPERATOR, key=key)


def token(fired: Fired) -> str:
    """The token of the link that a fire made."""
    assert fired.url is not None
    return fired.url.rpartition("/")[2]


def approve(token: str, *, name: str = "Dana Whitfield", method: str = "new") -> NextStep:
    """The client opens the link, ticks, types a name and presses; with ``saved`` also a code."""
    page = open_link.open_link(token)
    code = mailed_code(token, page.nonce) if method == "saved" and page.needs_code else ""
    return approve_charge.approve_charge(
        token,
        nonce=page.nonce,
        document_sha256=page.document_sha256,
        accept="yes",
        name=name,
        method=method,
        code=code,
        visit=VISIT,
    )


def ask_for_changes(token: str, message: str, *, kind: str = "changes") -> None:
    """The client asks for changes, or declines with ``kind="decline"``."""
    page = open_link.open_link(token)
    request_changes.request_changes(
        token,
        nonce=page.nonce,
        document_sha256=page.document_sha256,
        kind=kind,
        message=message,
        visit=VISIT,
    )


def mailed_code(token: str, nonce: str) -> str:
    """Have a code mailed to the client and read it, as the mail would show it."""
    send_code.send_code(token, nonce=nonce, visit=VISIT)
    charge_id = open_link.open_link(token).charge.id
    with db.read_only() as connection:
        latest = links.codes_since(connection, charge_id, clock.now() - timedelta(hours=1))[0]
    return ids.mailed_code(keyfile.secret_key(), latest.id)


def pay(step: NextStep, number: str = PAYS) -> str:
    """Type a card number on the sandbox's page; returns where its page sends the client."""
    assert step.to_gateway, step
    return sandbox_checkout.pay(session_of(step), number)


def session_of(step: NextStep) -> str:
    """The sandbox session behind the gateway's page."""
    return step.url.rpartition("/")[2]


def settle(charge_id: str) -> Charge:
    """Look at every attempt of a charge, as redirect, poll and worker do."""
    for attempt in attempts_of(charge_id):
        settle_attempt.settle_attempt(attempt.id)
    return charge(charge_id)


def paid(seeded: Seeded, amount: str = "4500.00", description: str = PHASE_2) -> Charge:
    """A charge all the way: fired, approved, paid in the sandbox, settled."""
    fired = fire(seeded, amount, description)
    assert fired.charge is not None
    pay(approve(token(fired)))
    return settle(fired.charge.id)


def charge(charge_id: str) -> Charge:
    """The charge as it stands in the books."""
    with db.read_only() as connection:
        return charges.get(connection, charge_id)


def attempts_of(charge_id: str) -> list[Attempt]:
    """A charge's attempts in their order."""
    with db.read_only() as connection:
        return attempts.of_charge(connection, charge_id)
