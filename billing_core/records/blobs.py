"""Stored bytes by their SHA-256: PDFs, attachments, deliverables. Written once, never changed."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select

from billing_core import clock, ids
from billing_core.records import rows, tables

_DATA = select(tables.blobs.c.data).where(tables.blobs.c.sha256 == bindparam("sha256"))


def put(connection: Connection, data: bytes, mime: str) -> str:
    """Store ``data`` and return its lower-case hex SHA-256."""
    sha256 = ids.sha256_hex(data)
    values = {"sha256": sha256, "mime": mime, "data": data, "stored_at": clock.now()}
    rows.insert_new(connection, tables.blobs, values)
    return sha256


def find(connection: Connection, sha256: str) -> bytes | None:
    """The bytes with this digest, or None."""
    data = connection.execute(_DATA, {"sha256": sha256}).scalar_one_or_none()
    return None if data is None else bytes(data)
