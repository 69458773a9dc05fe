"""Projects: the portfolio, a new one, and one project's page under ``?project=prj_…``."""

from __future__ import annotations

from functools import partial

import streamlit as st

from billing_core.flows.save_project import save_project
from billing_core.reports import deliverables, lists, portfolio
from billing_core.reports.portfolio import ProjectPage
from billing_core.rules import money
from billing_core.rules.nouns import Project
from console import (
    access,
    charge_now,
    forms,
    places,
    project_charts,
    project_list,
    project_page,
    project_parts,
    project_plan,
    widgets,
)
from console.forms import Field


def show_list() -> None:
    """All projects, those at risk first; search and filter stand in the address."""
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch"):
            widgets.title("Projects")
        st.button(
            "New project", key="new", type="primary", icon=":material/add:",
            on_click=places.turn, args=("projects",), kwargs={"project": "new"},
        )  # fmt: skip
    search = st.text_input(
        "Search", key="q", type="search", placeholder="Project, customer, contract or PO number",
        label_visibility="collapsed", bind="query-params", live="300ms",
    )  # fmt: skip
    word = st.pills(
        "Which", list(project_list.FILTERS), key="which", label_visibility="collapsed",
        bind="query-params",
    )  # fmt: skip
    rows = portfolio.portfolio(search=search or "")
    found = project_list.chosen(rows, word)
    if found:
        project_list.draw(found)
        if len(rows) >= portfolio.LIMIT:
            st.caption(f"The newest {portfolio.LIMIT} are shown. Search finds the others.")
    elif search or word:
        widgets.empty("No project like that. Take a filter off, or search for less.")
    else:
        widgets.empty(
            "No project yet. A project holds a contract's milestones: plan them, deliver one, "
            "and charge it from its row."
        )


def show_form(page: ProjectPage | None) -> None:
    """A new project, or the facts of one."""
    project = page.row.project if page else None
    name = project.id if project else "new"
    widgets.title("Edit project" if project else "New project")
    customers = {row.customer.id: row.customer.billed_as() for row in lists.customers()}
    if not customers:
        widgets.empty("A project belongs to a customer. Add one under Customers first.")
        return
    whom = Field("customer_id", "Customer", "choice", customers)
    fields = project_parts.TERMS if project else (whom, *project_parts.TERMS)
    with st.form(f"project-{name}"):
        forms.draw(f"project:{name}", fields, _values(project))
        st.form_submit_button(
            "Save project", key=f"save:{name}", type="primary", on_click=forms.save,
            args=(f"project:{name}", fields, partial(_write, project), _opened),
        )  # fmt: skip
    back = {"project": project.id} if project else {}
    st.button("Cancel", key="cancel", on_click=places.turn, args=("projects",), kwargs=back)


def _values(project: Project | None) -> dict[str, str]:
    if project is None:
        return {"customer_id": places.asked("customer")}
    contract = project.contract_sum_minor
    typed = {name: str(getattr(project, name)) for name in ("name", "number", "po_number")}
    return typed | {
        "contract_sum": "" if contract is None else money.to_text(contract, project.currency),
        "terms_text": project.terms_text,
        "terms_version": project.terms_version,
    }


def _write(project: Project | None, values: forms.Values, key: str) -> Project:
    return save_project(project.id if project else None, values, actor=access.actor(), key=key)


def _opened(project: Project) -> None:
    places.turn("projects", project=project.id)


def show_project(page: ProjectPage) -> None:
    """One project: sums, what puts it at risk, time line, plan, burn."""
    row, editing = page.row, places.asked("plan")
    with st.container(horizontal=True, gap="small"):
        st.button("All projects", key="back", type="tertiary", icon=":material/arrow_back:",
                  on_click=places.turn, args=("projects",))  # fmt: skip
        st.button("Customer", key="customer", type="tertiary", icon=":material/person:",
                  on_click=places.turn, args=("customers",),
                  kwargs={"customer": row.project.customer_id})  # fmt: skip
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(width="stretch", key="project-title"):
            widgets.title(row.project.name)
        st.button("Edit", key="edit", on_click=places.turn, args=("projects",),
                  kwargs={"project": row.project.id, "edit": "yes"})  # fmt: skip
        st.button("Edit plan", key="edit-plan", disabled=bool(editing),
                  on_click=project_plan.opened, args=(page,))  # fmt: skip
        st.button("Charge Now", key="charge-now", type="primary", icon=":material/draw:",
                  on_click=charge_now.open_for, args=(row.project.customer_id,))  # fmt: skip
    project_page.about(page)
    project_page.sums(page)
    project_page.reasons(row.risks)
    if editing:
        widgets.section("Plan")
        project_plan.draw(page, editing)
        return
    if row.milestones:
        project_charts.timeline(page)
        widgets.section("Plan")
        ids = [phase.milestone.id for phase in page.phases]
        project_page.plan(page, deliverables.of_milestones(ids))
        project_charts.burn(page)
    else:
        widgets.empty("No milestone yet. Edit plan adds them, or splits the contract sum.")
    project_page.others(page.unplanned)


asked = places.asked("project")
project_list.style()
if asked == "new":
    show_form(None)
elif asked and places.asked("edit"):
    show_form(portfolio.project_page(asked))
elif asked:
    show_project(portfolio.project_page(asked))
else:
    show_list()
