"""A gateway knocks: check that it is really the gateway, keep every byte, and answer.

A doorbell only. What it says is not believed: ``apply_webhook`` reads the object itself.
"""

from __future__ import annotations

from billing_core import gateway
from billing_core.records import db, messages, work
from billing_core.records.patience import repeatably


@repeatably
def receive_webhook(body: bytes, signature: str) -> str | None:
    """Store a message durably, before it is answered; its id, None when it was here already.

    Raises WebhookRejected for a message that is forged, stale or no message: nothing is kept.
    """
    knock = gateway.outside().hear(body, signature)
    with db.begin() as connection:
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
