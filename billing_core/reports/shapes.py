"""The columns of the public frames and what each is, and rows made into a frame of that shape.

The docstrings in ``frames`` tell the same for people; a test keeps the two equal.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from billing_core.rules import money

if TYPE_CHECKING:
    import pandas as pd

#: What a kind of column is in pandas. Days are their midnight in UTC; NaT, NA and NaN are "none".
DTYPES = {
    "text": "string",
    "minor": "int64",
    "count": "int64",
    "days": "float64",
    "flag": "bool",
    "time": "datetime64[us, UTC]",
    "day": "datetime64[us, UTC]",
}
_NAMES = {"customer_id": "text", "customer": "text"}
_ITEM = {"item_id": "text", "item": "text"}
_PROJECT = {"project_id": "text", "project": "text"}
_CHARGE = {"charge_id": "text", "invoice_number": "text"}
_UNIT = {"currency": "text", "exponent": "count"}
_STATED = {**_CHARGE, "state": "text", **_NAMES, **_ITEM, **_PROJECT}
_SUMS = {"net_minor": "minor", "tax_minor": "minor", "total_minor": "minor"}

REVENUE = {
    "revenue_id": "text",
    **_CHARGE,
    **_NAMES,
    **_ITEM,
    **_PROJECT,
    "kind": "text",
    "source": "text",
    "gross_minor": "minor",
    "tax_minor": "minor",
    "fee_minor": "minor",
    "net_minor": "minor",
    **_UNIT,
    "method": "text",
    "gateway": "text",
    "reference": "text",
    "booked_at": "time",
    "recorded_at": "time",
}
CHARGES = {
    **_STATED,
    "milestone_id": "text",
    "description": "text",
    "po_number": "text",
    **_SUMS,
    **_UNIT,
    "capture_mode": "text",
    "origin": "text",
    "fired_at": "time",
    "issued_on": "day",
    "due_on": "day",
    "approved_at": "time",
    "captured_at": "time",
}
RECEIVABLES = {
    **_STATED,
    "description": "text",
    **_SUMS,
    **_UNIT,
    "fired_at": "time",
    "issued_on": "day",
    "due_on": "day",
    "approved_at": "time",
    "days_overdue": "count",
    "overdue": "flag",
}
MILESTONES = {
    "milestone_id": "text",
    **_PROJECT,
    "project_number": "text",
    **_NAMES,
    "position": "count",
    "title": "text",
    "state": "text",
    "shown_state": "text",
    "planned_minor": "minor",
    "billed_minor": "minor",
    **_UNIT,
    **_CHARGE,
    "due_on": "day",
    "delivered_on": "day",
    "billed_at": "time",
    "approved_at": "time",
    "paid_at": "time",
}
APPROVALS = {
    **_STATED,
    "milestone_id": "text",
    "total_minor": "minor",
    **_UNIT,
    "sent_at": "time",
    "seen_at": "time",
    "approved_at": "time",
    "paid_at": "time",
    "source": "text",
    "change_requests": "count",
    "reminders": "count",
    "days_to_approve": "days",
    "days_to_pay": "days",
}
DISPUTES = {
    "dispute_id": "text",
    **_CHARGE,
    **_NAMES,
    "kind": "text",
    "state": "text",
    "reason": "text",
    "amount_minor": "minor",
    "fee_minor": "minor",
    **_UNIT,
    "gateway": "text",
    "reference": "text",
    "opened_at": "time",
    "respond_by": "time",
    "closed_at": "time",
}
LEDGER = {
    "posting_id": "text",
    "set_id": "text",
    "event": "text",
    "account": "text",
    "amount_minor": "minor",
    **_UNIT,
    **_CHARGE,
    **_NAMES,
    "booked_at": "time",
    "recorded_at": "time",
}

#: Every public frame by its name.
SHAPES = {
    "revenue": REVENUE,
    "charges": CHARGES,
    "receivables": RECEIVABLES,
    "milestones": MILESTONES,
    "approvals": APPROVALS,
    "disputes": DISPUTES,
    "ledger": LEDGER,
}


def shaped(
    rows: Sequence[tuple[Any, ...]], names: Sequence[str], shape: dict[str, str]
) -> pd.DataFrame:
    """Rows whose cells are ``names`` as a frame of ``shape``; ``exponent`` follows the currency.

    Columns of the shape that the rows do not have come out empty, for the caller to fill.
    """
    import pandas as pd

    frame = pd.DataFrame.from_records(list(rows), columns=list(names))
    if "exponent" in shape:
        exponents = {code: money.exponent(code) for code in frame["currency"].unique()}
        frame["exponent"] = frame["currency"].map(exponents)
    present = {name: kind for name, kind in shape.items() if name in frame.columns}
    return pd.DataFrame({name: _typed(frame[name], kind) for name, kind in present.items()})


def tabled(rows: Sequence[tuple[Any, ...]], kinds: dict[str, str]) -> pd.DataFrame:
    """Rows as a small table of columns ``kinds``; ``date`` holds dates, ``maybe`` amounts or NA."""
    import pandas as pd

    table = pd.DataFrame.from_records(list(rows), columns=list(kinds))
    dtypes = DTYPES | {"date": "object", "maybe": "Int64"}
    return table.astype({name: dtypes[kind] for name, kind in kinds.items()})


def in_order(frame: pd.DataFrame, shape: dict[str, str]) -> pd.DataFrame:
    """The frame with exactly the columns of ``shape``, in its order and its dtypes."""
    return frame.astype({
        name: DTYPES[kind] for name, kind in shape.items() if kind in ("count", "days", "flag")
    })[list(shape)]  # fmt: skip


def _typed(column: pd.Series[Any], kind: str) -> pd.Series[Any]:
    import pandas as pd

    if kind in ("time", "day"):
        return pd.to_datetime(column, utc=True).dt.as_unit("us")
    return column.astype(DTYPES[kind])  # type: ignore[call-overload, no-any-return]
