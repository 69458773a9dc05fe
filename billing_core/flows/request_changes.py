"""The client asks for changes, or declines, in words. Nothing is charged meanwhile."""

from __future__ import annotations

from billing_core.errors import AlreadyDone, FieldsRefused, TextRefused
from billing_core.flows import read_link
from billing_core.flows.plan_reminders import drop_reminders
from billing_core.records import charges, db, evidence, links
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import charge_states, texts
from billing_core.rules.nouns import Actor, Visit
from billing_core.rules.sentences import Sentence

KINDS = {"changes": "changes.requested", "decline": "charge.declined_by_client"}


@patiently
def request_changes(
    token: str, *, nonce: str, document_sha256: str, kind: str, message: str, visit: Visit
) -> None:
    """Record the client's words (1–2000 characters). Open to suspended customers too.

    Raises LinkUnknown, LinkExpired, AlreadyDone, StaleDocument, FieldsRefused.
    """
    with db.begin() as connection:
        entered = read_link.enter(connection, token, lock=True)
        charge, link = entered.charge, entered.link
        read_link.check_nonce_unspent(connection, nonce)
        if not charge_states.can("request_changes", charge.state):
            raise AlreadyDone("This invoice has moved on.")
        read_link.check_document(entered, nonce, document_sha256)
        if kind not in KINDS:
            raise FieldsRefused(
                {"kind": Sentence("Choose whether to ask for changes or to decline.")}
            )
        try:
            words = texts.check_block(message, Sentence("Your message"), most=2000)
        except TextRefused as refusal:
            raise FieldsRefused({"message": refusal.sentence}) from refusal
        if not links.spend(connection, nonce, link.id):
            raise AlreadyDone("This was done already.")
        state = charge_states.move("request_changes", charge.state)
        charges.change(connection, charge.id, state=state)
        payload = {"document_sha256": charge.document_sha256, "address_rule": visit.rule}
        personal = {
            "message": words,
            "address": visit.address,
            "user_agent": visit.user_agent,
        }
        fact = Fact(KINDS[kind], Actor("client", link.id), payload, personal)
        evidence.append(connection, charge.id, fact)
        drop_reminders(connection, charge.id)
