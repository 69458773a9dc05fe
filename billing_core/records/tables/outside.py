"""What a gateway tells us and we tell it: messages, lines of its books, refunds, disputes, set-ups,
and what a person should look at.
"""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from billing_core.records.tables.columns import (
    flag,
    line,
    meta,
    minor,
    moment,
    one_of,
    own_id,
    ref,
    word,
)

MESSAGE_STATES = ("waiting", "done", "ignored", "parked")
REFUND_STATES = ("pending", "unknown", "processing", "succeeded", "failed", "cancelled")
DISPUTE_STATES = ("open", "under_review", "won", "lost", "closed")
SETUP_STATES = ("pending", "open", "succeeded", "expired")


def _foreign(name: str, *, nullable: bool = False) -> Column[str]:
    """An id of the gateway's."""
    return Column(name, String(200), nullable=nullable)


messages = Table(
    "gateway_messages",
    meta,
    own_id(),
    Column("event_id", String(200), nullable=False, unique=True),
    Column("kind", String(200), nullable=False),
    Column("object_kind", String(200), nullable=False),
    _foreign("object_id"),
    flag("livemode"),
    Column("account", String(200), nullable=False),
    Column("body", LargeBinary, nullable=False),
    word("state"),
    line("reason"),
    moment("received_at"),
    moment("handled_at", nullable=True),
    CheckConstraint(one_of("state", MESSAGE_STATES), name="state"),
    Index("ix_gateway_messages_state", "state", "received_at"),
)
lines = Table(
    "gateway_lines",
    meta,
    Column("id", String(200), primary_key=True),
    word("kind"),
    minor("amount_minor"),
    minor("fee_minor"),
    Column("currency", String(3), nullable=False),
    _foreign("source"),
    _foreign("payment_reference"),
    ref("charge_id", "charges"),
    moment("booked_at"),
    moment("recorded_at"),
)
concerns = Table(
    "concerns",
    meta,
    own_id(),
    word("kind"),
    Column("about", String(200), nullable=False),
    ref("charge_id", "charges", nullable=True),
    line("sentence"),
    moment("first_at"),
    moment("last_at"),
    moment("resolved_at", nullable=True),
    UniqueConstraint("kind", "about"),
)
refunds = Table(
    "refunds",
    meta,
    own_id(),
    ref("charge_id", "charges"),
    word("gateway"),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    Column("reference", String(200), unique=True),
    _foreign("payment_reference"),
    minor("amount_minor"),
    minor("tax_minor"),
    Column("currency", String(3), nullable=False),
    word("reason"),
    line("note"),
    word("state"),
    line("problem"),
    Column("number", String(60), unique=True),
    Column("canonical", Text),
    Column("document_sha256", String(64)),
    word("actor_kind"),
    Column("actor_id", String(80), nullable=False),
    line("actor_name"),
    moment("requested_at"),
    moment("settled_at", nullable=True),
    flag("surplus", false()),
    CheckConstraint("amount_minor > 0 AND tax_minor >= 0", name="amount"),
    CheckConstraint(one_of("state", REFUND_STATES), name="state"),
)
disputes = Table(
    "disputes",
    meta,
    own_id(),
    ref("charge_id", "charges"),
    word("gateway"),
    Column("reference", String(200), nullable=False, unique=True),
    word("kind"),
    word("status"),
    Column("reason", String(80), nullable=False),
    minor("amount_minor"),
    Column("currency", String(3), nullable=False),
    minor("held_minor"),
    moment("due_by", nullable=True),
    moment("opened_at"),
    moment("changed_at"),
    moment("closed_at", nullable=True),
    CheckConstraint(one_of("kind", ("inquiry", "chargeback")), name="kind"),
    CheckConstraint(one_of("status", DISPUTE_STATES), name="status"),
)
setups = Table(
    "setups",
    meta,
    own_id(),
    ref("customer_id", "customers"),
    word("state"),
    Column("reference", String(200), unique=True),
    Column("url", Text),
    Column("replaces", String(200)),
    Column("actor_id", String(80), nullable=False),
    moment("created_at"),
    moment("settled_at", nullable=True),
    CheckConstraint(one_of("state", SETUP_STATES), name="state"),
)
reconciliations = Table(
    "reconciliations",
    meta,
    own_id(),
    moment("started_at"),
    moment("finished_at", nullable=True),
    line("problem"),
    Column("result", Text),
    Index("ix_reconciliations_started_at", "started_at"),
)
