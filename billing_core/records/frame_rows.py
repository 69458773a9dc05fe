"""The statements behind the public frames: one row per grain, columns named as the frame's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, case, func, or_, select

from billing_core.records import tables
from billing_core.rules.charge_states import ENDED

_R, _C, _L = tables.revenue, tables.charges, tables.postings
_U, _I, _P, _M = tables.customers, tables.items, tables.projects, tables.milestones
_E, _D = tables.events, tables.disputes
_WHO = func.coalesce(func.nullif(_U.c.company, ""), _U.c.name).label("customer")
_WHAT, _WHERE = _I.c.name.label("item"), _P.c.name.label("project")
_CHARGE, _NUMBER = _C.c.id.label("charge_id"), _C.c.invoice_number
#: States in which a client still owes something.
OWED = ("pending_client", "changes_requested", "approved")
_ASKED = ("changes.requested", "charge.declined_by_client")


@dataclass(frozen=True, slots=True)
class Cut:
    """Which rows: from ``since`` on, before ``until``, of one customer, in one currency."""

    since: datetime | None = None
    until: datetime | None = None
    customer: str | None = None
    currency: str | None = None


def revenue(cut: Cut) -> Select[Any]:
    """One row per revenue booking, cut by the moment it was booked."""
    names = ["gross", "tax", "fee", "net"]
    amounts = [_R.c[f"{name}_minor"] for name in names]
    statement = (
        select(_R.c.id.label("revenue_id"), _R.c.charge_id, _NUMBER, _R.c.customer_id, _WHO)
        .add_columns(_R.c.item_id, _WHAT, _R.c.project_id, _WHERE, _R.c.kind, _R.c.source)
        .add_columns(*amounts, _R.c.currency, _R.c.method, _R.c.gateway, _R.c.reference)
        .add_columns(_R.c.booked_at, _R.c.recorded_at)
        .join(_C, _C.c.id == _R.c.charge_id)
        .join(_U, _U.c.id == _R.c.customer_id)
        .join(_I, _I.c.id == _R.c.item_id)
        .outerjoin(_P, _P.c.id == _R.c.project_id)
        .order_by(_R.c.booked_at, _R.c.id)
    )
    return _within(_of(statement, cut, _R.c), _R.c.booked_at, cut)


def charges(cut: Cut) -> Select[Any]:
    """One row per charge, cut by the moment it was fired."""
    statement = (
        select(_CHARGE, _NUMBER, _C.c.state, _C.c.customer_id, _WHO, _C.c.item_id, _WHAT)
        .add_columns(_C.c.project_id, _WHERE, _C.c.milestone_id, _C.c.description, _C.c.po_number)
        .add_columns(_C.c.net_minor, _C.c.tax_minor, _C.c.total_minor, _C.c.currency)
        .add_columns(_C.c.capture_mode, _C.c.origin, _C.c.fired_at, _C.c.issued_on, _C.c.due_on)
        .add_columns(_C.c.approved_at, _C.c.captured_at)
        .join(_U, _U.c.id == _C.c.customer_id)
        .join(_I, _I.c.id == _C.c.item_id)
        .outerjoin(_P, _P.c.id == _C.c.project_id)
        .order_by(_C.c.fired_at, _C.c.id)
    )
    return _within(_of(statement, cut, _C.c), _C.c.fired_at, cut)


def receivables(cut: Cut, *, first: date | None, after: date | None) -> Select[Any]:
    """One row per charge a client still owes, due from ``first`` on and before ``after``."""
    statement = (
        select(_CHARGE, _NUMBER, _C.c.state, _C.c.customer_id, _WHO, _C.c.item_id, _WHAT)
        .add_columns(_C.c.project_id, _WHERE, _C.c.description, _C.c.net_minor, _C.c.tax_minor)
        .add_columns(_C.c.total_minor, _C.c.currency, _C.c.fired_at, _C.c.issued_on, _C.c.due_on)
        .add_columns(_C.c.approved_at)
        .join(_U, _U.c.id == _C.c.customer_id)
        .join(_I, _I.c.id == _C.c.item_id)
        .outerjoin(_P, _P.c.id == _C.c.project_id)
        .where(_C.c.state.in_(OWED))
        .order_by(_C.c.due_on, _C.c.id)
    )
    return _between(_of(statement, cut, _C.c), _C.c.due_on, first, after)


def milestones(cut: Cut, *, first: date | None, after: date | None) -> Select[Any]:
    """One row per milestone with its live charge, due from ``first`` on and before ``after``."""
    live = and_(_C.c.milestone_id == _M.c.id, _C.c.state.not_in(ENDED))
    billed = func.coalesce(_C.c.line_minor, 0).label("billed_minor")
    statement = (
        select(_M.c.id.label("milestone_id"), _M.c.project_id, _WHERE)
        .add_columns(_P.c.number.label("project_number"), _P.c.customer_id, _WHO, _M.c.position)
        .add_columns(_M.c.title, _M.c.state, _C.c.state.label("charge_state"), _M.c.planned_minor)
        .add_columns(billed, _P.c.currency, _CHARGE, _NUMBER, _M.c.due_on, _M.c.delivered_on)
        .add_columns(_C.c.fired_at.label("billed_at"), _C.c.approved_at)
        .add_columns(_C.c.captured_at.label("paid_at"))
        .join(_P, _P.c.id == _M.c.project_id)
        .join(_U, _U.c.id == _P.c.customer_id)
        .outerjoin(_C, live)
        .order_by(_P.c.created_at, _M.c.project_id, _M.c.position)
    )
    return _between(_of(statement, cut, _P.c), _M.c.due_on, first, after)


def approvals(cut: Cut) -> Select[Any]:
    """One row per charge that a client was asked to approve, cut by the moment it was sent."""
    told = _told()
    asked, reminded = (
        func.coalesce(told.c[name], 0).label(name) for name in ("change_requests", "reminders")
    )
    statement = (
        select(_CHARGE, _NUMBER, _C.c.state, _C.c.customer_id, _WHO, _C.c.item_id, _WHAT)
        .add_columns(_C.c.project_id, _WHERE, _C.c.milestone_id, _C.c.total_minor, _C.c.currency)
        .add_columns(_C.c.fired_at.label("sent_at"), told.c.seen_at, _C.c.approved_at)
        .add_columns(_R.c.booked_at.label("paid_at"), _R.c.source, asked, reminded)
        .join(_U, _U.c.id == _C.c.customer_id)
        .join(_I, _I.c.id == _C.c.item_id)
        .outerjoin(_P, _P.c.id == _C.c.project_id)
        .outerjoin(_R, and_(_R.c.charge_id == _C.c.id, _R.c.kind.in_(("capture", "payment"))))
        .outerjoin(told, told.c.stream == _C.c.id)
        .where(or_(_C.c.capture_mode == "client_confirm", _C.c.approved_at.is_not(None)))
        .order_by(_C.c.fired_at, _C.c.id)
    )
    return _within(_of(statement, cut, _C.c), _C.c.fired_at, cut)


def disputes(cut: Cut) -> Select[Any]:
    """One row per dispute, cut by the moment it was opened; its fee is what its lines cost."""
    lines = tables.lines
    fee = (
        select(func.coalesce(func.sum(lines.c.fee_minor), 0))
        .where(lines.c.source == _D.c.reference)
        .scalar_subquery()
    )
    statement = (
        select(_D.c.id.label("dispute_id"), _D.c.charge_id, _NUMBER, _C.c.customer_id, _WHO)
        .add_columns(_D.c.kind, _D.c.status.label("state"), _D.c.reason, _D.c.amount_minor)
        .add_columns(fee.label("fee_minor"), _D.c.currency, _D.c.gateway, _D.c.reference)
        .add_columns(_D.c.opened_at, _D.c.due_by.label("respond_by"), _D.c.closed_at)
        .join(_C, _C.c.id == _D.c.charge_id)
        .join(_U, _U.c.id == _C.c.customer_id)
        .order_by(_D.c.opened_at, _D.c.id)
    )
    return _within(_of(statement, cut, _C.c), _D.c.opened_at, cut)


def ledger(cut: Cut) -> Select[Any]:
    """One row per posting, cut by the moment it was booked."""
    statement = (
        select(_L.c.id.label("posting_id"), _L.c.set_id, _L.c.event, _L.c.account)
        .add_columns(_L.c.amount_minor, _L.c.currency, _L.c.charge_id, _NUMBER)
        .add_columns(_C.c.customer_id, _WHO, _L.c.booked_at, _L.c.recorded_at)
        .outerjoin(_C, _C.c.id == _L.c.charge_id)
        .outerjoin(_U, _U.c.id == _C.c.customer_id)
        .order_by(_L.c.booked_at, _L.c.set_id, _L.c.id)
    )
    if cut.customer is not None:
        statement = statement.where(_C.c.customer_id == cut.customer)
    if cut.currency is not None:
        statement = statement.where(_L.c.currency == cut.currency)
    return _within(statement, _L.c.booked_at, cut)


def _told() -> Subquery:
    """What the chain says of each charge: first seen by a person, asked and reminded how often."""
    # inside a JSON string each quote stands behind a backslash: no text can look like this field
    seen = and_(_E.c.kind == "invoice.viewed", _E.c.canonical.not_like('%"grade":"automated"%'))
    return (
        select(
            _E.c.stream,
            func.min(case((seen, _E.c.at))).label("seen_at"),
            func.sum(case((_E.c.kind.in_(_ASKED), 1), else_=0)).label("change_requests"),
            func.sum(case((_E.c.kind == "reminder.sent", 1), else_=0)).label("reminders"),
        )
        .where(_E.c.kind.in_(("invoice.viewed", *_ASKED, "reminder.sent")))
        .group_by(_E.c.stream)
        .subquery()
    )


def _of(statement: Select[Any], cut: Cut, columns: Any) -> Select[Any]:
    if cut.customer is not None:
        statement = statement.where(columns.customer_id == cut.customer)
    if cut.currency is not None:
        statement = statement.where(columns.currency == cut.currency)
    return statement


def _within(statement: Select[Any], moment: ColumnElement[datetime], cut: Cut) -> Select[Any]:
    if cut.since is not None:
        statement = statement.where(moment >= cut.since)
    if cut.until is not None:
        statement = statement.where(moment < cut.until)
    return statement


def _between(
    statement: Select[Any], day: ColumnElement[Any], first: date | None, after: date | None
) -> Select[Any]:
    if first is not None:
        statement = statement.where(day >= first)
    if after is not None:
        statement = statement.where(day < after)
    return statement
