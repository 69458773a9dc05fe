"""A gateway knocks: check that it is really the gateway, keep every byte, and answer.

A doorbell only. What it says is not believed: ``apply_webhook`` reads the object itself.
"""

from __future__ import annotations

from datetime import timedelta

from billing_core import clock, gateway
from billing_core.errors import WebhookRejected
from billing_core.gateway.stripe_signature import UNKNOWN_SIGNATURE
from billing_core.records import concerns, db, messages, work
from billing_core.records.patience import repeatably

_SECRET = ("webhook_secret", "signature")
_SENTENCE = (
    "Messages come whose signature fits no webhook secret. Copy the endpoint's signing secret "
    "again from the Stripe dashboard (Developers, Webhooks) to COUNTERSIGN_STRIPE_WEBHOOK_SECRET. "
    "Nothing is lost: reconciliation finds what they told."
)
#: Anybody can knock with a wrong signature: it is written down this often at most.
_SELDOM = timedelta(minutes=10)


@repeatably
def receive_webhook(body: bytes, signature: str) -> str | None:
    """Store a message durably, before it is answered; its id, None when it was here already.

    Raises WebhookRejected for a message that is forged, stale or no message: nothing is kept.
    """
    try:
        knock = gateway.outside().hear(body, signature)
    except WebhookRejected as rejected:
        if rejected.code == UNKNOWN_SIGNATURE:
            _tell_of_secret()
        raise
    with db.begin() as connection:
        concerns.settle(connection, *_SECRET)
        message_id = messages.append(
            connection,
            event_id=knock.event_id,
            kind=knock.kind,
            object_kind=knock.object_kind,
            object_id=knock.object_id,
            livemode=knock.livemode,
            account=knock.account,
            body=body,
        )
        if message_id is not None:
            payload = {"message": message_id}
            work.enqueue(connection, "apply_webhook", f"webhook:{knock.event_id}", payload)
        return message_id


def _tell_of_secret() -> None:
    with db.read_only() as connection:
        told = concerns.find(connection, *_SECRET)
    if told is None or clock.now() - told.last_at > _SELDOM:
        with db.begin() as connection:
            concerns.raise_up(connection, *_SECRET, _SENTENCE)
