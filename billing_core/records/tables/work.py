"""Mail, jobs, workers alive, idempotency keys and the console's commands."""

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
)

from billing_core.records.tables.columns import line, meta, moment, one_of, own_id, ref, word

mails = Table(
    "mails",
    meta,
    own_id(),
    word("kind"),
    ref("charge_id", "charges", nullable=True),
    ref("link_id", "links", nullable=True),
    line("to"),
    line("cc"),
    line("facts"),
    line("subject"),
    line("html"),
    line("text"),
    line("attachments"),
    word("state"),
    Column("message_id", String(200), nullable=False, unique=True),
    line("problem"),
    moment("queued_at"),
    moment("sent_at", nullable=True),
    CheckConstraint(one_of("state", ("queued", "kept", "sent", "failed")), name="state"),
    Index("ix_mails_queued_at", "queued_at"),
)
jobs = Table(
    "jobs",
    meta,
    own_id(),
    word("kind"),
    Column("key", String(200), nullable=False, unique=True),
    Column("payload", Text, nullable=False),
    moment("due_at"),
    Column("attempts", Integer, nullable=False),
    moment("leased_until", nullable=True),
    Column("leased_by", String(80)),
    moment("done_at", nullable=True),
    moment("dead_at", nullable=True),
    line("error"),
    Index("ix_jobs_due", "done_at", "dead_at", "due_at"),
)
heartbeats = Table(
    "heartbeats",
    meta,
    Column("worker", String(80), primary_key=True),
    moment("beat_at"),
)
keys = Table(
    "idempotency_keys",
    meta,
    Column("actor_kind", String(20), nullable=False),
    Column("actor_id", String(80), nullable=False),
    Column("key", String(255), nullable=False),
    Column("fingerprint", String(64), nullable=False),
    Column("result", Text, nullable=False),
    moment("bound_at"),
    PrimaryKeyConstraint("actor_kind", "actor_id", "key"),
    Index("ix_idempotency_keys_bound_at", "bound_at"),
)
commands = Table(
    "commands",
    meta,
    own_id(),
    Column("actor_id", String(80), nullable=False),
    word("verb"),
    word("state"),
    line("draft"),
    line("sealed"),
    line("shown"),
    line("refusal"),
    line("result"),
    Column("charge_id", String(40)),
    moment("leased_until", nullable=True),
    moment("changed_at"),
    CheckConstraint(one_of("state", ("draft", "running", "done")), name="state"),
    Index("ix_commands_changed_at", "changed_at"),
)
