"""The lists that screens show: plain values, newest first, bounded. No pandas here."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from billing_core import clock
from billing_core.records import charges as charge_rows
from billing_core.records import customers as customer_rows
from billing_core.records import db, organisation, sums
from billing_core.records import items as item_rows
from billing_core.records import projects as project_rows
from billing_core.rules import standings
from billing_core.rules.nouns import Charge, Customer, Enrolment, Item, Milestone, Project

LIMIT = 200
#: States in which a client still owes something.
_OWED = frozenset({"pending_client", "changes_requested", "approved"})
Sums = tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer with what is waiting and what was paid, per currency in minor units."""

    customer: Customer
    waiting: Sums
    paid: Sums
    charges: int


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """One enrolment with its item."""

    enrolment: Enrolment
    item: Item


@dataclass(frozen=True, slots=True)
class ChargeRow:
    """One charge with the names around it; ``overdue`` in the reporting zone."""

    charge: Charge
    customer_name: str
    item_name: str
    project_name: str
    overdue: bool


@dataclass(frozen=True, slots=True)
class MilestoneRow:
    """One milestone as people see it, with its live charge."""

    milestone: Milestone
    shown_state: str
    charge_id: str | None


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """One project with its plan."""

    project: Project
    customer_name: str
    milestones: tuple[MilestoneRow, ...]


def customers(search: str = "", limit: int = LIMIT) -> tuple[CustomerRow, ...]:
    """Customers whose name, company or email holds ``search``."""
    with db.read_only() as connection:
        found = customer_rows.search(connection, search, limit)
        owed = sums.by_customer(connection, [c.id for c in found])
    return tuple(_customer_row(c, owed.get(c.id, [])) for c in found)


def customer(customer_id: str) -> Customer:
    """One customer, or NotFound."""
    with db.read_only() as connection:
        return customer_rows.get(connection, customer_id)


def items(*, active_only: bool = False, limit: int = LIMIT) -> tuple[Item, ...]:
    """The catalogue by name."""
    with db.read_only() as connection:
        return tuple(item_rows.search(connection, active_only=active_only, limit=limit))


def item(item_id: str) -> Item:
    """One item, or NotFound."""
    with db.read_only() as connection:
        return item_rows.get(connection, item_id)


def enrolments(customer_id: str) -> tuple[EnrolmentRow, ...]:
    """A customer's enrolments, standing ones first."""
    with db.read_only() as connection:
        pairs = item_rows.enrolments_of(connection, customer_id)
    return tuple(EnrolmentRow(enrolment, item) for enrolment, item in pairs)


def charges(
    customer_id: str | None = None,
    *,
    project_id: str | None = None,
    states: Iterable[str] = (),
    search: str = "",
    limit: int = LIMIT,
) -> tuple[ChargeRow, ...]:
    """Charges, newest first."""
    with db.read_only() as connection:
        today = reporting_today(connection)
        found = charge_rows.search(
            connection,
            customer_id=customer_id,
            project_id=project_id,
            states=tuple(states),
            text=search,
            limit=limit,
        )
    return tuple(_charge_row(row, today) for row in found)


def projects(customer_id: str | None = None, limit: int = LIMIT) -> tuple[ProjectRow, ...]:
    """Projects with their milestones."""
    with db.read_only() as connection:
        found = project_rows.search(connection, customer_id, limit)
        return tuple(_project_row(connection, project) for project in found)


def reporting_today(connection: Connection) -> date:
    """The calendar day in the reporting zone."""
    return clock.today(organisation.get_company(connection).reporting_zone)


def is_overdue(charge: Charge, today: date) -> bool:
    """Derived, never stored: still owed after its due date."""
    return charge.state in _OWED and charge.due_on < today


def _customer_row(customer: Customer, owed: list[Row[Any]]) -> CustomerRow:
    waiting: dict[str, int] = {}
    paid: dict[str, int] = {}
    for row in owed:
        if row.state in _OWED:
            waiting[row.currency] = waiting.get(row.currency, 0) + row.total_minor
        elif row.state == "captured":
            paid[row.currency] = paid.get(row.currency, 0) + row.total_minor
    count = sum(row.charges for row in owed)
    return CustomerRow(customer, tuple(sorted(waiting.items())), tuple(sorted(paid.items())), count)


def _charge_row(row: Row[Any], today: date) -> ChargeRow:
    charge = charge_rows.of(row)
    return ChargeRow(
        charge=charge,
        customer_name=row.customer_company or row.customer_name,
        item_name=row.item_name,
        project_name=row.project_name or "",
        overdue=is_overdue(charge, today),
    )


def _project_row(connection: Connection, project: Project) -> ProjectRow:
    live = project_rows.live_charges(connection, project.id)
    rows = []
    for milestone in project_rows.milestones_of(connection, project.id):
        charge_id, state = live.get(milestone.id, (None, None))
        shown = standings.shown_milestone(milestone.state, state)
        rows.append(MilestoneRow(milestone, shown, charge_id))
    owner = customer_rows.get(connection, project.customer_id)
    return ProjectRow(project, owner.billed_as(), tuple(rows))
