"""What /v1 does with projects and milestones: bodies into flows, nouns into shapes."""

from __future__ import annotations

from billing_core.errors import FieldsRefused
from billing_core.flows.noticing import noticing
from billing_core.flows.save_project import deliver_milestone, save_milestone, save_project
from billing_core.reports import pages
from paynow.api import amounts_in, shapes, telling
from paynow.api.bodies import NewMilestone, NewProject, NoFields
from paynow.api.calling import Answer, Call, filtered, known, naming, renaming
from paynow.api.operation import get, post
from paynow.api.parameters import MilestonesPage, Parameters, ProjectsPage
from paynow.api.problems import Problem

_PROJECT_NAMES = {"customer_id": "customer"}
_MILESTONE_NAMES = {"project_id": "project"}


def make_project(call: Call[NewProject, Parameters]) -> Answer:
    """A new project, in its customer's currency."""
    body = call.body
    contract = amounts_in.read(
        "contract_sum", body.contract_sum, body.contract_sum_minor, body.currency
    )
    _check_currency(body)
    values = {
        "customer_id": body.customer,
        "name": body.name,
        "number": body.number or "",
        "po_number": body.po_number or "",
        "contract_sum": amounts_in.as_typed(contract, body.currency),
    }
    with noticing() as seen, renaming(_PROJECT_NAMES):
        made = save_project(None, values, actor=call.caller.actor, key=call.key)
    shape = shapes.ProjectTold(**telling.project(made), idempotent_replay=seen.replay)
    return Answer(shape, new=not seen.replay)


def show_project(call: Call[NoFields, Parameters]) -> Answer:
    """One project."""
    with naming("project_not_found"):
        found = pages.project(known(call.id, "project_not_found"))
    return Answer(shapes.Project(**telling.project(found)))


def list_projects(call: Call[NoFields, ProjectsPage]) -> Answer:
    """Projects, newest first."""
    asked = call.parameters
    page = pages.projects(
        limit=asked.limit, after=asked.cursor, customer_id=filtered(asked.customer)
    )
    data = [shapes.Project(**telling.project(found)) for found in page.rows]
    return Answer(shapes.ProjectList(data=data, next_cursor=page.next_id))


def make_milestone(call: Call[NewMilestone, Parameters]) -> Answer:
    """A new milestone, after the last one of its project."""
    body = call.body
    with naming("project_not_found"):
        project = pages.project(known(body.project, "project_not_found"))
    planned = amounts_in.required(
        "planned_amount",
        amounts_in.read(
            "planned_amount", body.planned_amount, body.planned_amount_minor, project.currency
        ),
    )
    values = {
        "project_id": project.id,
        "title": body.title,
        "planned_amount": amounts_in.as_typed(planned, project.currency),
        "due_on": body.due_on or "",
        "scope": body.scope or "",
    }
    with noticing() as seen, renaming(_MILESTONE_NAMES):
        made = save_milestone(None, values, actor=call.caller.actor, key=call.key)
    return _told(made.id, replay=seen.replay, new=not seen.replay)


def show_milestone(call: Call[NoFields, Parameters]) -> Answer:
    """One milestone."""
    with naming("milestone_not_found"):
        found = pages.milestone(known(call.id, "milestone_not_found"))
    return Answer(shapes.Milestone(**telling.milestone(found)))


def list_milestones(call: Call[NoFields, MilestonesPage]) -> Answer:
    """Milestones, newest first."""
    asked = call.parameters
    page = pages.milestones(
        limit=asked.limit, after=asked.cursor, project_id=filtered(asked.project)
    )
    data = [shapes.Milestone(**telling.milestone(found)) for found in page.rows]
    return Answer(shapes.MilestoneList(data=data, next_cursor=page.next_id))


def deliver(call: Call[NoFields, Parameters]) -> Answer:
    """The phase is done today: it may be billed."""
    milestone_id = known(call.id, "milestone_not_found")
    with noticing() as seen, naming("milestone_not_found"):
        try:
            deliver_milestone(milestone_id, actor=call.caller.actor, key=call.key)
        except FieldsRefused as refusal:  # no field was sent: its state refuses it
            raise Problem("illegal_move", refusal.sentence) from None
    return _told(milestone_id, replay=seen.replay, new=False)


def _told(milestone_id: str, *, replay: bool, new: bool) -> Answer:
    told = telling.milestone(pages.milestone(milestone_id))
    return Answer(shapes.MilestoneTold(**told, idempotent_replay=replay), new=new)


def _check_currency(body: NewProject) -> None:
    with naming("customer_not_found"):
        customer = pages.customer(known(body.customer, "customer_not_found"))
    if customer.currency != body.currency:
        raise Problem(
            "currency_mismatch",
            f"The customer is billed in {customer.currency}, not in {body.currency}.",
        )


OPERATIONS = (
    post("createProject", "projects", "Add a project", make_project,
         body=NewProject, answers=(shapes.ProjectTold,), makes=True,
         refuses=("missing_customer", "customer_not_found", "amount_invalid",
                  "currency_mismatch")),
    get("listProjects", "projects", "List projects", list_projects,
        parameters=ProjectsPage, answers=(shapes.ProjectList,)),
    get("getProject", "projects/{id}", "Show a project", show_project,
        answers=(shapes.Project,), refuses=("project_not_found",)),
    post("createMilestone", "milestones", "Add a milestone to a project", make_milestone,
         body=NewMilestone, answers=(shapes.MilestoneTold,), makes=True,
         refuses=("project_not_found", "amount_invalid")),
    get("listMilestones", "milestones", "List milestones", list_milestones,
        parameters=MilestonesPage, answers=(shapes.MilestoneList,)),
    get("getMilestone", "milestones/{id}", "Show a milestone", show_milestone,
        answers=(shapes.Milestone,), refuses=("milestone_not_found",)),
    post("deliverMilestone", "milestones/{id}/deliver", "Mark a milestone as delivered", deliver,
         answers=(shapes.MilestoneTold,), refuses=("milestone_not_found", "illegal_move")),
)  # fmt: skip
