"""What was collected, the ledger, and the evidence chain."""

from __future__ import annotations

from sqlalchemy import (
    CheckConstraint,
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
    text,
)

from billing_core.records.tables.columns import line, meta, minor, moment, own_id, ref, word

_ONE_CAPTURE = text("kind IN ('capture', 'payment')")
revenue = Table(
    "revenue",
    meta,
    own_id(),
    ref("charge_id", "charges"),
    ref("customer_id", "customers"),
    ref("item_id", "items"),
    ref("project_id", "projects", nullable=True),
    word("kind"),
    minor("gross_minor"),
    minor("tax_minor"),
    minor("fee_minor"),
    minor("net_minor"),
    Column("currency", String(3), nullable=False),
    line("method"),
    word("gateway"),
    line("reference"),
    word("source"),
    moment("booked_at"),
    moment("recorded_at"),
    CheckConstraint("net_minor = gross_minor - fee_minor", name="net"),
    Index("ix_revenue_booked_at", "booked_at"),
    Index(
        "uq_revenue_one_capture",
        "charge_id",
        unique=True,
        sqlite_where=_ONE_CAPTURE,
        postgresql_where=_ONE_CAPTURE,
    ),
)
postings = Table(
    "postings",
    meta,
    own_id(),
    Column("set_id", String(40), nullable=False, index=True),
    ref("charge_id", "charges", nullable=True),
    word("event"),
    Column("account", String(60), nullable=False),
    minor("amount_minor"),
    Column("currency", String(3), nullable=False),
    moment("booked_at"),
    moment("recorded_at"),
    CheckConstraint("amount_minor <> 0", name="amount"),
    Index("ix_postings_account", "account", "currency"),
)
events = Table(
    "evidence_events",
    meta,
    Column("stream", String(40), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("kind", String(40), nullable=False),
    moment("at"),
    Column("canonical", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    PrimaryKeyConstraint("stream", "seq"),
    Index("ix_evidence_events_at", "at"),
)
openings = Table(
    "evidence_openings",
    meta,
    Column("stream", String(40), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("path", String(80), nullable=False),
    Column("salt", String(64)),
    Column("value", Text),
    moment("erased_at", nullable=True),
    line("erased_why"),
    PrimaryKeyConstraint("stream", "seq", "path"),
)
