"""The gate of a fire: who may be charged, in the order of document 1. Looks and locks, writes
nothing. The first rule that says no is the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from billing_core import clock, gateway, ids
from billing_core.errors import AmountRefused, Duplicate, NotAllowed, NotFound, Refused
from billing_core.records import charges, customers, items, organisation, projects, rows
from billing_core.rules import amounts, money, texts
from billing_core.rules.nouns import (
    Charge,
    Company,
    Customer,
    Enrolment,
    Item,
    Milestone,
    Project,
)

LONGEST_ID = 40
NO_ID = "none"


@dataclass(frozen=True, slots=True)
class FireCommand:
    """What a caller asks for. ``amount`` is a decimal string (``grouped``: typed by a person)."""

    customer: str
    item: str
    amount: str = ""
    amount_minor: int | None = None
    description: str = ""
    milestone: str = ""
    po_number: str = ""
    metric_value: str = ""
    grouped: bool = False
    again: bool = False
    expected_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Approved:
    """Everything a fire needs, once the gate has let it through."""

    company: Company
    customer: Customer
    item: Item
    enrolment: Enrolment
    project: Project | None
    milestone: Milestone | None
    sums: amounts.Sums
    description: str
    po_number: str
    metric: amounts.Metric
    content_key: str
    same: Charge | None


def check_fire(
    connection: Connection, command: FireCommand, *, lock: bool = True, replaces: str = ""
) -> Approved:
    """Run the gate. Raises the Refused that comes first; ``same`` is a duplicate by content.

    Without ``lock`` it only looks (a preview). ``replaces`` names a charge that is about to end.
    """
    company = organisation.get_company(connection)
    item = _item(connection, command.item)
    customer = check_customer(connection, command.customer, lock=lock)
    enrolment = check_enrolment(connection, customer, item)
    metric, description, line_minor = _parameters(command, item, company)
    milestone, project = _place(connection, command, customer, lock=lock)
    _check_currencies(item, customer, project)
    standing = _standing(connection, milestone, replaces)
    if project is not None:
        # a charge of this very milestone is named below, not counted against it here
        left_out = standing.id if standing else replaces
        check_contract(connection, project, line_minor, without=left_out)
    if milestone is not None:
        check_milestone(milestone, standing)
    sums = amounts.add_tax(line_minor, item.tax_rate_ppm, included=item.tax_included)
    gateway.check_amount(sums.total_minor, item.currency)
    _check_shown(command, sums, item)
    content_key = ids.sha256_hex(
        rows.dump([customer.id, item.id, line_minor, item.currency, description])
    )
    same = None
    if milestone is None and not command.again:
        since = clock.now() - timedelta(seconds=company.cooldown_s)
        same = charges.find_same_content(connection, content_key, since)
    if same is None and item.capture_mode == "off_session" and customer.payment_method is None:
        raise no_method(customer)
    po_number = texts.check_line(command.po_number, "The PO number", most=60, required=False)
    return Approved(
        company=company,
        customer=customer,
        item=item,
        enrolment=enrolment,
        project=project,
        milestone=milestone,
        sums=sums,
        description=description,
        po_number=po_number or (project.po_number if project else ""),
        metric=metric,
        content_key=content_key,
        same=same,
    )


def _as_id(text: str) -> str:
    """What may go to the database as an id; anything else names nothing there."""
    return text if len(text) <= LONGEST_ID and text.isascii() and text.isprintable() else NO_ID


def _item(connection: Connection, item_id: str) -> Item:
    if not item_id:
        raise NotFound("Choose an item.", code="MISSING_ITEM")
    item = items.get(connection, _as_id(item_id))
    if not item.active:
        raise NotAllowed(f"The item “{item.name}” is not active.", code="ITEM_INACTIVE")
    if item.billing_type != "trigger":
        raise NotAllowed(
            f"“{item.name}” is a one-off item and cannot be fired.", code="ITEM_NOT_TRIGGER"
        )
    return item


def check_customer(connection: Connection, customer_id: str, *, lock: bool) -> Customer:
    """The customer, where nothing about them forbids a charge; otherwise NotAllowed, NotFound."""
    if not customer_id:
        raise NotFound("Choose a customer.", code="MISSING_CUSTOMER")
    customer = (customers.lock if lock else customers.get)(connection, _as_id(customer_id))
    if customer.standing == "pending" and customer.require_initial:
        raise NotAllowed(
            f"{customer.billed_as()} has to pay the initial verification charge first.",
            code="INITIAL_CHARGE_REQUIRED",
        )
    if customer.standing != "active":
        raise NotAllowed(
            f"{customer.billed_as()} is {customer.standing} and cannot be charged.",
            code="CUSTOMER_NOT_ACTIVE",
        )
    if not customer.allow_trigger:
        raise NotAllowed(
            f"{customer.billed_as()} has not allowed trigger charges. "
            "Switch “may be charged” on in the profile.",
            code="TRIGGER_NOT_ALLOWED",
        )
    return customer


def no_method(customer: Customer) -> NotAllowed:
    """The refusal where a stored method is to be charged and there is none."""
    return NotAllowed(
        f"{customer.billed_as()} has no stored payment method.", code="NO_PAYMENT_METHOD"
    )


def check_enrolment(connection: Connection, customer: Customer, item: Item) -> Enrolment:
    """The active enrolment of the customer in the item; otherwise NotAllowed."""
    enrolment = items.find_enrolment(connection, customer.id, item.id)
    name = customer.billed_as()
    if enrolment is None:
        raise NotAllowed(f"{name} is not enrolled in “{item.name}”.", code="NOT_ENROLLED")
    if enrolment.status == "paused":
        raise NotAllowed(
            f"The enrolment of {name} in “{item.name}” is paused. Resume it first.",
            code="ENROLLMENT_PAUSED",
        )
    if enrolment.status == "cancelled":
        raise NotAllowed(
            f"The enrolment of {name} in “{item.name}” was cancelled. Enrol again.",
            code="ENROLLMENT_CANCELLED",
        )
    return enrolment


def _parameters(
    command: FireCommand, item: Item, company: Company
) -> tuple[amounts.Metric, str, int]:
    """The mode's parameters: metric, description and line amount in minor units."""
    metric = amounts.decide_metric(item, command.metric_value)
    if item.trigger_mode == "threshold" and command.description:
        raise Refused(
            f"“{item.name}” is billed by its metric, under its own description.",
            code="DESCRIPTION_NOT_ALLOWED",
        )
    override = command.amount_minor
    if override is None and command.amount and amounts.may_override(item):
        override = money.parse_amount(command.amount, item.currency, grouped=command.grouped)
    elif override is None and command.amount:
        override = 0  # whatever was sent: this item takes no amount, and says so
    line_minor = amounts.decide_line(item, override, amounts.effective_cap(item, company))
    typed = command.description or item.description or item.name
    return metric, texts.check_line(typed, "The description", most=500), line_minor


def _place(
    connection: Connection, command: FireCommand, customer: Customer, *, lock: bool
) -> tuple[Milestone | None, Project | None]:
    """The milestone and its project, locked so that two fires cannot bill them both."""
    if not command.milestone:
        return None, None
    milestone = projects.get_milestone(connection, _as_id(command.milestone), lock=lock)
    project = projects.get(connection, milestone.project_id, lock=lock)
    if project.customer_id != customer.id:
        raise NotFound("This milestone belongs to another customer.", code="MILESTONE_NOT_BILLABLE")
    return milestone, project


def _check_currencies(item: Item, customer: Customer, project: Project | None) -> None:
    others = {customer.currency} | ({project.currency} if project else set())
    if others != {item.currency}:
        raise Refused(
            f"The item is in {item.currency}, the customer in {customer.currency}"
            + (f", the project in {project.currency}" if project else "")
            + ". They must be the same.",
            code="CURRENCY_MISMATCH",
        )


def check_contract(
    connection: Connection, project: Project, line_minor: int, *, without: str = ""
) -> None:
    """AmountRefused when a line (minor units) exceeds what is left of the contract sum."""
    if project.contract_sum_minor is None:
        return
    billed = projects.billed_minor(connection, project.id, without=without)
    left = project.contract_sum_minor - billed
    if line_minor > left:
        raise AmountRefused(
            f"The contract of “{project.name}” has "
            f"{money.to_text(max(left, 0), project.currency)} {project.currency} left to bill.",
            code="CONTRACT_EXCEEDED",
        )


def _standing(connection: Connection, milestone: Milestone | None, replaces: str) -> Charge | None:
    """The live charge of the milestone, unless it is the one that is about to end."""
    if milestone is None:
        return None
    found = charges.find_live_for_milestone(connection, milestone.id)
    return None if found is None or found.id == replaces else found


def check_milestone(milestone: Milestone, standing: Charge | None) -> None:
    """Duplicate when a live charge bills it already, NotAllowed when it is not delivered."""
    if standing is not None:
        raise Duplicate(
            f"“{milestone.title}” was billed already, with invoice {standing.invoice_number}.",
            charge_id=standing.id,
        )
    if milestone.state != "delivered":
        raise NotAllowed(
            f"“{milestone.title}” is not delivered yet. Mark it as delivered first.",
            code="MILESTONE_NOT_BILLABLE",
        )


def _check_shown(command: FireCommand, sums: amounts.Sums, item: Item) -> None:
    if command.expected_minor is not None and command.expected_minor != sums.total_minor:
        raise Refused(
            f"The amount changed to {money.to_text(sums.total_minor, item.currency)} "
            f"{item.currency} just as you pressed. Nothing was sent: check it and press again.",
            code="AMOUNT_CHANGED",
        )
