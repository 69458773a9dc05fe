"""The plan editor: a table of milestones, saved at one press.

What is typed is kept in the table of drafts under the id in the address, so that a reload or a
lost connection loses nothing. Amounts are text; what they come to is said in words beneath.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from billing_core.errors import FieldsRefused, Refused
from billing_core.flows import commands as drafts
from billing_core.flows.save_plan import save_plan
from billing_core.reports.portfolio import ProjectPage
from billing_core.rules import money
from billing_core.rules import plan as rules
from billing_core.rules.plan import PlanRow
from console import access, cache, calm, places, project_rows, widgets, wording

_VERB = "plan"
_NAMES = {"title": "milestone", "amount": "amount", "due_on": "due", "scope": "scope"}


@calm.guarded
def opened(page: ProjectPage) -> None:
    """Callback of *Edit plan*: the draft that this tab has, or a new one from the plan."""
    project = page.row.project
    slot = f"plan:{project.id}"
    cmd = str(st.session_state.get(slot, ""))
    if not cmd or drafts.find_command(cmd, access.actor()).draft.get("project") != project.id:
        cmd = st.session_state[slot] = drafts.new_id()
        standing = [p.milestone for p in page.phases if p.milestone.state != "dropped"]
        rows = [rules.as_typed(milestone, project.currency) for milestone in standing]
        _keep(cmd, project.id, rules.version_of(standing), rows)
    places.say(plan=cmd, files="")


def draw(page: ProjectPage, cmd: str) -> None:
    """The editor of the draft ``cmd``, with what it comes to and the press that saves it."""
    command, project = drafts.find_command(cmd, access.actor()), page.row.project
    if command.state != "draft" or command.draft.get("project") != project.id:
        st.text("There is no draft under this address. The plan below is what is saved.")
        st.button("Show the plan", key="plan:close", on_click=_closed)
        return
    rows = _edited(page, cmd, command.draft)
    _says(page, cmd, rows)
    _shares(page, cmd)
    with st.container(horizontal=True):
        st.button(
            "Save plan",
            key="plan:save",
            type="primary",
            on_click=_save,
            args=(cmd, project.id, command.draft.get("seen", "")),
        )
        st.button("Close and keep the draft", key="plan:close", on_click=_closed)
        st.button(
            "Throw the draft away",
            key="plan:forget",
            type="tertiary",
            on_click=_forgotten,
            args=(cmd, project.id),
        )


def _edited(page: ProjectPage, cmd: str, draft: Mapping[str, str]) -> list[PlanRow]:
    """Draw the table; rows that move or whose share became an amount are drawn anew."""
    slot = f"base:{cmd}"
    if slot not in st.session_state:
        # a name of its own for every drawing from the draft: no edit is ever applied twice
        st.session_state[slot] = (project_rows.loaded(draft), drafts.new_id())
    before, key = st.session_state[slot]
    st.data_editor(
        project_rows.frame(before, _states(page)),
        key=key,
        num_rows="dynamic",
        hide_index=True,
        column_config=_COLUMNS,
        height="content",
        alt="The plan: one row for each milestone",
    )
    rows, moved = project_rows.applied(before, st.session_state.get(key, {}))
    settled = _settled(rows, page)
    if settled != project_rows.loaded(draft):
        _keep(cmd, page.row.project.id, draft.get("seen", ""), settled)
    if moved or settled != rows:
        st.session_state[slot] = (settled, drafts.new_id())
        st.rerun()
    return rows


def _states(page: ProjectPage) -> dict[str, str]:
    return {p.milestone.id: wording.MILESTONE[p.shown_state].word for p in page.phases}


_COLUMNS = {
    project_rows.PLACE: st.column_config.NumberColumn(
        "#", width=50, min_value=1, step=1, format="%d", help="Write another place to move the row."
    ),
    project_rows.TITLE: st.column_config.TextColumn(width="medium", max_chars=200),
    project_rows.AMOUNT: st.column_config.TextColumn(
        width=95, alignment="right", help="4500.00, or 30% of the contract sum, or rest."
    ),
    project_rows.DUE: st.column_config.DateColumn(width=120, format="YYYY-MM-DD"),
    project_rows.SCOPE: st.column_config.TextColumn(width="large", max_chars=2000),
    project_rows.STATE: st.column_config.TextColumn(width=110, disabled=True),
}


def _settled(rows: Sequence[PlanRow], page: ProjectPage) -> list[PlanRow]:
    """Shares become amounts as soon as they can; one that cannot stays as it was typed."""
    currency, found = page.row.project.currency, list(rows)
    contract = page.row.project.contract_sum_minor
    for number, row in enumerate(found):
        if not (row.amount.strip().endswith("%") or row.amount.strip().lower() == rules.REST):
            continue
        others = [
            project_rows.minor_of(each.amount, currency) or 0 for each in found if each is not row
        ]
        try:
            (minor,) = rules.parse_shares(
                row.amount, currency, contract_minor=contract, other_minor=sum(others)
            )
        except (Refused, ValueError):
            continue
        found[number] = replace(row, amount=money.to_text(minor, currency))
    return found


def _says(page: ProjectPage, cmd: str, rows: Sequence[PlanRow]) -> None:
    """The sum and what remains, in words; then what is wrong, row by row."""
    project = page.row.project
    widgets.strong(project_rows.summed(rows, project.currency, project.contract_sum_minor))
    problems = _problems(cmd, rows)
    for where, sentence in problems.items():
        number, _, name = where.partition(":")
        place = f"Row {number}" + (f", {_NAMES[name]}" if name in _NAMES else "")
        widgets.problem(sentence if number == "0" else f"{place}: {sentence}")


def _shares(page: ProjectPage, cmd: str) -> None:
    """One line that splits the contract sum among the milestones that are not billed."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Split the contract sum",
            key=f"shares:{cmd}",
            placeholder="30% / 30% / rest",
            help="One share for each milestone that is not billed, in order. Percentages, "
            "amounts or the rest; more shares than milestones add new ones.",
            width=360,
        )
        st.button("Split", key="plan:split", on_click=_split, args=(page, cmd))
    widgets.problem(str(st.session_state.get(f"unsplit:{cmd}", "")))


@calm.guarded
def _split(page: ProjectPage, cmd: str) -> None:
    project, slot = page.row.project, f"base:{cmd}"
    rows, _ = _current(cmd)
    billed = {p.milestone.id for p in page.phases if p.charge}
    open_rows = [n for n, row in enumerate(rows) if row.id not in billed and not row.is_blank()]
    taken = [
        project_rows.minor_of(row.amount, project.currency) or 0 for row in rows if row.id in billed
    ]
    try:
        parts = rules.parse_shares(
            str(st.session_state.get(f"shares:{cmd}") or ""),
            project.currency,
            contract_minor=project.contract_sum_minor,
            other_minor=sum(taken),
        )
    except Refused as refusal:
        st.session_state[f"unsplit:{cmd}"] = refusal.sentence
        return
    if len(parts) < len(open_rows):
        st.session_state[f"unsplit:{cmd}"] = (
            f"Write {len(open_rows)} shares: so many milestones are not billed yet."
        )
        return
    rows = [row for row in rows if not row.is_blank()]
    places_of = [n for n, row in enumerate(rows) if row.id not in billed]
    for number, minor in enumerate(parts):
        text = money.to_text(minor, project.currency)
        if number < len(places_of):
            at = places_of[number]
            rows[at] = replace(rows[at], amount=text)
        else:
            rows.append(PlanRow(title=f"Phase {len(rows) + 1}", amount=text))
    st.session_state.pop(f"unsplit:{cmd}", None)
    st.session_state[slot] = (rows, drafts.new_id())


@calm.guarded
def _save(cmd: str, project_id: str, seen: str) -> None:
    """Callback of the one press: pressed twice it is saved once; a refusal stays with its rows."""
    if f"base:{cmd}" not in st.session_state:
        return  # the second click of a double one: the first has saved and closed the draft
    rows, _ = _current(cmd)
    told = project_rows.mark(rows)
    try:
        save_plan(project_id, rows, seen=seen, actor=access.actor(), key=f"{cmd}:{told}")
    except FieldsRefused as refusal:
        st.session_state[f"refused:{cmd}"] = (told, refusal.problems)
        return
    except Refused as refusal:
        st.session_state[f"refused:{cmd}"] = (told, {"0:": refusal.sentence})
        return
    _forgotten(cmd, project_id)
    cache.clear()


def _problems(cmd: str, rows: Sequence[PlanRow]) -> dict[str, str]:
    """What the last press was refused for, as long as the same stands there."""
    told, problems = st.session_state.get(f"refused:{cmd}", ("", {}))
    return dict(problems) if told == project_rows.mark(rows) else {}


def _current(cmd: str) -> tuple[list[PlanRow], bool]:
    before, key = st.session_state[f"base:{cmd}"]
    return project_rows.applied(before, st.session_state.get(key, {}))


def _closed() -> None:
    places.say(plan="")


@calm.guarded
def _forgotten(cmd: str, project_id: str) -> None:
    drafts.keep_draft(cmd, access.actor(), _VERB, {})
    for name in (f"base:{cmd}", f"refused:{cmd}", f"unsplit:{cmd}", f"plan:{project_id}"):
        st.session_state.pop(name, None)
    places.say(plan="")


def _keep(cmd: str, project_id: str, seen: str, rows: Sequence[PlanRow]) -> None:
    values = {"project": project_id, "seen": seen, **project_rows.kept(rows)}
    drafts.keep_draft(cmd, access.actor(), _VERB, values)
