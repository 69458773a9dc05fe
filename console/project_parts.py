"""A customer's projects and their milestones: add, deliver, and Charge Now on the row."""

from __future__ import annotations

from functools import partial
from typing import Any

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.save_project import change_milestone, save_milestone, save_project
from billing_core.reports import lists
from billing_core.rules.nouns import Customer, Milestone
from console import access, calm, charge_now, forms, places, widgets, wording
from console.forms import Field

PROJECT = (
    Field("name", "Project", placeholder="Website relaunch", half=True),
    Field("number", "Contract number", half=True),
    Field("po_number", "PO number", half=True),
    Field("contract_sum", "Contract sum", placeholder="22500.00", half=True),
)
#: A project's own page asks for its terms as well.
TERMS = (
    *PROJECT,
    Field("terms_text", "Terms of this contract", "area", help="Empty: the company's own terms."),
    Field("terms_version", "Version of the terms", placeholder="Agreement of January 12"),
)
MILESTONE = (
    Field("title", "Milestone", placeholder="Phase 2: Homepage designs", half=True),
    Field("planned_amount", "Planned amount", placeholder="4500.00", half=True),
    Field("due_on", "Due", "day", half=True),
    Field("scope", "What belongs to it", half=True),
)

_AHEAD = ("planned", "in_progress")


def projects(customer: Customer) -> None:
    """All projects of ``customer``, each with its milestones."""
    widgets.section("Projects and milestones")
    found = lists.projects(customer.id)
    for row in found:
        _project(row)
    if not found:
        widgets.empty(
            "No project yet. A project with milestones shows the client how far the work is; "
            "you can also charge without one."
        )
    adding = places.asked("add")
    if adding == "project":
        fixed = {"customer_id": customer.id, "currency": customer.currency}
        _form("project", PROJECT, "Save project", partial(_write_project, None), fixed)
    else:
        _add_button("Add a project", "project")


def _project(row: lists.ProjectRow) -> None:
    project = row.project
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            widgets.strong(project.name)
        st.button(
            "Open the project",
            key=f"project:{project.id}",
            type="tertiary",
            on_click=places.turn,
            args=("projects",),
            kwargs={"project": project.id},
        )
    contract = project.contract_sum_minor
    known = [
        f"Contract {project.number}" if project.number else "",
        f"PO {project.po_number}" if project.po_number else "",
        f"{spoken.money(contract, project.currency)} in all" if contract is not None else "",
    ]
    widgets.soft(" · ".join(words for words in known if words))
    if row.milestones:
        with widgets.rows(f"milestones-{project.id}"):
            for each in row.milestones:
                _milestone(each, project.customer_id, project.currency)
    if places.asked("add") == project.id:
        write = partial(_write_milestone, None)
        _form(project.id, MILESTONE, "Save milestone", write, {"project_id": project.id})
    else:
        _add_button("Add a milestone", project.id)


def _milestone(row: lists.MilestoneRow, customer_id: str, currency: str) -> None:
    milestone = row.milestone
    with widgets.row(milestone.id) as cells:
        cells.badge(wording.MILESTONE[row.shown_state])
        cells.name(milestone.title)
        cells.text(_dates(milestone))
        cells.amount(spoken.money(milestone.planned_minor, currency))
        with cells.cell("action", 130):
            _next_step(row, customer_id)


def _next_step(row: lists.MilestoneRow, customer_id: str) -> None:
    milestone = row.milestone
    if row.charge_id:
        st.button(
            "Open charge",
            key=f"charge:{milestone.id}",
            type="tertiary",
            on_click=places.turn,
            args=("charges",),
            kwargs={"charge": row.charge_id},
        )
    elif row.shown_state == "delivered":
        st.button(
            "Charge Now",
            key=f"fire:{milestone.id}",
            on_click=charge_now.open_for,
            args=(customer_id, milestone.id),
        )
    elif row.shown_state in _AHEAD:
        st.button(
            "Deliver", key=f"deliver:{milestone.id}", on_click=_move, args=(milestone.id, "deliver")
        )


def _dates(milestone: Milestone) -> str:
    if milestone.delivered_on:
        return f"Delivered {widgets.day(milestone.delivered_on)}"
    return f"Due {widgets.day(milestone.due_on)}" if milestone.due_on else ""


def _form(name: str, fields: tuple[Field, ...], words: str, write: Any, fixed: Any) -> None:
    with st.form(f"form-{name}"):
        forms.draw(f"add:{name}", fields, {})
        st.form_submit_button(
            words,
            key=f"save:{name}",
            type="primary",
            on_click=forms.save,
            args=(f"add:{name}", fields, write, _added, fixed),
        )
    st.button("Cancel", key=f"cancel:{name}", on_click=places.say, kwargs={"add": ""})


def _add_button(words: str, what: str) -> None:
    st.button(
        words,
        key=f"add:{what}",
        type="tertiary",
        icon=":material/add:",
        on_click=places.say,
        kwargs={"add": what},
    )


def _added(_: object) -> None:
    places.say(add="")


def _write_project(project_id: str | None, values: forms.Values, key: str) -> object:
    return save_project(project_id, values, actor=access.actor(), key=key)


def _write_milestone(milestone_id: str | None, values: forms.Values, key: str) -> object:
    return save_milestone(milestone_id, values, actor=access.actor(), key=key)


@calm.guarded
def _move(milestone_id: str, verb: str) -> None:
    change_milestone(milestone_id, verb, actor=access.actor())
