"""All about one charge: what the charge's own screen and the evidence pack are made from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from billing_core import ids, settings
from billing_core.records import (
    attempts,
    books,
    charges,
    customers,
    db,
    evidence,
    items,
    keyfile,
    links,
    mails,
    projects,
    rows,
)
from billing_core.rules import evidence as chain
from billing_core.rules.nouns import (
    Attempt,
    Charge,
    Customer,
    Enrolment,
    Event,
    Item,
    Link,
    Mail,
    Milestone,
    Project,
    Revenue,
)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event with the personal values that can still be opened, by payload field."""

    event: Event
    opened: dict[str, str]


@dataclass(frozen=True, slots=True)
class Dossier:
    """Everything known of one charge."""

    charge: Charge
    customer: Customer
    item: Item
    enrolment: Enrolment | None
    project: Project | None
    milestone: Milestone | None
    document: dict[str, Any]
    events: tuple[EventRow, ...]
    attempts: tuple[Attempt, ...]
    mails: tuple[Mail, ...]
    links: tuple[Link, ...]
    revenue: tuple[Revenue, ...]
    pay_url: str | None
    chain_ok: bool
    chain_problem: str
    predecessor: Charge | None
    successor: Charge | None


def dossier(charge_id: str) -> Dossier:
    """Read it all at one moment; NotFound for an unknown charge."""
    with db.read_only() as connection:
        charge = charges.get(connection, charge_id)
        problem = chain.check_chain(
            charge.id,
            evidence.raw_of_stream(connection, charge.id),
            length=charge.chain_length,
            head=charge.chain_head,
        )
        milestone, project = _place(connection, charge)
        live = links.find_live(connection, charge.id)
        return Dossier(
            charge=charge,
            customer=customers.get(connection, charge.customer_id),
            item=items.get(connection, charge.item_id),
            enrolment=items.find_enrolment(connection, charge.customer_id, charge.item_id),
            project=project,
            milestone=milestone,
            document=dict(rows.load(charges.get_canonical(connection, charge.id))),
            events=() if problem else _events(connection, charge.id),
            attempts=tuple(attempts.of_charge(connection, charge.id)),
            mails=tuple(mails.search(connection, charge.id, 200)),
            links=tuple(links.of_charge(connection, charge.id)),
            revenue=tuple(books.revenue_of(connection, charge.id)),
            pay_url=pay_url(live) if live else None,
            chain_ok=not problem,
            chain_problem=problem,
            predecessor=_maybe(connection, charge.revises),
            successor=_maybe(connection, charge.revised_by),
        )


def pay_url(link: Link) -> str:
    """The address of the client's page behind a link."""
    token = ids.link_token(keyfile.secret_key(), link.id)
    return f"{settings.load().pay_base}/pay/{token}"


def _place(connection: Connection, charge: Charge) -> tuple[Milestone | None, Project | None]:
    if charge.project_id is None:
        return None, None
    project = projects.get(connection, charge.project_id)
    plan = projects.milestones_of(connection, project.id)
    mine = [m for m in plan if m.id == charge.milestone_id]
    return (mine[0] if mine else None), project


def _events(connection: Connection, charge_id: str) -> tuple[EventRow, ...]:
    opened: dict[int, dict[str, str]] = {}
    for opening in evidence.openings_of(connection, charge_id):
        name = opening.path.removeprefix("/payload/")
        opened.setdefault(opening.seq, {})[name] = opening.value
    return tuple(
        EventRow(event, opened.get(event.seq, {}))
        for event in evidence.of_stream(connection, charge_id)
    )


def _maybe(connection: Connection, charge_id: str | None) -> Charge | None:
    return charges.get(connection, charge_id) if charge_id else None
