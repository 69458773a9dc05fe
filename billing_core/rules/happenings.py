"""What happened, as machines are told it: which event type a fact of a charge's chain is (document
2, Outbound webhooks). A fact that has no type there goes under its own kind."""

from __future__ import annotations

_TYPES = {
    "invoice.viewed": "trigger.viewed",
    "charge.approved": "trigger.approved",
    "changes.requested": "trigger.changes_requested",
    "charge.declined_by_client": "trigger.changes_requested",
    "charge.voided": "trigger.voided",
    "charge.expired": "trigger.expired",
    "reminder.sent": "trigger.reminded",
    "payment.recorded": "trigger.client_paid",
    "refund.succeeded": "trigger.refunded",
    "dispute.opened": "trigger.disputed",
    "dispute.closed": "trigger.dispute_closed",
}


def event_type(kind: str, *, capture_mode: str, via: str = "") -> str:
    """The event type of a fact; ``via`` is that of the attempt it is about, if it is about one."""
    if kind == "charge.fired" and capture_mode == "client_confirm":
        return "trigger.pending_client"
    if kind == "charge.captured":
        return "trigger.captured" if capture_mode == "off_session" else "trigger.client_paid"
    if via == "off_session" and kind == "attempt.declined":
        return "trigger.failed"
    if via == "off_session" and kind in ("attempt.cancelled", "attempt.expired"):
        # nobody was there to answer the bank: the client is asked instead
        return "trigger.pending_client"
    return _TYPES.get(kind, kind)
