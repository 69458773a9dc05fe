"""Act on a stored message of the gateway: find what it is about, read that, and record it.

Late, doubled, shuffled or forged news cannot do harm here, because nothing in a message is taken
for true but the name of an object. What our rules refuse is parked, and shown to a person.
"""

from __future__ import annotations

from datetime import timedelta

from billing_core import clock, gateway
from billing_core.errors import Down, GatewayError, Misused, NotFound, Parked, Refused
from billing_core.flows.finish_setup import finish_setup
from billing_core.flows.settle_attempt import record_seen, settle_attempt
from billing_core.flows.take_dispute import take_dispute
from billing_core.flows.take_refund import take_refund
from billing_core.gateway.port import OutsideGateway, Seen
from billing_core.records import attempts, concerns, db, messages, setups
from billing_core.records.messages import Message
from billing_core.records.patience import repeatably
from billing_core.rules.charge_states import SETTLED

#: How long an object that nobody here knows is asked about again, and how often.
PATIENCE, AGAIN = timedelta(hours=1), timedelta(minutes=2)
_PAYMENTS = ("checkout.session", "payment_intent")


def apply_webhook(message_id: str) -> timedelta | None:
    """Act on one message; the time to wait when it should be looked at again, None when done.

    Raises Down while the gateway does not answer: the message waits.
    """
    with db.read_only() as connection:
        message = messages.get(connection, message_id)
    if message.state != "waiting":
        return None
    try:
        reason = _act(gateway.outside(), message)
    except Down:
        raise
    except Parked as parked:
        _close(message, "parked", parked.sentence, charge_id=str(parked.facts.get("charge") or ""))
    except (GatewayError, Refused) as refused:
        _close(message, "parked", refused.sentence)
    else:
        if reason is None and clock.now() - message.received_at < PATIENCE:
            return AGAIN
        _close(message, "done" if reason == "" else "ignored", reason or "Nothing of ours.")
    return None


def _act(outside: OutsideGateway, message: Message) -> str | None:
    """ "" when it was acted on, a reason when there is nothing to do, None when it is unknown."""
    if message.livemode != outside.is_live:
        said = ("live", "test") if message.livemode else ("test", "live")
        raise Parked(
            f"A {said[0]} message came to an installation with a {said[1]} key. "
            "Set the webhook up in the same mode as the key."
        )
    if message.account and message.account != outside.account().id:
        return "About another account."
    if message.object_kind in _PAYMENTS:
        return "" if _is_setup(message) else _payment(outside, message)
    if message.object_kind == "refund":
        return take_refund(message.object_id)
    if message.object_kind == "dispute":
        return _dispute(message)
    return "Nothing that we follow."


def _dispute(message: Message) -> str | None:
    try:
        take_dispute(message.object_id)
    except NotFound:
        # the payment it is about may not be settled here yet
        return None
    except Misused as refused:
        return None if refused.code == "GATEWAY_MISSING" else refused.sentence
    return ""


def _is_setup(message: Message) -> bool:
    with db.read_only() as connection:
        setup = setups.find_by_reference(connection, message.object_id)
    if setup is not None:
        finish_setup(setup.id)
    return setup is not None


def _payment(outside: OutsideGateway, message: Message) -> str | None:
    with db.read_only() as connection:
        known = attempts.find_by_reference(connection, outside.name, message.object_id)
    if known is not None:
        settle_attempt(known.id, again=True)
        return ""
    try:
        seen = outside.read(message.object_id)
    except Misused as refused:
        return None if refused.code == "GATEWAY_MISSING" else refused.sentence
    attempt_id = seen.metadata.get("attempt_id", "")
    if not attempt_id:
        return "A payment that is none of ours."
    return _claimed(seen, attempt_id)


def _claimed(seen: Seen, attempt_id: str) -> str | None:
    """A payment that carries an attempt of ours: the one in our books, or one we never made."""
    try:
        with db.read_only() as connection:
            attempt = attempts.get(connection, attempt_id[:40])
        settle_attempt(attempt.id, again=True)
        if attempt.reference is None and attempt.outcome in SETTLED:
            # given up because it never seemed to arrive, and here it is all the same
            record_seen(attempt.id, seen)
    except NotFound:
        if seen.outcome != "succeeded":
            return None
        raise Parked(
            "A payment names a charge that these books do not have. Was a backup restored, or does "
            "another installation use the same account?"
        ) from None
    return ""


@repeatably
def _close(message: Message, state: str, reason: str, *, charge_id: str = "") -> None:
    with db.begin() as connection:
        messages.close(connection, message.id, state, reason)
        if state == "parked":
            concerns.raise_up(
                connection,
                "message_parked",
                message.object_id,
                reason,
                charge_id=charge_id or None,
            )
