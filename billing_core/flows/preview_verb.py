"""What the other money buttons would do: their words, the sum, and why not. Writes nothing."""

from __future__ import annotations

from collections.abc import Mapping

from billing_core.documents import wording
from billing_core.errors import Refused
from billing_core.flows.preview_charge import VerbPreview, preview
from billing_core.flows.preview_money import MONEY_VERBS
from billing_core.flows.preview_request import preview_request
from billing_core.records import attempts, charges, customers, db
from billing_core.rules import charge_states
from billing_core.rules.nouns import Actor, Charge

_LABELS = {
    "void": "Void {number} for {total}",
    "record_payment": "Record {total} as paid",
    "answer": "Send the answer and {number} again",
    "resend": "Send {number} for {total} again",
    "new_link": "Make a new link for {number}",
    "reissue": "Send {number} for {total} again",
}
_MOVES = {
    "void": "void",
    "record_payment": "record_payment",
    "answer": "answer",
    "reissue": "reissue",
    "revise": "revise",
}
_RESENDABLE = ("pending_client", "approved")
_LINKABLE = ("pending_client", "changes_requested", "approved", "captured", "expired")


def preview_verb(verb: str, values: Mapping[str, str], actor: Actor) -> VerbPreview:
    """The dialog of one verb on one charge (``values["charge"]``)."""
    if verb == "fire":
        seen = preview(values, actor, with_mail=False)
        return VerbPreview(seen.label, seen.total, seen.problem, (), seen.total_minor)
    if verb == "approve_request":
        return preview_request(values.get("request", ""), actor)
    try:
        with db.read_only() as connection:
            charge = charges.get(connection, values.get("charge", ""))
            customer = customers.get(connection, charge.customer_id)
            alive = attempts.find_alive(connection, charge.id)
    except Refused as refusal:
        return VerbPreview("", "", refusal.sentence, ())
    if verb == "revise":
        return _revision(charge, values, actor)
    if verb in MONEY_VERBS:
        return MONEY_VERBS[verb](charge, customer, values)
    total = wording.money(charge.total_minor, charge.currency)
    label = _LABELS[verb].format(number=charge.invoice_number, total=total)
    facts = [
        ("Invoice", charge.invoice_number),
        ("Customer", customer.billed_as()),
        ("Mail goes to", ", ".join((customer.email, *customer.cc))),
    ]
    if alive is not None and verb in ("void", "record_payment"):
        facts.append(("Open payment page", "it is cancelled first"))
    return VerbPreview(label, total, _problem(verb, charge), tuple(facts), charge.total_minor)


def _problem(verb: str, charge: Charge) -> str:
    word = charge_states.WORDS[charge.state].lower()
    if verb == "resend" and charge.state not in _RESENDABLE:
        return f"This charge is {word}: there is nothing to send again."
    if verb == "new_link" and charge.state not in _LINKABLE:
        return f"This charge is {word}: there is nothing to open."
    move = _MOVES.get(verb)
    if move is None or charge_states.can(move, charge.state):
        return ""
    return f"This charge is {word}, so that cannot be done any more."


def _revision(charge: Charge, values: Mapping[str, str], actor: Actor) -> VerbPreview:
    wanted = {
        "customer": charge.customer_id,
        "item": charge.item_id,
        "milestone": charge.milestone_id or "",
        "amount": values.get("amount", ""),
        "description": values.get("description", ""),
        "po_number": charge.po_number,
        "again": "yes",
    }
    seen = preview(wanted, actor, with_mail=False, replaces=charge.id)
    before = wording.money(charge.total_minor, charge.currency)
    label = f"Replace {charge.invoice_number} and send {seen.total}" if seen.total else "Replace"
    facts = (
        ("Withdrawn", f"{charge.invoice_number}, {before}"),
        ("New total", seen.total or "—"),
    )
    problem = _problem("revise", charge) or seen.problem
    return VerbPreview(label, seen.total, problem, facts, seen.total_minor)
