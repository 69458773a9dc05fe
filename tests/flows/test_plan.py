"""A project's plan saved at one press: shares to the cent, order, refusals that name their row."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from random import Random

import pytest

from billing_core.errors import AmountRefused, FieldsRefused, KeyConflict
from billing_core.flows.save_plan import PlanChanged, save_plan
from billing_core.flows.save_project import save_project
from billing_core.records import db, projects
from billing_core.rules import plan as rules
from billing_core.rules.nouns import Milestone
from billing_core.rules.plan import PlanRow, parse_shares, split
from tests import books as made
from tests.books import OPERATOR


@pytest.fixture
def project(database: str) -> str:
    """An empty plan under a contract of 22,500.00 USD."""
    seeded = made.seed()
    fields = {"customer_id": seeded.customer, "name": "Relaunch", "contract_sum": "22500.00"}
    return save_project(None, fields, actor=OPERATOR).id


def plan_of(project: str) -> list[Milestone]:
    """The plan as it stands, dropped milestones left out."""
    with db.read_only() as connection:
        found = projects.milestones_of(connection, project)
    return [milestone for milestone in found if milestone.state != "dropped"]


def typed(project: str) -> list[PlanRow]:
    """The plan as an editor would show it."""
    return [rules.as_typed(milestone, "USD") for milestone in plan_of(project)]


def save(project: str, rows: list[PlanRow], key: str | None = None) -> list[Milestone]:
    """Save ``rows`` as the plan, having seen the present one."""
    seen = rules.version_of(plan_of(project))
    return list(save_plan(project, rows, seen=seen, actor=OPERATOR, key=key))


NEW = [
    PlanRow(title="Discovery", amount="3000.00", due_on="2026-04-01", scope="Interviews"),
    PlanRow(title="Designs", amount="4,500.00"),
    PlanRow(),
    PlanRow(title="Build", amount="15000.00"),
]


def test_one_press_adds_orders_changes_and_drops(project: str) -> None:
    first = save(project, NEW)
    assert [(m.position, m.title, m.planned_minor) for m in first] == [
        (1, "Discovery", 300_000),
        (2, "Designs", 450_000),
        (3, "Build", 1_500_000),
    ]
    discovery, designs, build = typed(project)
    again = save(project, [build, replace(discovery, title="Research"), PlanRow("", "New", "1.00")])
    assert [(m.title, m.id) for m in again[:2]] == [("Build", build.id), ("Research", discovery.id)]
    assert [m.title for m in plan_of(project)] == ["Build", "Research", "New"]
    with db.read_only() as connection:
        assert projects.get_milestone(connection, designs.id, lock=False).state == "dropped"


def test_pressed_twice_is_saved_once(project: str) -> None:
    seen = rules.version_of([])
    first = save_plan(project, NEW, seen=seen, actor=OPERATOR, key="one")
    assert save_plan(project, NEW, seen=seen, actor=OPERATOR, key="one") == first
    assert len(plan_of(project)) == 3
    with pytest.raises(KeyConflict):
        save_plan(project, NEW[:1], seen=seen, actor=OPERATOR, key="one")
    with pytest.raises(PlanChanged):
        save_plan(project, NEW, seen=seen, actor=OPERATOR, key="two")
    assert len(plan_of(project)) == 3


def test_every_problem_names_its_row_and_nothing_is_saved(project: str) -> None:
    bad = [
        PlanRow(title="", amount="1,5"),
        PlanRow(title="Fine", amount="1.00"),
        PlanRow(title="x\u202ey", amount="0", due_on="soon"),
        PlanRow(title="Much", amount="99999999999999999"),
        PlanRow(id="ms_of_nobody", title="Foreign", amount="1.00"),
    ]
    with pytest.raises(FieldsRefused) as refused:
        save(project, bad)
    assert set(refused.value.problems) == {
        "1:title", "1:amount", "3:title", "3:amount", "3:due_on", "4:amount", "5:",
    }  # fmt: skip
    assert not plan_of(project)


def test_what_is_billed_only_moves(project: str) -> None:
    plan = made.plan(made.add_customer(email="b@b.example").id, "1000.00", "2000.00")
    with db.read_only() as connection:
        customer = projects.get(connection, plan.project).customer_id
    item = made.add_item()
    made.enroll_customer.enroll_customer(customer, item.id, actor=OPERATOR)
    seeded = made.Seeded(customer, item.id, "")
    made.fire(seeded, "1000.00", "Phase 1", milestone=plan.milestones[0])
    billed, delivered = typed(plan.project)
    with pytest.raises(FieldsRefused) as refused:
        save(plan.project, [replace(billed, amount="1.00"), delivered])
    assert refused.value.problems == {"1:": "“Phase 1” is billed: only its place may change."}
    for left in ([billed], [delivered]):
        with pytest.raises(FieldsRefused, match="stays in the plan"):
            save(plan.project, left)
    assert [m.title for m in save(plan.project, [delivered, billed])] == ["Phase 2", "Phase 1"]


def shares(text: str, contract: int | None = 2_250_000, other: int = 0) -> list[int]:
    """The shares of the contract of 22,500.00 USD."""
    return parse_shares(text, "USD", contract_minor=contract, other_minor=other)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("20% / 30% / 50%", [450_000, 675_000, 1_125_000]),
        ("33.33%, 33.33%, 33.34%", [749_925, 749_925, 750_150]),
        ("3000.00 / 4,500.00 / rest", [300_000, 450_000, 1_500_000]),
        ("10%; REST", [225_000, 2_025_000]),
        ("25%\n25%", [562_500, 562_500]),
    ],
)
def test_shares_by_percent_amount_and_rest(text: str, parts: list[int]) -> None:
    assert shares(text) == parts


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "Write the shares"),
        ("60% / 50%", "make 110%"),
        ("rest / rest", "Only one"),
        ("30000.00 / rest", "7500.00 USD more than the whole"),
        ("100% / rest", "the whole already"),
        ("0% / 100%", "more than zero"),
        ("1e3", "not an amount"),
        ("٣٠%", "not an amount"),
        ("-5% / rest", "more than zero"),
        ("nan%", "not an amount"),
        ("1.005", "2 decimals"),
        ("1% / " * 61, "up to 60"),
    ],
)
def test_a_share_that_is_none_is_refused(text: str, said: str) -> None:
    with pytest.raises(AmountRefused, match=said):
        shares(text)


@pytest.mark.parametrize("text", ["50% / 50%", "1.00 / rest"])
def test_a_share_of_nothing_agreed_is_refused(text: str) -> None:
    with pytest.raises(AmountRefused, match="contract sum"):
        shares(text, None)


def test_parts_always_sum_to_the_cent_and_none_is_off_by_one_unit() -> None:
    dice = Random(4)
    for _ in range(500):
        total = dice.randrange(1, 10**12)
        weights = [Decimal(dice.randrange(1, 10**6)) for _ in range(dice.randrange(1, 20))]
        parts = split(total, weights)
        assert sum(parts) == total
        whole = sum(weights)
        assert all(abs(p - total * w / whole) < 1 for p, w in zip(parts, weights, strict=True))
    percents = ["16.67%"] * 5 + ["16.65%"]
    for contract in (1_000, 99_999, 2_250_001, 7):
        if contract > 50:
            assert sum(shares(" / ".join(percents), contract)) == contract
