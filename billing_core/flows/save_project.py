"""Projects and their milestones: add, change, deliver."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from billing_core import clock, ids
from billing_core.errors import FieldsRefused
from billing_core.flows.read_form import FormReader, Value
from billing_core.records import customers, db, keys, projects
from billing_core.records.patience import patiently
from billing_core.rules import standings
from billing_core.rules.nouns import Actor, Milestone, Project


@patiently
def save_project(
    project_id: str | None,
    values: Mapping[str, Value],
    *,
    actor: Actor,
    key: str | None = None,
) -> Project:
    """Fields: customer_id, name, number, po_number, contract_sum, terms_text, terms_version."""
    mark = keys.fingerprint("save_project", {"id": project_id, "values": dict(values)})
    form = FormReader(values)
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return projects.get(connection, bound["project"])
        old = projects.get(connection, project_id, lock=True) if project_id else None
        customer = customers.get(connection, old.customer_id if old else form.raw("customer_id"))
        read = Project(
            id=old.id if old else ids.new_id("prj"),
            customer_id=customer.id,
            name=form.line("name", "The project's name", required=True),
            currency=old.currency if old else customer.currency,
            number=form.line("number", "The number", most=60),
            po_number=form.line("po_number", "The PO number", most=60),
            contract_sum_minor=form.amount("contract_sum", customer.currency, required=False),
            terms_text=form.block("terms_text", "The terms", most=4000),
            terms_version=form.line("terms_version", "The version of the terms", most=60),
            created_at=old.created_at if old else clock.now(),
        )
        form.check()
        (projects.save if old else projects.append)(connection, read)
        keys.bind(connection, actor, key, mark, {"project": read.id})
        return read


@patiently
def save_milestone(
    milestone_id: str | None,
    values: Mapping[str, Value],
    *,
    actor: Actor,
    key: str | None = None,
) -> Milestone:
    """Fields: project_id, title, planned_amount, due_on, scope, acceptance."""
    mark = keys.fingerprint("save_milestone", {"id": milestone_id, "values": dict(values)})
    form = FormReader(values)
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return projects.get_milestone(connection, bound["milestone"])
        old = projects.get_milestone(connection, milestone_id) if milestone_id else None
        project_id = old.project_id if old else form.raw("project_id")
        project = projects.get(connection, project_id, lock=True)
        if old and old.id in projects.live_charges(connection, project.id):
            raise FieldsRefused({"title": "This milestone is billed and cannot be changed."})
        read = Milestone(
            id=old.id if old else ids.new_id("ms"),
            project_id=project.id,
            position=old.position if old else projects.next_position(connection, project.id),
            title=form.line("title", "The title", required=True),
            planned_minor=form.amount("planned_amount", project.currency) or 1,
            due_on=form.day("due_on", "The due date"),
            scope=form.block("scope", "The scope"),
            acceptance=form.block("acceptance", "The acceptance criteria"),
            state=old.state if old else "planned",
            delivered_on=old.delivered_on if old else None,
        )
        form.check()
        (projects.save_milestone if old else projects.append_milestone)(connection, read)
        keys.bind(connection, actor, key, mark, {"milestone": read.id})
        return read


@patiently
def change_milestone(
    milestone_id: str, verb: str, *, actor: Actor, key: str | None = None
) -> Milestone:
    """``start``, ``deliver``, ``drop`` or ``reopen`` a milestone that has no live charge."""
    mark = keys.fingerprint(f"{verb}_milestone", {"milestone": milestone_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        old = projects.get_milestone(connection, milestone_id)
        if keys.find(connection, actor, key, mark) is not None:
            return old
        live = projects.live_charges(connection, old.project_id)
        if milestone_id in live:
            raise FieldsRefused({"milestone": "This milestone is billed and cannot be changed."})
        customer_id = projects.get(connection, old.project_id).customer_id
        zone = customers.get(connection, customer_id).time_zone
        state = standings.move_milestone(old.state, verb)
        delivered_on = clock.today(zone) if state == "delivered" else None
        changed = replace(old, state=state, delivered_on=delivered_on)
        projects.save_milestone(connection, changed)
        keys.bind(connection, actor, key, mark, {"milestone": old.id})
        return changed


def deliver_milestone(milestone_id: str, *, actor: Actor, key: str | None = None) -> Milestone:
    """Mark a milestone as delivered today, in the customer's zone."""
    return change_milestone(milestone_id, "deliver", actor=actor, key=key)
