"""The public frames: typed, documented, read-only. Money is integer minor units plus currency,
times are aware UTC. pandas is loaded when a frame is asked for.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from sqlalchemy import Select

from billing_core.records import db, frame_rows
from billing_core.rules import money

if TYPE_CHECKING:
    import pandas as pd

Bound = date | datetime | str | None
_REVENUE = {
    "revenue_id": "text",
    "charge_id": "text",
    "invoice_number": "text",
    "customer_id": "text",
    "customer": "text",
    "item_id": "text",
    "item": "text",
    "project_id": "text",
    "project": "text",
    "kind": "text",
    "source": "text",
    "gross_minor": "int",
    "tax_minor": "int",
    "fee_minor": "int",
    "net_minor": "int",
    "currency": "text",
    "exponent": "int",
    "method": "text",
    "gateway": "text",
    "reference": "text",
    "booked_at": "time",
    "recorded_at": "time",
}
_CHARGES = {
    "charge_id": "text",
    "invoice_number": "text",
    "state": "text",
    "customer_id": "text",
    "customer": "text",
    "item_id": "text",
    "item": "text",
    "project_id": "text",
    "project": "text",
    "milestone_id": "text",
    "description": "text",
    "po_number": "text",
    "net_minor": "int",
    "tax_minor": "int",
    "total_minor": "int",
    "currency": "text",
    "exponent": "int",
    "capture_mode": "text",
    "origin": "text",
    "fired_at": "time",
    "issued_on": "time",
    "due_on": "time",
    "approved_at": "time",
    "captured_at": "time",
}


def revenue(
    since: Bound = None,
    until: Bound = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """One row per revenue booking, in the order booked.

    Columns: revenue_id, charge_id, invoice_number, customer_id, customer, item_id, item,
    project_id, project, kind, source, method, gateway, reference, currency (string), gross_minor,
    tax_minor, fee_minor, net_minor, exponent (int64), booked_at, recorded_at (UTC). ``since`` is
    included, ``until`` is not; both cut ``booked_at``, dates at midnight UTC.
    """
    statement = frame_rows.revenue(_moment(since), _moment(until), customer, currency)
    return _frame(statement, _REVENUE)


def charges(
    since: Bound = None,
    until: Bound = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """One row per charge, in the order fired.

    Columns: charge_id, invoice_number, state, customer_id, customer, item_id, item, project_id,
    project, milestone_id, description, po_number, currency, capture_mode, origin (string),
    net_minor, tax_minor, total_minor, exponent (int64), fired_at, issued_on, due_on, approved_at,
    captured_at (UTC; NaT while not reached). ``since`` and ``until`` cut ``fired_at``.
    """
    statement = frame_rows.charges(_moment(since), _moment(until), customer, currency)
    return _frame(statement, _CHARGES)


def _frame(statement: Select[Any], columns: dict[str, str]) -> pd.DataFrame:
    import pandas as pd

    with db.read_only() as connection:
        rows = [tuple(row) for row in connection.execute(statement)]
    stored = [name for name in columns if name != "exponent"]
    frame = pd.DataFrame.from_records(rows, columns=stored)
    exponents = {code: money.exponent(code) for code in frame["currency"].unique()}
    frame["exponent"] = frame["currency"].map(exponents)
    typed: dict[str, pd.Series[Any]] = {}
    for name, kind in columns.items():
        column = frame[name]
        if kind == "time":
            typed[name] = pd.to_datetime(column, utc=True).dt.as_unit("us")
        elif kind == "int":
            typed[name] = column.astype("int64")
        else:
            typed[name] = column.astype("string")
    return pd.DataFrame(typed, columns=list(columns))


def _moment(bound: Bound) -> datetime | None:
    if bound is None:
        return None
    if isinstance(bound, str):
        bound = datetime.fromisoformat(bound)
    if not isinstance(bound, datetime):
        bound = datetime.combine(bound, time(0))
    return bound if bound.tzinfo else bound.replace(tzinfo=UTC)
