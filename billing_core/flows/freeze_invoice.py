"""From an approved fire to what stands in the books: number, frozen document, charge, link, mail
and chain. Used by ``fire_charge`` and ``revise_charge`` inside their transaction.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.documents import wording
from billing_core.flows.check_fire import Approved
from billing_core.flows.hold_request import seal_of
from billing_core.flows.mint_link import link_fact, put_link
from billing_core.flows.plan_reminders import plan_reminders
from billing_core.flows.queue_mail import mail_fact, put_mail
from billing_core.records import charges, deliverables, evidence, organisation, projects, rows
from billing_core.records.evidence import Fact
from billing_core.rules import invoice, schedule, standings
from billing_core.rules.nouns import SYSTEM, Actor, Charge, Link, Request


def freeze_invoice(
    connection: Connection,
    fire: Approved,
    *,
    actor: Actor,
    origin: str,
    revises: Charge | None = None,
    dialogue: dict[str, Any] | None = None,
    approved: Request | None = None,
) -> tuple[Charge, Link | None]:
    """Store the charge with everything it promises; returns it with the client's link."""
    now = clock.now()
    document = draw(connection, fire, actor=actor, at=now, number=_number(connection, fire, now))
    if revises is not None:
        before = _document_of(connection, revises)
        document["revises"] = {
            "number": revises.invoice_number,
            "document_sha256": revises.document_sha256,
            "changes": invoice.differences(before, document),
            "messages": (dialogue or {}).get("messages", []),
        }
    canonical, sha256 = invoice.freeze(document)
    charge = _charge(fire, document, sha256, actor=actor, origin=origin, at=now, revises=revises)
    charges.append(connection, charge, fire.content_key)
    charges.append_invoice(connection, charge, canonical, now)
    facts, link = _facts(charge, actor, approved), None
    if charge.state == "pending_client":
        link = put_link(connection, charge, fire.customer, fire.company)
        mail = put_mail(connection, "invoice", charge=charge, customer=fire.customer, link=link)
        facts += [link_fact(link, SYSTEM), mail_fact(mail, SYSTEM)]
        plan_reminders(connection, charge, fire.customer, fire.company)
    head = evidence.start(connection, charge.id, *facts)
    return replace(charge, chain_length=len(facts), chain_head=head), link


def draw(
    connection: Connection, fire: Approved, *, actor: Actor, at: datetime, number: str
) -> invoice.Document:
    """The canonical invoice as a dict; ``number`` may be a placeholder for a preview."""
    customer, item = fire.customer, fire.item
    issued_on = at.astimezone(clock.zone(fire.company.reporting_zone)).date()
    due_from = at.astimezone(clock.zone(customer.time_zone)).date()
    total = wording.money(fire.sums.total_minor, item.currency, customer.language)
    heading = invoice.Heading(
        number=number,
        issued_on=issued_on,
        due_on=schedule.due_on(due_from, fire.company.terms_days),
        issued_at=clock.stamp(at),
        issued_by=actor.name,
        title=fire.description,
        po_number=fire.po_number,
        agreement=wording.agreement_sentence(
            fire.description, customer.billed_as(), total, customer.language
        ),
    )
    parties = invoice.Parties(
        company=fire.company,
        customer=customer,
        item=item,
        project=fire.project,
        milestone=fire.milestone,
        phases=_phases(connection, fire),
        deliverables=(
            deliverables.of_milestone(connection, fire.milestone.id) if fire.milestone else ()
        ),
    )
    return invoice.build(heading, parties, fire.sums, None)


def _phases(connection: Connection, fire: Approved) -> list[invoice.Phase]:
    if fire.project is None:
        return []
    live = projects.live_charges(connection, fire.project.id)
    phases = []
    for milestone in projects.milestones_of(connection, fire.project.id):
        if milestone.state == "dropped":
            continue
        mine = fire.milestone is not None and milestone.id == fire.milestone.id
        charge_state = live[milestone.id][1] if milestone.id in live else None
        shown = "this" if mine else standings.shown_milestone(milestone.state, charge_state)
        amount = fire.sums.line_minor if mine else milestone.planned_minor
        phases.append(invoice.Phase(milestone.position, milestone.title, shown, amount))
    return phases


def _number(connection: Connection, fire: Approved, now: datetime) -> str:
    year = now.astimezone(clock.zone(fire.company.reporting_zone)).year
    count = organisation.next_number(connection, "invoice", year)
    return f"{fire.company.invoice_prefix}{year}-{count:05d}"


def _document_of(connection: Connection, charge: Charge) -> invoice.Document:
    return dict(rows.load(charges.get_canonical(connection, charge.id)))


def _charge(
    fire: Approved,
    document: invoice.Document,
    sha256: str,
    *,
    actor: Actor,
    origin: str,
    at: datetime,
    revises: Charge | None,
) -> Charge:
    sums, item = fire.sums, fire.item
    # a revision answers the client, so the client approves it, however the first one was to be paid
    capture_mode = "client_confirm" if revises else item.capture_mode
    return Charge(
        id=ids.new_id("sc"),
        state="charging" if capture_mode == "off_session" else "pending_client",
        customer_id=fire.customer.id,
        item_id=item.id,
        enrolment_id=fire.enrolment.id,
        project_id=fire.project.id if fire.project else None,
        milestone_id=fire.milestone.id if fire.milestone else None,
        invoice_id=ids.new_id("inv"),
        invoice_number=document["number"],
        document_sha256=sha256,
        line_minor=sums.line_minor,
        net_minor=sums.net_minor,
        tax_minor=sums.tax_minor,
        total_minor=sums.total_minor,
        currency=item.currency,
        description=fire.description,
        po_number=fire.po_number,
        trigger_mode=item.trigger_mode,
        capture_mode=capture_mode,
        metric_value=fire.metric.value,
        origin=origin,
        actor=actor,
        fired_at=at,
        issued_on=datetime.fromisoformat(document["issued_on"]).date(),
        due_on=datetime.fromisoformat(document["due_on"]).date(),
        revises=revises.id if revises else None,
        chain_length=0,
        chain_head="0" * 64,
    )


def _facts(charge: Charge, actor: Actor, approved: Request | None) -> list[Fact]:
    fired = seal_of(approved) | {
        "amount_minor": charge.total_minor,
        "currency": charge.currency,
        "customer": charge.customer_id,
        "item": charge.item_id,
        "enrolment": charge.enrolment_id,
        "milestone": charge.milestone_id,
        "trigger_mode": charge.trigger_mode,
        "capture_mode": charge.capture_mode,
        "origin": charge.origin,
        "revises": charge.revises,
    }
    frozen = {
        "invoice": charge.invoice_id,
        "number": charge.invoice_number,
        "issued_on": charge.issued_on.isoformat(),
        "due_on": charge.due_on.isoformat(),
        "document_sha256": charge.document_sha256,
    }
    return [
        Fact("charge.fired", actor, fired, {"description": charge.description}),
        Fact("invoice.frozen", actor, frozen),
    ]
