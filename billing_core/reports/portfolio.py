"""Milestone tracking: all projects with their sums and risks, and one project's whole story.

Plain values for screens, no pandas. Sums are **line amounts** in minor units of the project's
currency, as the contract sum is: tax that is added on top stays out of all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from billing_core import clock
from billing_core.errors import NotFound
from billing_core.records import db, organisation
from billing_core.records import portfolio as rows
from billing_core.reports.risks import Risk, risks_of
from billing_core.rules import charge_states, standings
from billing_core.rules.nouns import Charge, Milestone, Project

LIMIT = 200
_PAID = frozenset({"captured", "disputed"})
_APPROVED = _PAID | {"approved"}


@dataclass(frozen=True, slots=True)
class Sums:
    """Where a contract stands, each a line amount in minor units; each holds the next.

    ``contract`` is the contract sum, or the sum of the plan where none was agreed
    (``agreed`` says which). ``to_come`` is what is not billed yet, never below zero.
    """

    contract: int
    planned: int
    billed: int
    approved: int
    paid: int
    to_come: int
    agreed: bool


@dataclass(frozen=True, slots=True)
class PortfolioRow:
    """One project. ``standing`` is planned (nothing begun), running or done (all is paid)."""

    project: Project
    customer_name: str
    sums: Sums
    standing: str
    milestones: int
    delivered: int
    next_due_on: date | None
    risks: tuple[Risk, ...]

    @property
    def at_risk(self) -> bool:
        """True when there is a reason to look; the gravest is ``risks[0]``."""
        return bool(self.risks)


@dataclass(frozen=True, slots=True)
class Phase:
    """One milestone with its time line, days in the reporting zone.

    ``starts_on`` is where its bar begins: the day the phase before it was due, or the project's
    first day. ``charge`` is the live one, ``earlier`` those that ended (void, expired …).
    ``late_days`` counts the delivery against the due date, until today while not delivered;
    negative when early, None without a due date.
    """

    milestone: Milestone
    shown_state: str
    charge: Charge | None
    earlier: tuple[Charge, ...]
    starts_on: date
    due_on: date | None
    delivered_on: date | None
    billed_on: date | None
    approved_on: date | None
    paid_on: date | None
    late_days: int | None


@dataclass(frozen=True, slots=True)
class BurnPoint:
    """Sums up to the end of a day, in minor units: planned by due dates, and what became of it."""

    on: date
    planned: int
    billed: int
    approved: int
    paid: int


@dataclass(frozen=True, slots=True)
class ProjectPage:
    """Everything about one project. ``unplanned`` are charges that name no milestone of it."""

    row: PortfolioRow
    phases: tuple[Phase, ...]
    unplanned: tuple[Charge, ...]
    burn: tuple[BurnPoint, ...]
    today: date
    zone: str


def portfolio(
    customer_id: str | None = None, *, search: str = "", limit: int = LIMIT
) -> tuple[PortfolioRow, ...]:
    """Projects: those at risk first, then running, planned and done ones, each newest first."""
    with db.read_only() as connection:
        today = clock.today(organisation.get_company(connection).reporting_zone)
        found = rows.search(connection, customer_id=customer_id, text=search, limit=limit)
        ids = [project.id for project, _ in found]
        plans, charges = rows.milestones(connection, ids), rows.charges(connection, ids)
    told = [
        _row(project, name, plans.get(project.id, []), charges.get(project.id, []), today)
        for project, name in found
    ]
    return tuple(sorted(told, key=lambda row: (not row.at_risk, _STANDINGS.index(row.standing))))


def project_page(project_id: str) -> ProjectPage:
    """One project with plan, time line and burn, or NotFound."""
    with db.read_only() as connection:
        zone = organisation.get_company(connection).reporting_zone
        found = rows.search(connection, project_id=project_id)
        plan = rows.milestones(connection, [project_id]).get(project_id, [])
        charges = rows.charges(connection, [project_id]).get(project_id, [])
    if not found:
        raise NotFound("There is no such project.")
    (project, name), today = found[0], clock.today(zone)
    return ProjectPage(
        row=_row(project, name, plan, charges, today),
        phases=_phases(project, plan, charges, zone),
        unplanned=tuple(charge for charge in charges if charge.milestone_id is None),
        burn=_burn(plan, charges, zone),
        today=today,
        zone=zone,
    )


_STANDINGS = ("running", "planned", "done")


def _row(
    project: Project,
    name: str,
    plan: Sequence[Milestone],
    charges: Sequence[Charge],
    today: date,
) -> PortfolioRow:
    kept = [phase for phase in plan if phase.state != "dropped"]
    sums = _sums(project, kept, charges)
    billed = {c.milestone_id for c in charges if charge_states.is_live(c.state)}
    ahead = [p for p in kept if p.state != "delivered" and p.id not in billed and p.due_on]
    return PortfolioRow(
        project=project,
        customer_name=name,
        sums=sums,
        standing=_standing(kept, charges, sums),
        milestones=len(kept),
        delivered=sum(phase.state == "delivered" for phase in kept),
        next_due_on=min((p.due_on for p in ahead if p.due_on), default=None),
        risks=risks_of(project, plan, charges, today),
    )


def _sums(project: Project, kept: Sequence[Milestone], charges: Sequence[Charge]) -> Sums:
    live = [charge for charge in charges if charge_states.is_live(charge.state)]
    planned = sum(phase.planned_minor for phase in kept)
    agreed = project.contract_sum_minor
    contract = planned if agreed is None else agreed
    billed = sum(charge.line_minor for charge in live)
    return Sums(
        contract=contract,
        planned=planned,
        billed=billed,
        approved=sum(charge.line_minor for charge in live if charge.state in _APPROVED),
        paid=sum(charge.line_minor for charge in live if charge.state in _PAID),
        to_come=max(contract - billed, 0),
        agreed=agreed is not None,
    )


def _standing(kept: Sequence[Milestone], charges: Sequence[Charge], sums: Sums) -> str:
    """Done is what was delivered, billed and paid, also where a lower price left contract over."""
    billed = {c.milestone_id for c in charges if charge_states.is_live(c.state)}
    if not billed and all(phase.state == "planned" for phase in kept):
        return "planned"
    all_billed = all(phase.id in billed for phase in kept) and sums.planned >= sums.contract
    complete = all_billed or not sums.to_come
    return "done" if complete and sums.paid == sums.billed else "running"


def _phases(
    project: Project, plan: Sequence[Milestone], charges: Sequence[Charge], zone: str
) -> tuple[Phase, ...]:
    start, today, told = _day(project.created_at, zone), clock.today(zone), []
    assert start is not None
    for milestone in plan:
        mine = [charge for charge in charges if charge.milestone_id == milestone.id]
        told.append(_phase(milestone, mine, start, zone, today))
        start = milestone.due_on or milestone.delivered_on or start
    return tuple(told)


def _phase(
    milestone: Milestone, mine: Sequence[Charge], starts_on: date, zone: str, today: date
) -> Phase:
    live = next((charge for charge in mine if charge_states.is_live(charge.state)), None)
    due, done = milestone.due_on, milestone.delivered_on
    counts = milestone.state != "dropped"
    return Phase(
        milestone=milestone,
        shown_state=standings.shown_milestone(milestone.state, live.state if live else None),
        charge=live,
        earlier=tuple(charge for charge in mine if charge is not live),
        starts_on=starts_on,
        due_on=due,
        delivered_on=done,
        billed_on=live.issued_on if live else None,
        approved_on=_day(live.approved_at, zone) if live else None,
        paid_on=_day(live.captured_at, zone) if live else None,
        late_days=((done or today) - due).days if due and counts else None,
    )


def _burn(plan: Sequence[Milestone], charges: Sequence[Charge], zone: str) -> tuple[BurnPoint, ...]:
    """One point per day on which something changed, each the sum up to its end."""
    steps: list[tuple[date, int, int]] = [
        (phase.due_on, 0, phase.planned_minor)
        for phase in plan
        if phase.due_on and phase.state != "dropped"
    ]
    for charge in charges:
        if not charge_states.is_live(charge.state):
            continue
        paid = charge.captured_at if charge.state in _PAID else None
        # money that came by transfer is an approval too, seen from the contract
        moments = (charge.fired_at, charge.approved_at or paid, paid)
        for place, moment in enumerate(moments, start=1):
            on = _day(moment, zone)
            if on is not None:
                steps.append((on, place, charge.line_minor))
    sums, points = [0, 0, 0, 0], {}
    for on, place, minor in sorted(steps):
        sums[place] += minor
        points[on] = BurnPoint(on, *sums)
    return tuple(points.values())


def _day(moment: datetime | None, zone: str) -> date | None:
    return moment.astimezone(clock.zone(zone)).date() if moment else None
