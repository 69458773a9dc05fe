"""Charges, their frozen invoices and the attempts to collect them."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
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
from billing_core.rules.charge_states import ALIVE, ENDED, SETTLED, STATES
from billing_core.rules.money import LARGEST_MINOR


def _other_charge() -> ForeignKey:
    """Checked at the commit: two charges of a revision point at each other."""
    return ForeignKey("charges.id", deferrable=True, initially="DEFERRED")


_LIVE = text(f"milestone_id IS NOT NULL AND NOT ({one_of('state', ENDED)})")
charges = Table(
    "charges",
    meta,
    own_id(),
    word("state"),
    word("kind", "milestone"),
    ref("customer_id", "customers"),
    ref("item_id", "items"),
    ref("enrolment_id", "enrolments"),
    ref("project_id", "projects", nullable=True),
    ref("milestone_id", "milestones", nullable=True),
    Column("invoice_id", String(40), nullable=False, unique=True),
    Column("invoice_number", String(60), nullable=False, unique=True),
    Column("document_sha256", String(64), nullable=False),
    Column("pdf_sha256", String(64)),
    minor("line_minor"),
    minor("net_minor"),
    minor("tax_minor"),
    minor("total_minor"),
    Column("currency", String(3), nullable=False),
    line("description"),
    line("po_number"),
    word("trigger_mode"),
    word("capture_mode"),
    Column("metric_value", String(40)),
    word("origin"),
    word("actor_kind"),
    Column("actor_id", String(80), nullable=False),
    line("actor_name"),
    Column("content_key", String(64), nullable=False),
    moment("fired_at"),
    Column("issued_on", Date, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("valid_until", Date),
    moment("approved_at", nullable=True),
    moment("captured_at", nullable=True),
    moment("ended_at", nullable=True),
    flag("late_money"),
    Column("revises", String(40), _other_charge()),
    Column("revised_by", String(40), _other_charge()),
    line("note"),
    Column("chain_length", Integer, nullable=False, server_default="0"),
    Column("chain_head", String(64), nullable=False, server_default="0" * 64),
    CheckConstraint(
        f"line_minor > 0 AND line_minor <= {LARGEST_MINOR} AND total_minor > 0", name="amount"
    ),
    CheckConstraint(one_of("state", STATES), name="state"),
    CheckConstraint("net_minor + tax_minor = total_minor AND tax_minor >= 0", name="sums"),
    CheckConstraint("chain_length >= 0", name="chain"),
    Index("ix_charges_fired_at", "fired_at"),
    Index("ix_charges_state", "state"),
    Index("ix_charges_content_key", "content_key", "fired_at"),
    Index(
        "uq_charges_live_milestone",
        "milestone_id",
        unique=True,
        sqlite_where=_LIVE,
        postgresql_where=_LIVE,
    ),
)
invoices = Table(
    "invoices",
    meta,
    own_id(),
    ref("charge_id", "charges"),
    Column("number", String(60), nullable=False, unique=True),
    Column("canonical", Text, nullable=False),
    Column("document_sha256", String(64), nullable=False),
    moment("frozen_at"),
)
_ONE_ALIVE = text(one_of("outcome", ALIVE))
_ONE_PAID = text("outcome = 'succeeded' AND NOT surplus")
attempts = Table(
    "attempts",
    meta,
    own_id(),
    ref("charge_id", "charges"),
    Column("number", Integer, nullable=False),
    word("gateway"),
    word("via"),
    Column("idempotency_key", String(200), nullable=False, unique=True),
    Column("parameters", Text, nullable=False),
    minor("amount_minor"),
    Column("currency", String(3), nullable=False),
    word("outcome"),
    flag("surplus"),
    Column("reference", String(200)),
    Column("url", Text),
    line("method_label"),
    line("problem"),
    Column("payment_reference", String(200)),
    moment("started_at"),
    moment("settled_at", nullable=True),
    CheckConstraint("amount_minor > 0", name="amount"),
    CheckConstraint(one_of("outcome", SETTLED.union(ALIVE)), name="outcome"),
    UniqueConstraint("charge_id", "number"),
    Index("ix_attempts_outcome", "outcome", "started_at"),
    Index(
        "uq_attempts_one_alive",
        "charge_id",
        unique=True,
        sqlite_where=_ONE_ALIVE,
        postgresql_where=_ONE_ALIVE,
    ),
    Index(
        "uq_attempts_one_paid",
        "charge_id",
        unique=True,
        sqlite_where=_ONE_PAID,
        postgresql_where=_ONE_PAID,
    ),
)
