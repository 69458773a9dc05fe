"""The parts of one project's page: sums, reasons to look, its milestones with what comes next.

Only shows and passes on: what a button may do is decided by its flow.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import date

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.save_project import change_milestone
from billing_core.reports import lists
from billing_core.reports.portfolio import Phase, ProjectPage
from billing_core.reports.risks import Risk
from billing_core.rules.nouns import Charge
from billing_core.rules.nouns.catalogue import Deliverable
from console import (
    access,
    cache,
    calm,
    charge_now,
    places,
    project_charts,
    project_files,
    project_list,
    widgets,
    wording,
)

_AHEAD = ("planned", "in_progress")
_BUTTONS_PX = 200
Things = Mapping[str, Sequence[Deliverable]]


def about(page: ProjectPage) -> None:
    """Whose contract it is, in one line."""
    project = page.row.project
    known = [
        page.row.customer_name,
        f"contract {project.number}" if project.number else "",
        f"PO {project.po_number}" if project.po_number else "",
        f"terms {project.terms_version}" if project.terms_version else "",
    ]
    widgets.soft(" · ".join(words for words in known if words))


def sums(page: ProjectPage) -> None:
    """Where the contract stands, in five figures."""
    told, currency = page.row.sums, page.row.project.currency
    phases = f"{page.row.milestones} milestones" if page.row.milestones != 1 else "1 milestone"
    cards = (
        ("Contract sum" if told.agreed else "All phases", told.contract, phases, "off"),
        ("Billed", told.billed, "", "orange"),
        ("Approved", told.approved, "", "blue"),
        ("Paid", told.paid, "", "green"),
        ("To come", told.to_come, "", "off"),
    )
    with st.container(key="money-cards"), st.grid(5, min_column_width=150):
        for name, minor, words, colour in cards:
            st.metric(
                name,
                wording.label(spoken.money(minor, currency)),
                words or project_charts.share(minor, told.contract),
                delta_color=colour,  # type: ignore[arg-type]
                delta_arrow="off",
                border=True,
                height="stretch",
            )


def reasons(risks: Sequence[Risk]) -> None:
    """Everything that puts the project at risk, the gravest first, each with its place."""
    if not risks:
        return
    with widgets.rows("risks"):
        for number, risk in enumerate(risks):
            with widgets.row(f"risk-{number}") as cells:
                cells.badge(project_list.AT_RISK)
                cells.text(risk.sentence)
                if risk.charge_id:
                    cells.action("Open", places.turn, "charges", charge=risk.charge_id)


def plan(page: ProjectPage, things: Things) -> None:
    """The milestones in their order, dropped ones left out, each with its next step."""
    phases = [phase for phase in page.phases if phase.milestone.state != "dropped"]
    opened = places.asked("files")
    with widgets.rows("plan"):
        for number, phase in enumerate(phases, start=1):
            held = things.get(phase.milestone.id, ())
            _phase(page, phase, number, held)
            if opened == phase.milestone.id:
                project_files.panel(phase, held)
                _second_thoughts(phase)


def _phase(page: ProjectPage, phase: Phase, number: int, held: Sequence[Deliverable]) -> None:
    milestone, currency = phase.milestone, page.row.project.currency
    with widgets.row(milestone.id) as cells:
        cells.badge(_state(phase, page.today))
        with cells.cell("text"):
            st.html(_words(phase, number))
        minor = phase.charge.line_minor if phase.charge else milestone.planned_minor
        cells.amount(spoken.money(minor, currency), 120)
        with (
            cells.cell("action", _BUTTONS_PX),
            st.container(horizontal=True, horizontal_alignment="right", gap="small"),
        ):
            if held or phase.shown_state in project_files.OPEN:
                _files_button(milestone.id, len(held))
            _next_step(phase, page.row.project.customer_id)


def _state(phase: Phase, today: date) -> wording.Badge:
    """The charge's own word where there is one: waiting for whom says more than billed."""
    if phase.charge is None:
        return wording.MILESTONE[phase.shown_state]
    overdue = lists.is_overdue(phase.charge, today)
    return wording.charge_badge(phase.charge.state, overdue=overdue)


def _words(phase: Phase, number: int) -> str:
    milestone = phase.milestone
    dates = (
        ("due", phase.due_on),
        ("delivered", phase.delivered_on),
        ("billed", phase.billed_on),
        ("approved", phase.approved_on),
        ("paid", phase.paid_on),
    )
    told = " · ".join(f"{word} {widgets.day(on)}" for word, on in dates if on)
    late = phase.late_days or 0
    if late > 0:
        told += f" · {'1 day' if late == 1 else f'{late} days'} late"
    ended = [f"{c.invoice_number} {wording.CHARGE[c.state].word.lower()}" for c in phase.earlier]
    lines = [
        f'<p class="cs-name">{html.escape(project_charts.numbered(number, milestone.title))}</p>',
        f'<p class="cs-below">{html.escape(told[:1].upper() + told[1:])}</p>' if told else "",
        f'<p class="cs-below">Before: {html.escape(", ".join(ended))}</p>' if ended else "",
    ]
    return "".join(lines)


def _files_button(milestone_id: str, count: int) -> None:
    shown = places.asked("files") == milestone_id
    st.button(
        "Close files" if shown else (f"Files {count}" if count else "Add files"),
        key=f"files:{milestone_id}",
        type="tertiary",
        icon=":material/attach_file:",
        on_click=places.say,
        kwargs={"files": "" if shown else milestone_id},
    )


def _next_step(phase: Phase, customer_id: str) -> None:
    milestone_id = phase.milestone.id
    if phase.charge:
        st.button(
            "Open charge",
            key=f"charge:{milestone_id}",
            on_click=places.turn,
            args=("charges",),
            kwargs={"charge": phase.charge.id},
        )
    elif phase.shown_state == "delivered":
        st.button(
            "Charge Now",
            key=f"fire:{milestone_id}",
            type="primary",
            on_click=charge_now.open_for,
            args=(customer_id, milestone_id),
        )
    elif phase.shown_state in _AHEAD:
        st.button(
            "Deliver", key=f"deliver:{milestone_id}", on_click=move, args=(milestone_id, "deliver")
        )


def _second_thoughts(phase: Phase) -> None:
    """The moves that are seldom wanted, below the files of an opened row."""
    for state, verb, words in (
        ("planned", "start", "Work on it has begun"),
        ("delivered", "reopen", "Not delivered after all"),
    ):
        if phase.shown_state == state:
            key = f"{verb}:{phase.milestone.id}"
            st.button(words, key=key, type="tertiary", on_click=move,
                      args=(phase.milestone.id, verb))  # fmt: skip


def others(charges: Sequence[Charge]) -> None:
    """Charges of the project that name no milestone."""
    if not charges:
        return
    widgets.section("Charges without a milestone")
    with widgets.rows("others"):
        for charge in charges:
            with widgets.row(charge.id) as cells:
                cells.badge(wording.charge_badge(charge.state))
                cells.side(charge.invoice_number, 124)
                cells.text(charge.description)
                cells.amount(spoken.money(charge.total_minor, charge.currency))
                cells.action("Open", places.turn, "charges", charge=charge.id)


@calm.guarded
def move(milestone_id: str, verb: str) -> None:
    """Callback: start, deliver or reopen a milestone."""
    change_milestone(milestone_id, verb, actor=access.actor())
    cache.clear()
