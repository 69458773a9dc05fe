"""What the organisation decides for itself, its gapless number series, and stored bytes."""

from __future__ import annotations

from sqlalchemy import Column, Integer, LargeBinary, PrimaryKeyConstraint, String, Table, Text

from billing_core.records.tables.columns import meta, moment, own_id

company_settings = Table(
    "company_settings",
    meta,
    Column("name", String(60), primary_key=True),
    Column("value", Text, nullable=False),
)
setting_changes = Table(
    "setting_changes",
    meta,
    own_id(),
    Column("name", String(60), nullable=False),
    Column("before", Text),
    Column("after", Text, nullable=False),
    Column("actor_id", String(80), nullable=False),
    moment("changed_at"),
)
counters = Table(
    "counters",
    meta,
    Column("kind", String(20), nullable=False),
    Column("year", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    PrimaryKeyConstraint("kind", "year"),
)
blobs = Table(
    "blobs",
    meta,
    Column("sha256", String(64), primary_key=True),
    Column("mime", String(80), nullable=False),
    Column("data", LargeBinary, nullable=False),
    moment("stored_at"),
)
