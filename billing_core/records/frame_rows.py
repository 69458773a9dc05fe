"""The statements behind the public frames: one join each, in the order of the frame's columns."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Table, func, select

from billing_core.records import tables

_R, _C = tables.revenue, tables.charges
_U, _I, _P = tables.customers, tables.items, tables.projects
_BILLED_AS = func.coalesce(func.nullif(_U.c.company, ""), _U.c.name)


def revenue(
    since: datetime | None, until: datetime | None, customer: str | None, currency: str | None
) -> Select[Any]:
    """One row per revenue booking."""
    statement = (
        select(
            _R.c.id,
            _R.c.charge_id,
            _C.c.invoice_number,
            _R.c.customer_id,
            _BILLED_AS,
            _R.c.item_id,
            _I.c.name,
            _R.c.project_id,
            _P.c.name,
            _R.c.kind,
            _R.c.source,
            _R.c.gross_minor,
            _R.c.tax_minor,
            _R.c.fee_minor,
            _R.c.net_minor,
            _R.c.currency,
            _R.c.method,
            _R.c.gateway,
            _R.c.reference,
            _R.c.booked_at,
            _R.c.recorded_at,
        )
        .join(_C, _C.c.id == _R.c.charge_id)
        .join(_U, _U.c.id == _R.c.customer_id)
        .join(_I, _I.c.id == _R.c.item_id)
        .outerjoin(_P, _P.c.id == _R.c.project_id)
        .order_by(_R.c.booked_at, _R.c.id)
    )
    return _cut(statement, _R, _R.c.booked_at, since, until, customer, currency)


def charges(
    since: datetime | None, until: datetime | None, customer: str | None, currency: str | None
) -> Select[Any]:
    """One row per charge."""
    statement = (
        select(
            _C.c.id,
            _C.c.invoice_number,
            _C.c.state,
            _C.c.customer_id,
            _BILLED_AS,
            _C.c.item_id,
            _I.c.name,
            _C.c.project_id,
            _P.c.name,
            _C.c.milestone_id,
            _C.c.description,
            _C.c.po_number,
            _C.c.net_minor,
            _C.c.tax_minor,
            _C.c.total_minor,
            _C.c.currency,
            _C.c.capture_mode,
            _C.c.origin,
            _C.c.fired_at,
            _C.c.issued_on,
            _C.c.due_on,
            _C.c.approved_at,
            _C.c.captured_at,
        )
        .join(_U, _U.c.id == _C.c.customer_id)
        .join(_I, _I.c.id == _C.c.item_id)
        .outerjoin(_P, _P.c.id == _C.c.project_id)
        .order_by(_C.c.fired_at, _C.c.id)
    )
    return _cut(statement, _C, _C.c.fired_at, since, until, customer, currency)


def _cut(
    statement: Select[Any],
    table: Table,
    moment: ColumnElement[datetime],
    since: datetime | None,
    until: datetime | None,
    customer: str | None,
    currency: str | None,
) -> Select[Any]:
    if since is not None:
        statement = statement.where(moment >= since)
    if until is not None:
        statement = statement.where(moment < until)
    if customer is not None:
        statement = statement.where(table.c.customer_id == customer)
    if currency is not None:
        statement = statement.where(table.c.currency == currency)
    return statement
