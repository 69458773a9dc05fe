"""How a client gets in: links, spent nonces, mailed codes."""

from __future__ import annotations

from sqlalchemy import Column, Integer, String, Table

from billing_core.records.tables.columns import line, meta, moment, own_id, ref

links = Table(
    "links",
    meta,
    own_id(),
    ref("charge_id", "charges"),
    Column("token_sha256", String(64), nullable=False, unique=True),
    moment("minted_at"),
    moment("expires_at"),
    moment("replaced_at", nullable=True),
    line("mailed_to"),
)
nonces = Table(
    "nonces",
    meta,
    Column("nonce_sha256", String(64), primary_key=True),
    ref("link_id", "links"),
    moment("spent_at"),
)
codes = Table(
    "codes",
    meta,
    own_id(),
    ref("charge_id", "charges"),
    moment("sent_at"),
    moment("used_at", nullable=True),
    Column("tries", Integer, nullable=False),
)
