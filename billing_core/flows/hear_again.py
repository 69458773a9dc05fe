"""What a person does about what was raised for them: ask the gateway again, or set it aside."""

from __future__ import annotations

from sqlalchemy import Connection

from billing_core import ids
from billing_core.errors import NotAllowed
from billing_core.records import concerns, db, messages, organisation, work
from billing_core.records.concerns import Concern
from billing_core.records.patience import repeatably
from billing_core.rules import texts
from billing_core.rules.nouns import Actor

PARKED = "message_parked"
#: What ends with the thing that it is about, by nobody's hand.
BY_ITSELF = ("dispute",)


@repeatably
def hear_again(message_id: str, *, actor: Actor) -> None:
    """Act on a message once more; NotAllowed while it waits. Nothing in a message is taken for
    true but the name of an object, so acting on one that is done does no harm.

    What was wrong may be mended by now. Where it is not, the message is parked again, and shown.
    """
    with db.begin() as connection:
        _reopen(connection, message_id, actor)


@repeatably
def look_again(concern_id: str, *, actor: Actor) -> int:
    """Act once more on every parked message about what a concern names; how many there are.

    With none of them it was reconciliation that found it, and finds it again if it still is so.
    """
    with db.begin() as connection:
        concern = _parked(connection, concern_id)
        found = messages.parked_about(connection, concern.about)
        for message_id in found:
            _reopen(connection, message_id, actor)
        concerns.settle(connection, concern.kind, concern.about)
        return len(found)


@repeatably
def set_aside(concern_id: str, *, reason: str, actor: Actor) -> None:
    """A person looked, and says what they found; it comes back when it is heard of again.

    Raises TextRefused without a reason, NotAllowed for what ends with the thing it is about.
    """
    why = texts.check_line(reason, "The reason", most=300, required=True)
    with db.begin() as connection:
        concern = concerns.get(connection, concern_id)
        if concern.kind in BY_ITSELF:
            raise NotAllowed("A dispute is closed by the bank that opened it.")
        messages.dismiss(connection, concern.about, f"Set aside: {why}")
        concerns.settle(connection, concern.kind, concern.about)
        told = {"about": concern.about, "said": concern.sentence, "reason": why}
        organisation.note_act(connection, "concern.set_aside", told, actor)


def _parked(connection: Connection, concern_id: str) -> Concern:
    concern = concerns.get(connection, concern_id)
    if concern.kind != PARKED:
        raise NotAllowed("This goes away by itself once it is mended.")
    return concern


def _reopen(connection: Connection, message_id: str, actor: Actor) -> None:
    if not messages.reopen(connection, message_id):
        raise NotAllowed("This message waits already.")
    # a job of its own: the first one, with its key, is done
    key = f"webhook:{message_id}:{ids.new_id('w')}"
    work.enqueue(connection, "apply_webhook", key, {"message": message_id})
    organisation.note_act(connection, "message.heard_again", {"message": message_id}, actor)
