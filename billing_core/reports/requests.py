"""Requests with the names around them: what waits for a second person, and what was decided."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from billing_core.records import charges, customers, db
from billing_core.records import requests as request_rows
from billing_core.rules.nouns import Request

MOST = 50


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request; ``about`` says what of: an invoice's number, or the new charge's description."""

    request: Request
    customer: str
    about: str


def waiting(limit: int = MOST) -> tuple[RequestRow, ...]:
    """Those that nobody has decided, newest first."""
    return _rows(waits=True, limit=limit)


def decided(limit: int = MOST) -> tuple[RequestRow, ...]:
    """Those that are over, newest first."""
    return _rows(waits=False, limit=limit)


def request(request_id: str) -> Request:
    """One request, or NotFound."""
    with db.read_only() as connection:
        return request_rows.get(connection, request_id)


def row(connection: Connection, found: Request) -> RequestRow:
    """The request with its names."""
    name = customers.get(connection, found.customer_id).billed_as()
    if found.charge_id:
        return RequestRow(found, name, charges.get(connection, found.charge_id).invoice_number)
    return RequestRow(found, name, str(found.parameters.get("description") or ""))


def _rows(*, waits: bool, limit: int) -> tuple[RequestRow, ...]:
    with db.read_only() as connection:
        found = request_rows.search(connection, waiting=waits, limit=limit)
        return tuple(row(connection, each) for each in found)
