"""Save a project's whole plan at one press: order, titles, amounts, due dates, scopes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, replace

from sqlalchemy import Connection

from billing_core import ids
from billing_core.errors import FieldsRefused, Refused
from billing_core.flows.read_form import FormReader
from billing_core.records import db, keys, projects
from billing_core.records.patience import patiently
from billing_core.rules import plan as rules
from billing_core.rules import standings
from billing_core.rules.nouns import Actor, Milestone, Project
from billing_core.rules.plan import PlanRow

_CAN_GO = ("planned", "in_progress")


class PlanChanged(Refused):
    """Somebody else changed the plan since it was opened here. Nothing was saved."""

    code = "PLAN_CHANGED"


@patiently
def save_plan(
    project_id: str,
    rows: Sequence[PlanRow],
    *,
    seen: str,
    actor: Actor,
    key: str | None = None,
) -> tuple[Milestone, ...]:
    """Make ``rows`` the plan, in their order; a milestone that is no longer among them is dropped.

    ``seen`` is ``rules.plan.version_of`` the plan that was edited; PlanChanged when it is another
    now. FieldsRefused names each problem as ``row:field`` (rows from 1, field "" for the row,
    row 0 for the plan). Billed milestones may only change their place.
    """
    kept = [row for row in rows if not row.is_blank()]
    told = {"project": project_id, "seen": seen, "rows": [asdict(row) for row in kept]}
    mark = keys.fingerprint("save_plan", told)
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        if keys.find(connection, actor, key, mark) is None:
            _save(connection, project_id, kept, seen)
            keys.bind(connection, actor, key, mark, {"project": project_id})
        return tuple(m for m in projects.milestones_of(connection, project_id) if _stands(m))


def _save(connection: Connection, project_id: str, kept: Sequence[PlanRow], seen: str) -> None:
    # milestones before their project, as a fire locks them
    now = projects.lock_milestones(connection, project_id)
    project = projects.get(connection, project_id, lock=True)
    standing = {m.id: m for m in now if _stands(m)}
    if rules.version_of(list(standing.values())) != seen:
        raise PlanChanged(
            "This plan was changed elsewhere since you opened it, so nothing was saved. "
            "What you typed still stands here: compare it with the plan as it is now."
        )
    billed = set(projects.live_charges(connection, project_id))
    wanted = _read(project, kept, standing, billed)
    gone = [m for m in now if m.id not in {each.id for each in wanted}]
    for number, milestone in enumerate(gone):
        if milestone.id in standing:
            gone[number] = replace(
                milestone, state=standings.move_milestone(milestone.state, "drop")
            )
    ordered = [replace(m, position=n) for n, m in enumerate([*wanted, *gone], start=1)]
    projects.arrange(connection, ordered, known={m.id for m in now})


def _read(
    project: Project,
    kept: Sequence[PlanRow],
    standing: dict[str, Milestone],
    billed: set[str],
) -> list[Milestone]:
    """The milestones that the rows ask for; FieldsRefused with everything that is wrong."""
    problems: dict[str, str] = {}
    wanted: list[Milestone] = []
    if len(kept) > rules.MOST_ROWS:
        raise FieldsRefused({"0:": f"A plan has up to {rules.MOST_ROWS} milestones."})
    for number, row in enumerate(kept, start=1):
        old = standing.get(row.id)
        if row.id and (old is None or row.id in {m.id for m in wanted}):
            problems[f"{number}:"] = "This milestone is not in the plan any more."
            continue
        read, wrong = _milestone(project, row, old, number)
        problems |= wrong
        if old and old.id in billed and not wrong and replace(read, position=old.position) != old:
            problems[f"{number}:"] = f"“{old.title}” is billed: only its place may change."
        wanted.append(read)
    for milestone in standing.values():
        if milestone.id in {m.id for m in wanted}:
            continue
        if milestone.id in billed or milestone.state not in _CAN_GO:
            word = "billed" if milestone.id in billed else milestone.state
            problems["0:"] = f"“{milestone.title}” is {word} and stays in the plan."
    if problems:
        raise FieldsRefused(problems)
    return wanted


def _milestone(
    project: Project, row: PlanRow, old: Milestone | None, number: int
) -> tuple[Milestone, dict[str, str]]:
    form = FormReader({"title": row.title, "amount": row.amount, "due_on": row.due_on,
                       "scope": row.scope})  # fmt: skip
    read = Milestone(
        id=old.id if old else ids.new_id("ms"),
        project_id=project.id,
        position=number,
        title=form.line("title", "The title", required=True),
        planned_minor=form.amount("amount", project.currency) or 1,
        due_on=form.day("due_on", "The due date"),
        scope=form.block("scope", "The scope"),
        acceptance=old.acceptance if old else "",
        state=old.state if old else "planned",
        delivered_on=old.delivered_on if old else None,
    )
    return read, {f"{number}:{name}": said for name, said in form.problems.items()}


def _stands(milestone: Milestone) -> bool:
    return milestone.state != "dropped"
