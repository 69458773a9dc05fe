"""One thing by its id, and everything page by page: what machines read. No pandas here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection, Row, Table

from billing_core.errors import NotFound
from billing_core.records import attempts, db, links, paging, tables
from billing_core.records import charges as charge_rows
from billing_core.records import customers as customer_rows
from billing_core.records import disputes as dispute_rows
from billing_core.records import refunds as refund_rows
from billing_core.records import requests as request_rows
from billing_core.records.paging import Span
from billing_core.reports.dossier import pay_url
from billing_core.reports.lists import MilestoneRow
from billing_core.rules import standings
from billing_core.rules.nouns import (
    Charge,
    Customer,
    Dispute,
    Enrolment,
    Item,
    Milestone,
    Project,
    Refund,
    Request,
    Revenue,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Some rows, newest first; ``next_id`` is what the next page comes after, None at the end."""

    rows: tuple[T, ...]
    next_id: str | None


@dataclass(frozen=True, slots=True)
class PlannedMilestone:
    """A milestone as people see it, with its project's currency."""

    row: MilestoneRow
    currency: str


def items(*, limit: int, after: str = "", active: bool | None = None) -> Page[Item]:
    """The catalogue."""
    return _page(tables.items, _item, limit=limit, after=after, active=active)


def item(item_id: str) -> Item:
    """One item, or NotFound."""
    return _one(tables.items, item_id, _item)


def customers(*, limit: int, after: str = "", contact_id: str | None = None) -> Page[Customer]:
    """Customers, or the one with an external contact id."""
    of = customer_rows.of
    return _page(tables.customers, of, limit=limit, after=after, contact_id=contact_id)


def customer(customer_id: str) -> Customer:
    """One customer, or NotFound."""
    return _one(tables.customers, customer_id, customer_rows.of)


def contacts(customer_ids: list[str]) -> dict[str, str | None]:
    """Customer id → external contact id."""
    with db.read_only() as connection:
        return paging.contacts_of_customers(connection, customer_ids)


def enrolments(
    *,
    limit: int,
    after: str = "",
    skip: int = 0,
    customer_id: str | None = None,
    item_id: str | None = None,
    status: str | None = None,
) -> Page[Enrolment]:
    """Enrolments, cancelled ones included."""
    return _page(
        tables.enrolments,
        _enrolment,
        limit=limit,
        after=after,
        skip=skip,
        customer_id=customer_id,
        item_id=item_id,
        status=status,
    )


def enrolment(enrolment_id: str) -> Enrolment:
    """One enrolment, or NotFound."""
    return _one(tables.enrolments, enrolment_id, _enrolment)


def projects(*, limit: int, after: str = "", customer_id: str | None = None) -> Page[Project]:
    """Projects."""
    return _page(tables.projects, _project, limit=limit, after=after, customer_id=customer_id)


def project(project_id: str) -> Project:
    """One project, or NotFound."""
    return _one(tables.projects, project_id, _project)


def milestones(
    *, limit: int, after: str = "", project_id: str | None = None
) -> Page[PlannedMilestone]:
    """Milestones as people see them."""
    with db.read_only() as connection:
        rows, next_id = _rows(
            connection, tables.milestones, limit=limit, after=after, project_id=project_id
        )
        return Page(_planned(connection, rows), next_id)


def milestone(milestone_id: str) -> PlannedMilestone:
    """One milestone, or NotFound."""
    with db.read_only() as connection:
        row = paging.find(connection, tables.milestones, milestone_id)
        if row is None:
            raise NotFound("There is no such milestone.")
        return _planned(connection, [row])[0]


def charges(
    *,
    limit: int,
    after: str = "",
    customer_id: str | None = None,
    project_id: str | None = None,
    state: str | None = None,
) -> Page[Charge]:
    """Charges."""
    return _page(
        tables.charges,
        charge_rows.of,
        limit=limit,
        after=after,
        customer_id=customer_id,
        project_id=project_id,
        state=state,
    )


def charge(charge_id: str) -> Charge:
    """One charge, or NotFound."""
    return _one(tables.charges, charge_id, charge_rows.of)


def last_problem(charge_id: str) -> str:
    """What the gateway said of the last try to collect a charge, "" when all is well."""
    with db.read_only() as connection:
        tries = attempts.of_charge(connection, charge_id)
    return tries[-1].problem if tries else ""


def refunds(charge_id: str, *, limit: int, after: str = "") -> Page[Refund]:
    """What was sent back of one charge, or is on its way."""
    return _page(tables.refunds, refund_rows.of, limit=limit, after=after, charge_id=charge_id)


def requests(*, limit: int, after: str = "", state: str | None = None) -> Page[Request]:
    """What waits for a second person, or was decided."""
    return _page(tables.requests, request_rows.of, limit=limit, after=after, state=state)


def request(request_id: str) -> Request:
    """One request, or NotFound."""
    return _one(tables.requests, request_id, request_rows.of)


def disputes(
    *, limit: int, after: str = "", charge_id: str | None = None, status: str | None = None
) -> Page[Dispute]:
    """What payers' banks object to."""
    of, which = dispute_rows.of, {"charge_id": charge_id, "status": status}
    return _page(tables.disputes, of, limit=limit, after=after, **which)


def dispute(dispute_id: str) -> Dispute:
    """One dispute, or NotFound."""
    return _one(tables.disputes, dispute_id, dispute_rows.of)


def revenue(
    *,
    limit: int,
    after: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
    customer_id: str | None = None,
    project_id: str | None = None,
    currency: str | None = None,
) -> Page[Revenue]:
    """What was really collected or went out again, booked from ``since`` on, before ``until``."""
    span = Span("booked_at", since, until)
    which = {"customer_id": customer_id, "project_id": project_id, "currency": currency}
    return _page(tables.revenue, _revenue, limit=limit, after=after, span=span, **which)


def invoice_url(charge_id: str) -> str | None:
    """The address of the client's page under the live link, or None when there is no link."""
    with db.read_only() as connection:
        live = links.find_live(connection, charge_id)
    return pay_url(live) if live else None


def _item(row: Row[Any]) -> Item:
    return paging.as_noun(row, Item)


def _enrolment(row: Row[Any]) -> Enrolment:
    return paging.as_noun(row, Enrolment)


def _project(row: Row[Any]) -> Project:
    return paging.as_noun(row, Project)


def _revenue(row: Row[Any]) -> Revenue:
    return paging.as_noun(row, Revenue)


def _planned(connection: Connection, rows: list[Row[Any]]) -> tuple[PlannedMilestone, ...]:
    found = [paging.as_noun(row, Milestone) for row in rows]
    live = paging.live_of_milestones(connection, [m.id for m in found])
    currencies = paging.currencies_of_projects(connection, [m.project_id for m in found])
    planned = []
    for one in found:
        charge_id, state = live.get(one.id, (None, None))
        shown = standings.shown_milestone(one.state, state)
        row = MilestoneRow(one, shown, charge_id)
        planned.append(PlannedMilestone(row, currencies[one.project_id]))
    return tuple(planned)


def _page(
    table: Table, of: Callable[[Row[Any]], T], *, limit: int, after: str, **which: Any
) -> Page[T]:
    with db.read_only() as connection:
        rows, next_id = _rows(connection, table, limit=limit, after=after, **which)
    return Page(tuple(map(of, rows)), next_id)


def _rows(
    connection: Connection, table: Table, *, limit: int, after: str, **which: Any
) -> tuple[list[Row[Any]], str | None]:
    """One row more than asked for tells whether there is a next page."""
    found = paging.page(connection, table, limit=limit + 1, after=after, **which)
    return found[:limit], (found[limit - 1].id if len(found) > limit else None)


def _one(table: Table, row_id: str, of: Callable[[Row[Any]], T]) -> T:
    with db.read_only() as connection:
        row = paging.find(connection, table, row_id)
    if row is None:
        raise NotFound("There is no such thing.")
    return of(row)
