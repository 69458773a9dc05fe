"""Projects on the screen: the portfolio, a project's page, its plan's editor, its deliverables."""

from __future__ import annotations

import json
from typing import Any

import pytest

from billing_core.flows import commands as drafts
from billing_core.flows.add_deliverable import add_deliverable
from billing_core.flows.save_project import save_milestone, save_project
from billing_core.reports import deliverables, lists, portfolio
from billing_core.rules.plan import PlanRow
from console import project_charts, project_rows
from tests import books
from tests.books import OPERATOR, Plan, Seeded
from tests.console.screen import NOT_YET, Screen

HOSTILE = "<script>alert(1)</script> **bold** $x$ [a](http://b) =cmd()"


@pytest.fixture
def seeded(books: str) -> Seeded:
    """The recipe's books."""
    from tests import books as made

    return made.seed()


@pytest.fixture
def plan(seeded: Seeded) -> Plan:
    """Two delivered phases of 3,000.00 under a contract of 9,000.00."""
    return books.plan(seeded.customer, "3000.00", "3000.00", contract_sum="9000.00")


def page_of(plan: Plan) -> Screen:
    """The project's page, by its address."""
    return Screen("projects", project=plan.project)


def titles(project: str) -> list[tuple[str, int]]:
    """The plan in the books: titles and planned minor units, in order."""
    (row,) = [row for row in lists.projects() if row.project.id == project]
    standing = [m.milestone for m in row.milestones if m.shown_state != "dropped"]
    return [(m.title, m.planned_minor) for m in standing]


def editor(screen: Screen) -> str:
    """The key of the table that is edited now."""
    (table,) = screen.at.data_editor
    return str(table.key)


def edit(screen: Screen, **state: Any) -> Screen:
    """Type into the plan's table, as its widget would tell it."""
    known = {"edited_rows": {}, "added_rows": [], "deleted_rows": []}
    screen.at.session_state[editor(screen)] = known | state
    return screen.run()


def test_an_empty_portfolio_says_what_to_do_first(seeded: Seeded) -> None:
    assert "No project yet." in Screen("projects").said()


def test_the_portfolio_shows_sums_and_risks_and_leads_to_the_page(
    seeded: Seeded, plan: Plan
) -> None:
    books.fire(seeded, "3000.00", "Phase 1", milestone=plan.milestones[0])
    late = {"project_id": plan.project, "title": HOSTILE, "planned_amount": "1.00",
            "due_on": "2026-01-02"}  # fmt: skip
    save_milestone(None, late, actor=OPERATOR)
    screen = Screen("projects")
    said = screen.said()
    for words in ("At risk", "Harbor & Vine", "Contract", "$9,000.00", "Billed", "$3,000.00",
                  "Approved", "Paid", "To come", "$6,000.00", "and is not delivered"):  # fmt: skip
        assert words in said, words
    assert HOSTILE in said
    screen.fill("q", "nothing like it")
    assert "No project like that." in screen.said()
    screen.fill("q", "website").click(f"open:{plan.project}")
    assert screen.address("project") == plan.project
    assert "New website" in screen.said()


def test_a_project_is_made_and_changed_with_refusals_at_their_fields(seeded: Seeded) -> None:
    screen = Screen("projects").click("new")
    screen.at.text_input(key="project:new/contract_sum").set_value("1,5")
    screen.click("save:new")
    said = screen.said()
    assert "The project's name is missing." in said
    assert "without thousands separators" in said
    screen.at.text_input(key="project:new/name").set_value(HOSTILE)
    screen.at.text_input(key="project:new/contract_sum").set_value("22500.00")
    screen.click("save:new")
    (made,) = [row.project for row in lists.projects()]
    assert (made.name, made.contract_sum_minor) == (HOSTILE, 2_250_000)
    assert screen.address("project") == made.id
    assert "No milestone yet." in screen.said()
    screen.click("edit-plan")
    edit(screen, added_rows=[{"Milestone": "Only", "Amount": "rest"}]).click("plan:save")
    assert titles(made.id) == [("Only", 2_250_000)]


def test_the_page_leads_from_deliver_to_charge_now_with_the_words_prepared(
    seeded: Seeded, plan: Plan
) -> None:
    values = {"project_id": plan.project, "title": "Phase 3: Launch", "planned_amount": "3000.00"}
    third = save_milestone(None, values, actor=OPERATOR)
    other = books.add_item(name="Care plan", unit_price="90.00")
    books.enroll_customer.enroll_customer(seeded.customer, other.id, actor=OPERATOR)
    screen = page_of(plan).click(f"deliver:{third.id}").click(f"fire:{third.id}")
    assert screen.at.text_input(key=screen.field("amount")).value == "3000.00", "no item chosen yet"
    screen.choose(screen.field("item"), seeded.item)
    assert screen.at.text_input(key=screen.field("amount")).value == "3000.00"
    assert screen.at.text_input(key=screen.field("description")).value.startswith(
        "Phase 3: Launch — delivered "
    )
    assert screen.at.selectbox(key=screen.field("milestone")).value == third.id
    assert screen.label() == "Send invoice for $3,000.00"
    screen.press()
    (charge,) = [row.charge for row in lists.charges()]
    assert charge.milestone_id == third.id
    assert f"charge:{third.id}" in {b.key for b in page_of(plan).at.button}


def test_a_delivery_can_be_taken_back_until_it_is_billed(seeded: Seeded, plan: Plan) -> None:
    first = plan.milestones[0]
    screen = page_of(plan).click(f"files:{first}").click(f"reopen:{first}")
    assert screen.has(f"deliver:{first}")
    screen.click(f"deliver:{first}")
    books.fire(seeded, "3000.00", "Phase 1", milestone=first)
    assert not screen.run().has(f"reopen:{first}")


def test_the_plan_is_added_to_ordered_split_and_saved_at_one_press(
    seeded: Seeded, plan: Plan
) -> None:
    screen = page_of(plan).click("edit-plan")
    assert "2 milestones, $6,000.00 of $9,000.00: $3,000.00 remains to be planned." in screen.said()
    edit(
        screen,
        edited_rows={"0": {"Milestone": "Research", "Place": 2}},
        added_rows=[{"Milestone": "Launch", "Amount": "rest", "Due": "2026-09-01"}],
    )
    assert "3 milestones, $9,000.00: the whole contract sum, nothing remains." in screen.said()
    assert titles(plan.project) == [("Phase 1", 300_000), ("Phase 2", 300_000)], "not saved yet"
    screen.fill(next(str(t.key) for t in screen.at.text_input if "shares" in str(t.key)),
                "33.333333% / 33.333333% / 33.333334%").click("plan:split")  # fmt: skip
    screen.click("plan:save")
    assert titles(plan.project) == [
        ("Phase 2", 300_000),
        ("Research", 300_000),
        ("Launch", 300_000),
    ]
    assert screen.address("plan") == ""


def test_a_refused_plan_keeps_every_word_and_names_the_row(seeded: Seeded, plan: Plan) -> None:
    books.fire(seeded, "3000.00", "Phase 1", milestone=plan.milestones[0])
    screen = page_of(plan).click("edit-plan")
    edit(
        screen,
        edited_rows={"0": {"Amount": "1.00"}},
        added_rows=[{"Milestone": HOSTILE, "Amount": "4,5", "What belongs to it": "x\u202ey"}, {}],
    )
    screen.click("plan:save")
    said = screen.said()
    assert "Row 1: “Phase 1” is billed: only its place may change." in said
    assert "Row 3, amount: Write the amount without thousands separators" in said
    assert "Row 3, scope:" in said
    assert titles(plan.project) == [("Phase 1", 300_000), ("Phase 2", 300_000)]
    # another tab on the same address: nothing typed is lost
    again = Screen("projects", project=plan.project, plan=screen.address("plan"))
    table = again.at.data_editor[0].value
    assert list(table["Milestone"]) == ["Phase 1", "Phase 2", HOSTILE, ""]
    assert list(table["Amount"])[:3] == ["1.00", "3000.00", "4,5"]
    edit(again, edited_rows={"0": {"Amount": "3000.00"},
                             "2": {"Amount": "4.50", "What belongs to it": ""}})  # fmt: skip
    again.click("plan:save")
    assert titles(plan.project)[2] == (HOSTILE, 450)


def test_a_plan_changed_elsewhere_is_not_overwritten(seeded: Seeded, plan: Plan) -> None:
    screen = page_of(plan).click("edit-plan")
    edit(screen, edited_rows={"0": {"Milestone": "Mine"}})
    values = {"project_id": plan.project, "title": "Theirs", "planned_amount": "1.00"}
    save_milestone(None, values, actor=OPERATOR)
    screen.click("plan:save")
    assert "This plan was changed elsewhere" in screen.said()
    assert [title for title, _ in titles(plan.project)] == ["Phase 1", "Phase 2", "Theirs"]
    screen.click("plan:forget")
    assert screen.address("plan") == ""
    assert "Theirs" in screen.said()


def test_files_and_links_are_added_shown_and_removed(seeded: Seeded, plan: Plan) -> None:
    first = plan.milestones[0]
    screen = page_of(plan).click(f"files:{first}").click(f"add:{first}")
    assert "Choose a file first." in screen.said()
    screen.at.file_uploader[0].set_value(
        [(f"../{HOSTILE}.pdf", b"%PDF one", "text/html"), ("empty.txt", b"", "text/plain")]
    )
    screen.click(f"add:{first}")
    said = screen.said()
    assert "empty.txt: This file is empty." in said
    (file,) = deliverables.of_milestones([first])[first]
    assert file.name == "b) =cmd().pdf", "what looks like a folder is cut off"
    screen.at.text_input(key=f"link:{first}/name").set_value("Prototype")
    screen.at.text_input(key=f"link:{first}/url").set_value("javascript:alert(1)")
    screen.click(f"add-link:{first}")
    assert "Write the whole address" in screen.said()
    assert "What it held is missing." in screen.said()
    screen.at.text_input(key=f"link:{first}/url").set_value("https://prototype.example/")
    screen.at.text_input(key=f"link:{first}/detail").set_value("12 screens")
    screen.click(f"add-link:{first}")
    screen.at.session_state[f"added:{first}"] = NOT_YET
    screen.click(f"add-link:{first}")
    assert "The name is missing." not in screen.said(), "the second click of a double one"
    held = deliverables.of_milestones([first])[first]
    assert [d.kind for d in held] == ["file", "link"]
    screen.click(f"drop:{file.id}")
    assert [d.kind for d in deliverables.of_milestones([first])[first]] == ["link"]


def test_what_the_client_approved_stays(seeded: Seeded, plan: Plan) -> None:
    first = plan.milestones[0]
    kept = add_deliverable(first, {"name": "a.pdf"}, data=b"a", actor=OPERATOR)
    fired = books.fire(seeded, "3000.00", "Phase 1", milestone=first)
    screen = page_of(plan).click(f"files:{first}")
    assert "The invoice that was sent keeps what it held." in screen.said()
    books.approve(books.token(fired))
    screen.run()
    assert "what was delivered stays as it is" in screen.said()
    assert not screen.has(f"drop:{kept.id}")


def test_the_charts_say_what_they_show(seeded: Seeded, plan: Plan) -> None:
    books.settle(_paid(seeded, plan))
    page = portfolio.project_page(plan.project)
    assert project_charts.burn_finding(page.row.sums, "USD") == (
        "33% of the contract is paid, $6,000.00 is still to bill"
    )
    screen = page_of(plan)
    assert "33% of the contract is paid" in screen.said()
    assert "Planned (outline) against actual" in screen.said()
    figures = [json.loads(f.proto.spec) for f in screen.at.get("plotly_chart")]
    names = {trace.get("name") for figure in figures for trace in figure["data"]}
    assert {"Delivered", "Approved", "Paid", "Planned", "Billed"} <= names


def _paid(seeded: Seeded, plan: Plan) -> str:
    fired = books.fire(seeded, "3000.00", "Phase 1", milestone=plan.milestones[0])
    books.pay(books.approve(books.token(fired)))
    assert fired.charge
    return fired.charge.id


def test_a_draft_of_another_project_is_none(seeded: Seeded, plan: Plan) -> None:
    fields = {"customer_id": seeded.customer, "name": "Other"}
    other = save_project(None, fields, actor=OPERATOR)
    cmd = page_of(plan).click("edit-plan").address("plan")
    assert drafts.find_command(cmd, OPERATOR).draft["project"] == plan.project
    screen = Screen("projects", project=other.id, plan=cmd)
    assert "There is no draft under this address." in screen.said()


@pytest.mark.parametrize(
    ("edited", "kept"),
    [
        ({"edited_rows": {"2": {"Place": 1}}}, "c a b"),
        ({"edited_rows": {"0": {"Place": 99}}}, "b c a"),
        ({"deleted_rows": [1], "edited_rows": {"1": {"Place": 1}}}, "a c"),
        ({"added_rows": [{"Milestone": "d", "Place": 2}]}, "a d b c"),
        ({"added_rows": [{}], "deleted_rows": [0, 1, 2]}, ""),
    ],
)
def test_edits_of_the_table_become_rows(edited: dict[str, Any], kept: str) -> None:
    before = [PlanRow("1", "a"), PlanRow("2", "b"), PlanRow("3", "c")]
    rows, _ = project_rows.applied(before, edited)
    assert " ".join(row.title for row in rows).strip() == kept
    assert project_rows.loaded(project_rows.kept(rows)) == rows
