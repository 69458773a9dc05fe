"""The console's own words: one word, colour and icon for each state, and what each event says.

No state is decided here and nothing is drawn here (that is ``widgets``).
"""

from __future__ import annotations

from dataclasses import dataclass

from billing_core.rules.charge_states import WORDS
from billing_core.rules.nouns import Item


@dataclass(frozen=True, slots=True)
class Badge:
    """How a state looks everywhere: ``colour`` is a Streamlit colour, ``icon`` a Material name."""

    word: str
    colour: str
    icon: str


def _charge(state: str, colour: str, icon: str) -> Badge:
    return Badge(WORDS[state], colour, icon)


CHARGE = {
    "pending_client": _charge("pending_client", "orange", "schedule"),
    "changes_requested": _charge("changes_requested", "violet", "rate_review"),
    "approved": _charge("approved", "blue", "check_circle"),
    "charging": _charge("charging", "orange", "sync"),
    "captured": _charge("captured", "green", "paid"),
    "failed": _charge("failed", "red", "error"),
    "void": _charge("void", "gray", "block"),
    "expired": _charge("expired", "gray", "timer_off"),
    "refunded": _charge("refunded", "gray", "undo"),
    "disputed": _charge("disputed", "red", "gavel"),
    "lost": _charge("lost", "red", "gavel"),
}
OVERDUE = Badge("Overdue", "orange", "event_busy")

#: What stands before a line of "Needs you now".
NEEDS = {
    "late_money": Badge("Late money", "red", "error"),
    "changes_requested": CHARGE["changes_requested"],
    "failed": CHARGE["failed"],
    "overdue": OVERDUE,
    "approved": CHARGE["approved"],
    "mail_failed": Badge("Not delivered", "red", "error"),
    "job_dead": Badge("Given up", "red", "error"),
    "dispute": Badge("Disputed", "red", "gavel"),
    "gateway_account": Badge("Gateway", "red", "error"),
    "webhook_secret": Badge("Webhook", "red", "error"),
    "books_differ": Badge("Books differ", "red", "error"),
    "message_parked": Badge("Parked", "orange", "inbox"),
    "refund_failed": Badge("Refund failed", "red", "error"),
    "request": Badge("Second person", "orange", "group"),
    "card_expiring": Badge("Card expires", "orange", "event_upcoming"),
}

MILESTONE = {
    "planned": Badge("Planned", "gray", "radio_button_unchecked"),
    "in_progress": Badge("In progress", "gray", "contrast"),
    "delivered": Badge("Delivered", "gray", "inventory_2"),
    "billed": Badge("Billed", "orange", "schedule"),
    "approved": CHARGE["approved"],
    "paid": CHARGE["captured"],
    "dropped": Badge("Dropped", "gray", "block"),
}

ENROLMENT = {
    "active": Badge("Active", "gray", "play_circle"),
    "paused": Badge("Paused", "orange", "pause_circle"),
    "cancelled": Badge("Cancelled", "gray", "block"),
}

STANDING = {
    "pending": Badge("Pending", "orange", "hourglass_empty"),
    "active": Badge("Active", "gray", "how_to_reg"),
    "suspended": Badge("Suspended", "red", "do_not_disturb_on"),
}

METHOD = {
    "none": Badge("None stored", "gray", "credit_card_off"),
    "fine": Badge("Stored", "gray", "credit_card"),
    "expiring": Badge("Expires soon", "orange", "event_upcoming"),
    "expired": Badge("Expired", "red", "event_busy"),
    "declined": Badge("Declined", "red", "error"),
}

ROUND = {
    "running": Badge("Under way", "orange", "sync"),
    "done": Badge("Fine", "green", "check_circle"),
    "waits": Badge("Not booked yet", "orange", "schedule"),
    "changed": Badge("Changed", "gray", "sync"),
    "wrong": Badge("Wrong", "red", "error"),
}

ITEM_ACTIVE = Badge("Active", "gray", "sell")
ITEM_INACTIVE = Badge("Not active", "gray", "block")

MESSAGE = {
    "waiting": Badge("Waiting", "orange", "schedule"),
    "done": Badge("Done", "gray", "check_circle"),
    "ignored": Badge("Not ours", "gray", "block"),
    "parked": Badge("Parked", "orange", "inbox"),
}

MAIL = {
    "queued": Badge("Queued", "orange", "outgoing_mail"),
    "kept": Badge("Kept here", "gray", "inbox"),
    "sent": Badge("Sent", "gray", "mark_email_read"),
    "failed": Badge("Not delivered", "red", "error"),
}

ATTEMPT = {
    "pending": Badge("Started", "orange", "schedule"),
    "requires_action": Badge("Waits for the client", "orange", "schedule"),
    "processing": Badge("Processing", "orange", "sync"),
    "unknown": Badge("Unknown, being asked", "orange", "help"),
    "succeeded": Badge("Succeeded", "green", "paid"),
    "declined": Badge("Declined", "red", "error"),
    "expired": Badge("Expired", "gray", "timer_off"),
    "cancelled": Badge("Cancelled", "gray", "block"),
}

REFUND = {
    "pending": Badge("On its way", "orange", "sync"),
    "unknown": Badge("Unknown, being asked", "orange", "help"),
    "processing": Badge("On its way", "orange", "sync"),
    "succeeded": Badge("Refunded", "gray", "undo"),
    "failed": Badge("Did not arrive", "red", "error"),
    "cancelled": Badge("Cancelled", "gray", "block"),
}
PARTLY_REFUNDED = Badge("Partly refunded", "gray", "undo")
REQUEST = {
    "waiting": Badge("Second person", "orange", "group"),
    "executed": Badge("Approved", "gray", "check_circle"),
    "refused": Badge("Refused", "gray", "block"),
    "withdrawn": Badge("Withdrawn", "gray", "undo"),
}

DISPUTE = {
    "open": Badge("Disputed", "red", "gavel"),
    "under_review": Badge("Under review", "orange", "gavel"),
    "won": Badge("Won", "gray", "gavel"),
    "lost": Badge("Lost", "red", "gavel"),
    "closed": Badge("Closed", "gray", "gavel"),
}

#: What each evidence event says in the timeline. An unknown kind shows its own name.
EVENTS = {
    "charge.fired": "Charge fired",
    "invoice.frozen": "Invoice frozen",
    "invoice.rendered": "Invoice set as PDF",
    "mail.queued": "Mail queued",
    "mail.sent": "Mail sent",
    "mail.kept": "Mail kept in the outbox",
    "mail.bounced": "Mail came back",
    "mail.failed": "Mail could not be sent",
    "link.minted": "Pay Now link made",
    "link.replaced": "Older link stopped working",
    "invoice.viewed": "Invoice opened",
    "invoice.downloaded": "Invoice downloaded",
    "code.sent": "Code mailed",
    "code.verified": "Code entered correctly",
    "code.failed": "Code entered wrongly",
    "changes.requested": "Client asked for changes",
    "changes.answered": "Answered and sent again",
    "charge.declined_by_client": "Client declined",
    "charge.approved": "Client approved",
    "attempt.started": "Payment started",
    "attempt.requires_action": "Waits for the client at the gateway",
    "attempt.processing": "Payment is being processed",
    "attempt.unknown": "Gateway gave no answer; it is being asked again",
    "attempt.succeeded": "Payment succeeded",
    "attempt.declined": "Payment declined",
    "attempt.expired": "Payment page expired",
    "attempt.cancelled": "Payment cancelled",
    "charge.captured": "Paid",
    "payment.recorded": "Payment recorded by hand",
    "receipt.sent": "Receipt sent",
    "reminder.sent": "Reminder sent",
    "charge.voided": "Voided",
    "charge.expired": "Expired",
    "charge.reissued": "Sent again after expiry",
    "charge.revised": "Replaced by a revised charge",
    "refund.requested": "Refund asked for",
    "refund.unknown": "Gateway gave no answer about the refund; it is being asked again",
    "refund.processing": "Refund on its way",
    "refund.succeeded": "Refund arrived",
    "refund.failed": "Refund did not arrive",
    "refund.cancelled": "Refund cancelled",
    "credit_note.issued": "Credit note issued",
}

ACTORS = {
    "client": "client",
    "staff": "operator",
    "key": "API key",
    "gateway": "gateway",
    "system": "Countersign",
}

MODES = {
    "event": "Event: you fire it when a phase is done, for any amount up to the cap.",
    "variable": "Variable: any amount up to the cap; a metric may have to hold first.",
    "fixed": "Fixed: always the item's price; the description is yours to write.",
    "threshold": "Threshold: fires the item's price when a metric meets the condition.",
}

CAPTURES = {
    "client_confirm": "Client confirms: invoice and link go out, nothing is charged until "
    "the client approves.",
    "off_session": "At once: the customer's stored method is charged without asking.",
}

CAPTURE_LONG = {"client_confirm": "Client confirms", "off_session": "Charged at once"}
CAPTURE_SHORT = {"client_confirm": "client confirms", "off_session": "charged at once"}
MODE_SHORT = {
    "event": "Event",
    "variable": "Variable",
    "fixed": "Fixed",
    "threshold": "Threshold",
}

METHODS = {
    "bank_transfer": "Bank transfer",
    "cheque": "Cheque",
    "cash": "Cash",
    "other": "Other",
}

GOOD_DESCRIPTION = "Phase 2: Homepage designs — delivered March 15"


def label(text: str) -> str:
    """``text`` fit for a widget's label, where a lone ``$`` would open mathematics."""
    return text.replace("$", r"\$")


def modes(item: Item) -> str:
    """An item's two modes in a few words: ``Event, client confirms``."""
    return f"{MODE_SHORT[item.trigger_mode]}, {CAPTURE_SHORT[item.capture_mode]}"


JOBS = {
    "send_mail": "Send a mail",
    "remind_client": "Remind a client",
    "settle_attempt": "Ask the gateway about a payment",
    "render_invoice": "Set an invoice as PDF",
    "sweep_attempts": "Look for payments left open",
    "expire_charges": "Expire what is past its date",
    "sweep": "Look for what was left open",
    "reconcile": "Compare our books and the gateway's",
    "reconcile_now": "Compare our books and the gateway's now",
    "apply_webhook": "Act on a message of the gateway's",
    "settle_refund": "Ask the gateway about a refund",
    "execute_request": "Do what a second person approved",
    "detach_method": "Have the gateway forget a replaced card",
}
ACTS = {
    "evidence.exported": "Evidence exported",
    "job.retried": "Job tried again",
    "message.heard_again": "Message acted on again",
    "concern.set_aside": "Looked at and set aside",
    "second_refund_above_major": "Second person for refunds above",
    "second_charge_above_major": "Second person for charges above",
    "code_above_major": "Code by mail above",
    "reminder_days": "Reminders",
    "terms_days": "Days to pay",
    "request.executed": "Request approved",
    "request.refused": "Request refused",
    "request.withdrawn": "Request withdrawn",
    "key.created": "API key made",
    "key.revoked": "API key revoked",
}


def job_words(kind: str) -> str:
    """What a job does, in words."""
    return JOBS.get(kind, kind.replace("_", " ").capitalize())


def act_words(name: str) -> str:
    """What a line of the staff log is about: an act, or the setting that was changed."""
    plain = name.removesuffix("_minor").removesuffix("_major").removesuffix("_s")
    return ACTS.get(name, plain.replace("_", " ").capitalize())


def event_words(kind: str) -> str:
    """What an evidence event of ``kind`` says in the timeline."""
    return EVENTS.get(kind, kind.replace(".", " ").replace("_", " ").capitalize())


def charge_badge(state: str, *, overdue: bool = False) -> Badge:
    """The badge of a charge; a waiting one past its due date reads Overdue."""
    if overdue and state in ("pending_client", "approved"):
        return OVERDUE
    return CHARGE[state]
