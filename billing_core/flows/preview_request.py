"""What approving a request would do, in the words of the act itself. Writes nothing."""

from __future__ import annotations

from billing_core.errors import Refused
from billing_core.flows.approve_request import check_other
from billing_core.flows.preview_charge import VerbPreview, preview
from billing_core.flows.preview_money import preview_refund
from billing_core.records import charges, customers, db, requests
from billing_core.rules.nouns import Actor, Request


def preview_request(request_id: str, actor: Actor) -> VerbPreview:
    """The act's own label and sum; ``problem`` for the asker, and for what cannot be done now."""
    try:
        with db.read_only() as connection:
            request = requests.get(connection, request_id)
    except Refused as refusal:
        return VerbPreview("", "", refusal.sentence, ())
    seen = _fire(request, actor) if request.verb == "fire" else _refund(request)
    asker = request.asked_by.name or request.asked_by.id
    facts = (("Asked by", asker), *seen.facts)
    problem = _problem(request, actor) or seen.problem
    return VerbPreview(seen.label, seen.total, problem, facts, request.amount_minor)


def _problem(request: Request, actor: Actor) -> str:
    if request.state != "waiting":
        return f"This request was {request.state}."
    try:
        check_other(request, actor)
    except Refused as refusal:
        return refusal.sentence
    return ""


def _fire(request: Request, actor: Actor) -> VerbPreview:
    asked = {name: str(value or "") for name, value in request.parameters.items()}
    seen = preview(asked | {"again": "yes"}, actor, with_mail=False, approved=True)
    with db.read_only() as connection:
        customer = customers.get(connection, request.customer_id)
    facts = (
        ("Customer", customer.billed_as()),
        ("Description", asked.get("description", "")),
        ("Net", seen.net),
        (seen.tax_name or "Tax", seen.tax),
    )
    return VerbPreview(seen.label, seen.total, seen.problem, facts, seen.total_minor)


def _refund(request: Request) -> VerbPreview:
    with db.read_only() as connection:
        charge = charges.get(connection, request.charge_id or "")
        customer = customers.get(connection, charge.customer_id)
    return preview_refund(charge, customer, request.parameters, approved=True)
