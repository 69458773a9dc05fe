"""The public frames: typed, documented, read-only. pandas is loaded when a frame is asked for.

The same holds for all of them. Money is ``…_minor``: whole minor units (int64) of ``currency``,
whose number of decimals is ``exponent``; sums over different currencies mean nothing. Moments
``…_at`` are aware, in UTC; days ``…_on`` are their midnight in UTC, whatever the zone. Both are
``datetime64[us, UTC]``, NaT where there is none. ``since`` is included, ``until`` is not; a date
means its midnight in UTC. ``customer`` is a customer's id, ``currency`` an ISO code.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select

from billing_core import clock
from billing_core.records import db, frame_rows, organisation
from billing_core.records.frame_rows import Cut
from billing_core.reports import shapes
from billing_core.rules import standings

if TYPE_CHECKING:
    import pandas as pd

Bound = date | datetime | str | None
_DAY_S = 86_400


def revenue(
    since: Bound = None,
    until: Bound = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """One row per booking of money that was really collected, in the order booked.

    ``since`` and ``until`` cut ``booked_at``. Columns:

    revenue_id, charge_id, invoice_number, customer_id, customer (string): what it was for, whose
    item_id, item, project_id, project (string): the item; the project, or NA
    kind (string): capture, payment (recorded by hand), refund, fee (told later), dispute (lost for
        good; while a bank only holds the money it stands as collected), dispute_fee
    source (string): gateway or manual
    gross_minor, tax_minor, fee_minor, net_minor (int64): with tax; the tax; the gateway's fee;
        net = gross − fee. Money in is positive, money back is negative
    currency (string): ISO 4217
    exponent (int64): decimals of the currency
    method, gateway, reference (string): how it was paid, where, the gateway's or bank's reference
    booked_at, recorded_at (datetime64[us, UTC]): when the money moved; when we learnt of it
    """
    return _frame(frame_rows.revenue(_cut(since, until, customer, currency)), shapes.REVENUE)


def charges(
    since: Bound = None,
    until: Bound = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """One row per charge in its present state, in the order fired.

    ``since`` and ``until`` cut ``fired_at``. Columns:

    charge_id, invoice_number, state (string): the states of the README's table
    customer_id, customer, item_id, item (string): who is billed for what
    project_id, project, milestone_id (string): NA without a project
    description, po_number (string): as they stand on the invoice
    net_minor, tax_minor, total_minor (int64): the client pays total = net + tax
    currency (string): ISO 4217
    exponent (int64): decimals of the currency
    capture_mode, origin (string): client_confirm or off_session; manual_ui, api or automatic
    fired_at, issued_on, due_on (datetime64[us, UTC]): when fired; the invoice's date; when due
    approved_at, captured_at (datetime64[us, UTC]): NaT while not reached
    """
    return _frame(frame_rows.charges(_cut(since, until, customer, currency)), shapes.CHARGES)


def receivables(
    since: Bound = None,
    until: Bound = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """One row per invoice that a client still owes now, in the order due.

    Owed are charges that wait for the client, have changes requested, or are approved but unpaid;
    a failed charge is owed again once it is retried. ``since`` and ``until`` cut ``due_on``, by
    their day in the reporting zone. Columns:

    charge_id, invoice_number, state, customer_id, customer, item_id, item (string): as in charges
    project_id, project, description (string): NA without a project
    net_minor, tax_minor, total_minor (int64): the client owes total
    currency (string): ISO 4217
    exponent (int64): decimals of the currency
    fired_at, issued_on, due_on, approved_at (datetime64[us, UTC]): approved_at is NaT before
    days_overdue (int64): days since the due date, in the reporting zone; negative before it
    overdue (bool): days_overdue > 0
    """
    cut = _cut(since, until, customer, currency)
    with db.read_only() as connection:
        zone = organisation.get_company(connection).reporting_zone
    days = {"first": _day(since, zone), "after": _day(until, zone)}
    frame = _read(frame_rows.receivables(cut, **days), shapes.RECEIVABLES)
    today = datetime.combine(clock.today(zone), time(0), tzinfo=UTC)
    frame["days_overdue"] = (today - frame["due_on"]).dt.days
    frame["overdue"] = frame["days_overdue"] > 0
    return shapes.in_order(frame, shapes.RECEIVABLES)


def milestones(
    since: Bound = None,
    until: Bound = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """One row per milestone, project by project in the order of the plan.

    ``since`` and ``until`` cut ``due_on`` by their day in the reporting zone; with either of them,
    milestones without a due date are left out. Columns:

    milestone_id, project_id, project, project_number, customer_id, customer (string): whose plan
    position (int64): from 1
    title (string): as on the invoice
    state, shown_state (string): planned, in_progress, delivered or dropped; also billed, approved,
        paid where a live charge says so
    planned_minor, billed_minor (int64): planned; on the live charge, 0 without one. Line amounts:
        tax that is added on top is in neither
    currency (string): ISO 4217
    exponent (int64): decimals of the currency
    charge_id, invoice_number (string): of the live charge, or NA
    due_on, delivered_on, billed_at, approved_at, paid_at (datetime64[us, UTC]): NaT while not
        reached
    """
    cut = _cut(since, until, customer, currency)
    with db.read_only() as connection:
        zone = organisation.get_company(connection).reporting_zone
    days = {"first": _day(since, zone), "after": _day(until, zone)}
    shape = shapes.MILESTONES | {"charge_state": "text"}
    frame = _read(frame_rows.milestones(cut, **days), shape)
    pairs = zip(frame["state"], frame["charge_state"].astype(object), strict=True)
    shown = [standings.shown_milestone(s, c if isinstance(c, str) else None) for s, c in pairs]
    frame["shown_state"] = frame["state"].copy()
    frame.loc[:, "shown_state"] = shown
    return shapes.in_order(frame, shapes.MILESTONES)


def approvals(
    since: Bound = None,
    until: Bound = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """One row per charge that a client was asked to approve, in the order sent.

    ``since`` and ``until`` cut ``sent_at``. Columns:

    charge_id, invoice_number, state, customer_id, customer, item_id, item (string): as in charges
    project_id, project, milestone_id (string): NA without a project
    total_minor (int64): what the client was asked for
    currency (string): ISO 4217
    exponent (int64): decimals of the currency
    sent_at, seen_at, approved_at, paid_at (datetime64[us, UTC]): invoice sent; first opened by
        what looks like a person; approved; the money was there. NaT while not reached
    source (string): gateway or manual (such a payment needs no approval), NA while unpaid
    change_requests, reminders (int64): how often the client asked for changes, was reminded
    days_to_approve, days_to_pay (float64): days of 24 hours from sent_at, NaN while not reached
    """
    cut = _cut(since, until, customer, currency)
    frame = _read(frame_rows.approvals(cut), shapes.APPROVALS)
    for name, reached in (("days_to_approve", "approved_at"), ("days_to_pay", "paid_at")):
        seconds = (frame[reached] - frame["sent_at"]).dt.total_seconds()
        # a transfer is booked at noon of its day, which can lie before an invoice of that day
        frame[name] = (seconds / _DAY_S).clip(lower=0)
    return shapes.in_order(frame, shapes.APPROVALS)


def disputes(
    since: Bound = None,
    until: Bound = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """One row per chargeback or inquiry, in the order opened.

    ``since`` and ``until`` cut ``opened_at``. Columns:

    dispute_id, charge_id, invoice_number, customer_id, customer (string): whose payment it is
    kind (string): inquiry, which moves no money, or chargeback
    state (string): open, under_review, won, lost, or closed (an inquiry that went no further)
    reason (string): in the gateway's words
    amount_minor, fee_minor (int64): disputed; what the gateway takes for it
    currency (string): ISO 4217
    exponent (int64): decimals of the currency
    gateway, reference (string): where, and under which reference
    opened_at, respond_by, closed_at (datetime64[us, UTC]): NaT while open
    """
    return _frame(frame_rows.disputes(_cut(since, until, customer, currency)), shapes.DISPUTES)


def ledger(
    since: Bound = None,
    until: Bound = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """One row per posting, in the order booked. Each set sums to zero per currency.

    ``since`` and ``until`` cut ``booked_at``. Columns:

    posting_id, set_id, event, account (string): event is capture, payment, fee, second_money …
    amount_minor (int64): debit +, credit −
    currency (string): ISO 4217
    exponent (int64): decimals of the currency
    charge_id, invoice_number, customer_id, customer (string): what it is about, or NA
    booked_at, recorded_at (datetime64[us, UTC]): when the money moved; when we learnt of it
    """
    return _frame(frame_rows.ledger(_cut(since, until, customer, currency)), shapes.LEDGER)


def _frame(statement: Select[Any], shape: dict[str, str]) -> pd.DataFrame:
    return shapes.in_order(_read(statement, shape), shape)


def _read(statement: Select[Any], shape: dict[str, str]) -> pd.DataFrame:
    with db.read_only() as connection:
        result = connection.execute(statement)
        names = list(result.keys())
        rows = [tuple(row) for row in result]
    return shapes.shaped(rows, names, shape)


def _cut(since: Bound, until: Bound, customer: str | None, currency: str | None) -> Cut:
    return Cut(_moment(since), _moment(until), customer, currency)


def _day(bound: Bound, zone: str) -> date | None:
    """The calendar day that a bound means; a moment's is the one it falls on in ``zone``."""
    if isinstance(bound, str):
        bound = datetime.fromisoformat(bound) if "T" in bound else date.fromisoformat(bound)
    if isinstance(bound, datetime):
        aware = bound if bound.tzinfo else bound.replace(tzinfo=UTC)
        return aware.astimezone(clock.zone(zone)).date()
    return bound


def _moment(bound: Bound) -> datetime | None:
    if bound is None:
        return None
    if isinstance(bound, str):
        bound = datetime.fromisoformat(bound)
    if not isinstance(bound, datetime):
        bound = datetime.combine(bound, time(0))
    return bound if bound.tzinfo else bound.replace(tzinfo=UTC)
