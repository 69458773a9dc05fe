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
api_keys = Table(
    "api_keys",
    meta,
    own_id(),
    line("name"),
    Column("shown", String(20), nullable=False),
    Column("secret_sha256", String(64), nullable=False, unique=True),
    line("scopes"),
    Column("created_by", String(80), nullable=False),
    moment("created_at"),
    moment("last_used_at", nullable=True),
    moment("revoked_at", nullable=True),
)
