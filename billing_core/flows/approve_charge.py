"""The client approves and pays (journey 2): evidence first, durable, then the gateway.

Order of checks (document 2): token, nonce spent, state past, standing, document, fields.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from billing_core import clock
from billing_core.errors import (
    AlreadyDone,
    EvidenceUnwritable,
    FieldsRefused,
    TextRefused,
)
from billing_core.flows import read_link
from billing_core.flows.check_code import check_code, needs_code
from billing_core.flows.plan_reminders import drop_reminders
from billing_core.flows.render_invoice import render_invoice
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.flows.start_attempt import start_attempt
from billing_core.records import attempts, charges, db, evidence, links, rows
from billing_core.records.evidence import Fact
from billing_core.records.patience import repeatably
from billing_core.rules import charge_states, texts
from billing_core.rules.nouns import Actor, Visit
from billing_core.rules.sentences import Sentence

CLIENT = "client"
OUTCOME_UNKNOWN = "OUTCOME_UNKNOWN"


@dataclass(frozen=True, slots=True)
class NextStep:
    """Where the client goes next: the gateway's page, or the status page."""

    url: str
    to_gateway: bool


@dataclass(frozen=True, slots=True)
class Form:
    """What the client sent, as it came."""

    nonce: str
    document_sha256: str
    accept: str
    name: str
    method: str
    code: str


def approve_charge(
    token: str,
    *,
    nonce: str,
    document_sha256: str,
    accept: str,
    name: str,
    method: str,
    code: str,
    visit: Visit,
) -> NextStep:
    """Record the approval, then open the gateway. One effect however often it is sent.

    Raises LinkUnknown, LinkExpired, AlreadyDone, NotAllowed, StaleDocument, FieldsRefused,
    EvidenceUnwritable (nothing was charged; with code OUTCOME_UNKNOWN nobody can tell) and Down
    (approved, the gateway did not answer).
    """
    form = Form(nonce, document_sha256, accept, name, method, code)
    with db.read_only() as connection:
        charge_id = read_link.read_link(connection, token).charge_id
    try:
        render_invoice(charge_id)
        attempt_id = _approve(token, form, visit)
    except SQLAlchemyError as error:
        check_not_recorded(nonce)
        raise EvidenceUnwritable(
            Sentence(
                "Your approval could not be recorded just now. Nothing was charged. "
                "Please try again."
            )
        ) from error
    return next_step(attempt_id, token)


def check_not_recorded(nonce: str) -> None:
    """After a commit that failed: AlreadyDone when the press was recorded all the same (I18).

    EvidenceUnwritable, in other words, while nobody can tell.
    """
    try:
        with db.read_only() as connection:
            read_link.check_nonce_unspent(connection, nonce)
    except SQLAlchemyError as error:
        raise EvidenceUnwritable(
            Sentence(
                "We cannot tell yet whether this was recorded. "
                "Please open the page again in a moment."
            ),
            code=OUTCOME_UNKNOWN,
        ) from error


def next_step(attempt_id: str, token: str) -> NextStep:
    """Call the gateway for a recorded attempt, and say where the client goes."""
    settle_attempt(attempt_id)
    with db.read_only() as connection:
        attempt = attempts.get(connection, attempt_id)
    if attempt.url and attempt.outcome == "requires_action":
        return NextStep(attempt.url, True)
    return NextStep(f"/pay/{token}/status", False)


@repeatably
def _approve(token: str, form: Form, visit: Visit) -> str:
    with db.begin() as connection:
        entered = read_link.enter(connection, token, lock=True)
        read_link.check_nonce_unspent(connection, form.nonce)
        if not charge_states.can("approve", entered.charge.state):
            raise AlreadyDone("This invoice has moved on.")
        read_link.check_available(entered)
        read_link.check_document(entered, form.nonce, form.document_sha256)
        problems = _check_fields(connection, entered, form)
        if not problems:
            return _write(connection, entered, form, visit)
    raise FieldsRefused(problems)


def _check_fields(connection: Connection, entered: read_link.Entered, form: Form) -> dict[str, str]:
    problems: dict[str, str] = {}
    if form.accept != "yes":
        problems["accept"] = Sentence("Tick the sentence that you agree to.")
    try:
        check_name(form.name)
    except TextRefused as refusal:
        problems["name"] = refusal.sentence
    problem = check_method(entered, form.method)
    if problem:
        problems["method"] = problem
    elif needs_code(entered, form.method):
        # a code counts as used only when everything else is right
        problem = check_code(connection, entered.charge, form.code, spend=not problems)
        if problem:
            problems["code"] = problem
    return problems


def check_name(name: str) -> str:
    """The typed name, trimmed; TextRefused when it is no name."""
    typed = texts.check_line(name, Sentence("Your full name"), most=200)
    if not any(unicodedata.category(character).startswith("L") for character in typed):
        raise TextRefused(Sentence("Your full name needs letters."))
    return typed


def check_method(entered: read_link.Entered, method: str) -> str:
    """What is wrong with the chosen way to pay, or ""."""
    if method not in ("", "new", "saved"):
        return Sentence("Choose how you want to pay.")
    if method == "saved" and entered.customer.payment_method is None:
        return Sentence("There is no saved way to pay any more. Choose another way.")
    return ""


def _write(connection: Connection, entered: read_link.Entered, form: Form, visit: Visit) -> str:
    """Approval, evidence, attempt: all or nothing, before any byte goes to the gateway (I3)."""
    charge, link = entered.charge, entered.link
    if not links.spend(connection, form.nonce, link.id):
        raise AlreadyDone("This was done already.")
    document = rows.load(charges.get_canonical(connection, charge.id))
    state = charge_states.move("approve", charge.state)
    charges.change(connection, charge.id, state=state, approved_at=clock.now())
    coded = needs_code(entered, form.method)
    payload = {
        "document_sha256": charge.document_sha256,
        "pdf_sha256": charge.pdf_sha256,
        "agreement": document["agreement"],
        "language": document["language"],
        "terms_version": document["terms"]["version"],
        "total_minor": charge.total_minor,
        "currency": charge.currency,
        "link": link.id,
        "method": form.method or "new",
        "nonce": form.nonce,
        "identity": "link+code" if coded else "link",
        "address_rule": visit.rule,
    }
    personal = {
        "name": check_name(form.name),
        "address": visit.address,
        "peer": visit.peer,
        "forwarded": visit.forwarded,
        "user_agent": visit.user_agent,
        "accept_language": visit.accept_language,
        "mailed_to": link.mailed_to,
    }
    actor = Actor(CLIENT, link.id)
    evidence.append(connection, charge.id, Fact("charge.approved", actor, payload, personal))
    drop_reminders(connection, charge.id)
    via = "saved" if form.method == "saved" else "checkout"
    attempt = start_attempt(connection, charge, entered.customer, via=via, link=link, actor=actor)
    return attempt.id
