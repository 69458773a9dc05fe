"""What a charge can start with: items and milestones to choose from, and what follows from them.

Reads only. Whether a charge may go out is for the gate to say, so a choice that has become
impossible stays in the list: then its refusal is shown instead of an empty field.
"""

from __future__ import annotations

from billing_core.errors import NotFound
from billing_core.reports import lists, portfolio
from billing_core.rules import money
from billing_core.rules.nouns import Item, Milestone
from console import widgets


def filled(start: dict[str, str]) -> dict[str, str]:
    """``start`` with everything that follows from it: the only item, the milestone's sum, words."""
    customer, values = start.get("customer", ""), dict(start)
    ready, due = items(customer, only_active=True), milestones(customer)
    if len(ready) == 1 and not values.get("item"):
        values["item"] = next(iter(ready))
    if len(due) == 1 and not values.get("milestone"):
        values["milestone"] = next(iter(due))
    if values.get("milestone") in due and not values.get("item"):
        values["item"] = _item_for(due[values["milestone"]], ready)
    item = ready.get(values.get("item", ""))
    milestone = due.get(values.get("milestone", ""))
    if item and not milestone:
        values["amount"] = money.to_text(item.unit_price_minor, item.currency)
    if milestone:
        # known before an item is chosen: project, customer and item share one currency
        currency = lists.customer(customer).currency
        values["amount"] = money.to_text(milestone.planned_minor, currency)
        values["description"] = milestone_words(milestone)
        values["po_number"] = _po_number(customer, milestone)
    return values


def _item_for(milestone: Milestone, ready: dict[str, Item]) -> str:
    """What billed this project last; else the one item that is fired when work is done; else ""."""
    page = portfolio.project_page(milestone.project_id)
    billed = [phase.charge for phase in page.phases if phase.charge]
    if billed and (latest := max(billed, key=lambda charge: charge.fired_at)).item_id in ready:
        return latest.item_id
    found = [key for key, item in ready.items() if item.trigger_mode == "event"]
    return found[0] if len(found) == 1 else ""


def items(customer_id: str, chosen: str = "", *, only_active: bool = False) -> dict[str, Item]:
    """The items the customer is enrolled in, and the one that is chosen already."""
    rows = lists.enrolments(customer_id) if customer_id else ()
    standing = ("active",) if only_active else ("active", "paused")
    found = {r.item.id: r.item for r in rows if r.enrolment.status in standing}
    if chosen and chosen not in found:
        try:
            found[chosen] = lists.item(chosen)
        except NotFound:
            return found
    return found


def milestones(customer_id: str, chosen: str = "") -> dict[str, Milestone]:
    """Delivered milestones that nothing bills yet, and the one that is chosen already."""
    projects = lists.projects(customer_id) if customer_id else ()
    rows = [row for project in projects for row in project.milestones]
    wanted = [r.milestone for r in rows if r.shown_state == "delivered" or r.milestone.id == chosen]
    return {milestone.id: milestone for milestone in wanted}


def milestone_words(milestone: Milestone) -> str:
    """A milestone as a description: its title and when it was delivered."""
    if milestone.delivered_on is None:
        return milestone.title
    return f"{milestone.title} — delivered {widgets.day(milestone.delivered_on)}"


def address(customer_id: str) -> str:
    """Where the customer's mail goes; empty while nobody is chosen."""
    return lists.customer(customer_id).email if customer_id else ""


def _po_number(customer_id: str, milestone: Milestone) -> str:
    found = [p.project for p in lists.projects(customer_id) if p.project.id == milestone.project_id]
    return found[0].po_number if found else ""
