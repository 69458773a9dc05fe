"""Milestone tracking: sums of a contract, why a project is at risk, its time line and its burn."""

from __future__ import annotations

from datetime import date

import pytest

from billing_core.errors import NotFound
from billing_core.flows.record_payment import record_payment
from billing_core.flows.save_project import change_milestone, save_milestone
from billing_core.flows.void_charge import void_charge
from billing_core.reports.portfolio import PortfolioRow, Sums, portfolio, project_page
from tests import books as made
from tests.books import OPERATOR, Plan, Seeded
from tests.conftest import START, Clock


def add(plan: Plan, title: str, amount: str, due_on: str = "") -> str:
    """One more milestone, planned only; its id."""
    values = {"project_id": plan.project, "title": title, "planned_amount": amount}
    return save_milestone(None, values | {"due_on": due_on}, actor=OPERATOR).id


def bill(seeded: Seeded, milestone: str, amount: str) -> str:
    """Fire for a milestone; the charge's id."""
    fired = made.fire(seeded, amount, f"For {milestone}", milestone=milestone)
    assert fired.charge is not None
    return fired.charge.id


def by_bank(charge: str, paid_on: str) -> None:
    words = {"method": "bank_transfer", "paid_on": paid_on, "reference": "R 1"}
    record_payment(charge, **words, actor=OPERATOR)


def only() -> PortfolioRow:
    (row,) = portfolio()
    return row


def test_sums_are_line_amounts_that_hold_one_another(database: str) -> None:
    seeded = made.seed(item={"tax_name": "VAT", "tax_rate": "20"})
    plan = made.plan(seeded.customer, "1000.00", "2000.00", "500.00", contract_sum="5000.00")
    assert only().sums == Sums(500000, 350000, 0, 0, 0, 500000, agreed=True)
    first = bill(seeded, plan.milestones[0], "1000.00")
    withdrawn = bill(seeded, plan.milestones[1], "2000.00")
    assert only().sums == Sums(500000, 350000, 300000, 0, 0, 200000, agreed=True)
    void_charge(withdrawn, reason="Too early", actor=OPERATOR)
    by_bank(first, "2026-03-16")
    assert only().sums == Sums(500000, 350000, 100000, 100000, 100000, 400000, agreed=True)
    page = project_page(plan.project)
    assert [p.shown_state for p in page.phases] == ["paid", "delivered", "delivered"]
    assert [c.id for c in page.phases[1].earlier] == [withdrawn]
    assert page.phases[1].charge is None


def test_a_project_is_done_when_its_plan_is_paid(books: str, driven_clock: Clock) -> None:
    seeded = made.seed()
    plan = made.plan(seeded.customer, "1000.00", contract_sum="1000.00")
    assert only().standing == "running"
    charge = bill(seeded, plan.milestones[0], "900.00")
    assert only().standing == "running"
    by_bank(charge, "2026-03-16")
    assert (only().standing, only().sums.to_come) == ("done", 10000), "it was billed for less"
    add(plan, "Phase 2", "50.00")
    assert only().standing == "running"


def test_every_reason_is_told_and_goes_with_its_cause(books: str, driven_clock: Clock) -> None:
    seeded = made.seed()
    plan = made.plan(seeded.customer, "1000.00", "2000.00", contract_sum="4000.00")
    assert not only().at_risk
    late = add(plan, "Phase 3", "500.00", due_on="2026-03-20")
    charge = bill(seeded, plan.milestones[0], "1000.00")
    driven_clock.advance(days=35)
    kinds = {risk.kind: risk for risk in only().risks}
    assert list(kinds) == ["late_payment", "late_delivery", "unbilled"]
    assert kinds["late_payment"].charge_id == charge
    assert kinds["late_payment"].sentence == "CS-2026-00001 is 5 days overdue."
    assert kinds["late_delivery"].sentence == "Phase 3 was due 31 days ago and is not delivered."
    assert kinds["unbilled"].milestone_id == plan.milestones[1]
    by_bank(charge, "2026-04-20")
    change_milestone(late, "deliver", actor=OPERATOR)
    assert [risk.kind for risk in only().risks] == ["unbilled"]
    bill(seeded, plan.milestones[1], "2000.00")
    assert only().risks == ()
    add(plan, "Phase 4", "600.00")
    assert only().risks[0].sentence == "The plan is 100.00 USD above the contract sum."


def test_the_time_line_and_the_burn_are_cut_by_days_of_the_reporting_zone(
    books: str, driven_clock: Clock
) -> None:
    seeded = made.seed()
    plan = made.plan(seeded.customer, "1000.00")
    next_up = add(plan, "Phase 2", "2000.00", due_on="2026-04-01")
    fired = made.fire(seeded, "1000.00", "Phase 1", milestone=plan.milestones[0])
    driven_clock.advance(days=2, hours=9, minutes=59)
    made.approve(made.token(fired))
    driven_clock.advance(days=1)
    page = project_page(plan.project)
    phase, ahead = page.phases
    assert (phase.billed_on, phase.approved_on, phase.paid_on) == (
        START.date(),
        date(2026, 3, 18),
        None,
    )
    assert ahead.milestone.id == next_up
    assert (ahead.starts_on, ahead.due_on, ahead.late_days) == (START.date(), date(2026, 4, 1), -13)
    assert [(p.on.isoformat(), p.planned, p.billed, p.approved, p.paid) for p in page.burn] == [
        ("2026-03-16", 0, 100000, 0, 0),
        ("2026-03-18", 0, 100000, 100000, 0),
        ("2026-04-01", 200000, 100000, 100000, 0),
    ]


def test_search_and_order(books: str, driven_clock: Clock) -> None:
    seeded = made.seed()
    calm, worried = made.plan(seeded.customer, "10.00"), made.plan(seeded.customer, "20.00")
    add(worried, "Late", "5.00", due_on="2026-03-01")
    assert [row.project.id for row in portfolio()] == [worried.project, calm.project]
    assert not portfolio(search="no such project")
    assert len(portfolio(seeded.customer, search="vine")) == 2
    with pytest.raises(NotFound):
        project_page("prj_none")
