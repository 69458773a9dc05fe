"""From the frames of what is owed and asked for to what a chart draws: ageing, days, funnel, cash.

Frame in, frame out, as in ``metrics``, where these functions are found. Never mixes currencies.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from billing_core.reports import shapes

if TYPE_CHECKING:
    import pandas as pd

#: The buckets of receivables by days past the due date, in order: (name, last day of it).
BUCKETS: tuple[tuple[str, int | None], ...] = (
    ("not due", 0),
    ("1–30", 30),
    ("31–60", 60),
    ("61–90", 90),
    ("90+", None),
)
_STEPS = ("sent", "seen", "approved", "paid")
_MEDIAN, _P90 = 0.5, 0.9


def ageing(receivables: pd.DataFrame) -> pd.DataFrame:
    """One row per currency and bucket, empty ones included: currency, bucket, invoices (a count),
    amount_minor (totals with tax). Buckets: not due, 1–30, 31–60, 61–90 and 90+ days overdue.
    """
    import pandas as pd

    names = [bucket_of(int(late)) for late in receivables["days_overdue"]]
    put = receivables.assign(bucket=pd.Series(names, index=receivables.index, dtype="string"))
    grouped = put.groupby(["currency", "bucket"], observed=True)["total_minor"]
    sums, counts = grouped.sum(), grouped.size()
    rows = [
        (currency, name, int(counts.get((currency, name), 0)), int(sums.get((currency, name), 0)))
        for currency in sorted(receivables["currency"].unique())
        for name, _ in BUCKETS
    ]
    kinds = {"currency": "text", "bucket": "text", "invoices": "count", "amount_minor": "minor"}
    return shapes.tabled(rows, kinds)


def bucket_of(days_overdue: int) -> str:
    """The bucket of an invoice that is so many days past its due date (negative: before it)."""
    return next(name for name, last in BUCKETS if last is None or days_overdue <= last)


def days(approvals: pd.DataFrame, by: str = "") -> pd.DataFrame:
    """How long clients take: one row per measure, and per customer or project where ``by`` says so.

    Columns: those of ``by`` (customer_id and customer, …), measure (approve, pay), charges (how
    many reached it), median_days, p90_days (float64, days of 24 hours since the invoice was sent).
    """
    import pandas as pd

    keys = [f"{by}_id", by] if by else []
    kinds = {**dict.fromkeys([*keys, "measure"], "text"), "charges": "count"}
    rows: list[tuple[Any, ...]] = []
    for measure in ("approve", "pay"):
        column = f"days_to_{measure}"
        reached = approvals.dropna(subset=[column]).assign(measure=measure)
        grouped = reached.groupby([*keys, "measure"], observed=True)[column]
        told = [grouped.size(), grouped.quantile(_MEDIAN), grouped.quantile(_P90)]
        rows += pd.concat(told, axis=1).reset_index().itertuples(index=False, name=None)
    return shapes.tabled(rows, {**kinds, "median_days": "days", "p90_days": "days"})


def median_days(approvals: pd.DataFrame, measure: str) -> float | None:
    """The median days to approve or to pay; None where nobody did."""
    reached = approvals[f"days_to_{measure}"].dropna()
    return float(reached.quantile(_MEDIAN)) if len(reached) else None


def funnel(approvals: pd.DataFrame) -> pd.DataFrame:
    """How far invoices came: four rows per currency, sent → seen → approved → paid.

    Columns: currency, step, charges (a count), amount_minor, share (float64, of those sent). Who
    came further passed the steps before: a transfer that was never approved online counts as seen
    and approved.
    """

    paid = approvals["paid_at"].notna()
    approved = approvals["approved_at"].notna() | paid
    seen = approvals["seen_at"].notna() | approved
    reached = {"sent": seen | True, "seen": seen, "approved": approved, "paid": paid}
    rows = []
    for currency in sorted(approvals["currency"].unique()):
        mine = approvals["currency"] == currency
        sent = int(mine.sum())
        for step in _STEPS:
            there = approvals[mine & reached[step]]
            amount = int(there["total_minor"].sum())
            rows.append((currency, step, len(there), amount, len(there) / sent))
    kinds = {"currency": "text", "step": "text", "charges": "count", "amount_minor": "minor"}
    return shapes.tabled(rows, {**kinds, "share": "days"})


def cash_expected(receivables: pd.DataFrame, milestones: pd.DataFrame, today: date) -> pd.DataFrame:
    """What should come in, month by month: one row per currency, month and certainty.

    Columns: currency, month (``2026-03``), certainty, charges (a count), amount_minor. Certainty is
    overdue (owed, past due), invoiced (owed, by its due date) or planned (a milestone not billed
    yet, by its due date; its line amount, tax on top left out). What is past counts for the month
    of ``today``; milestones without a due date are left out.
    """
    import pandas as pd

    owed = receivables.assign(
        on=receivables["due_on"].dt.date,
        certainty=receivables["overdue"].map({True: "overdue", False: "invoiced"}),
        amount_minor=receivables["total_minor"],
    )
    ahead = milestones["charge_id"].isna() & (milestones["state"] != "dropped")
    planned = milestones[ahead & milestones["due_on"].notna()]
    planned = planned.assign(
        on=planned["due_on"].dt.date, certainty="planned", amount_minor=planned["planned_minor"]
    )
    names = ["currency", "on", "certainty", "amount_minor"]
    both = pd.concat([owed[names], planned[names]], ignore_index=True)
    months = [f"{max(on, today):%Y-%m}" for on in both["on"]]
    both = both.assign(month=pd.Series(months, index=both.index, dtype="string"))
    grouped = both.groupby(["currency", "month", "certainty"], observed=True)["amount_minor"]
    rows = [(*key, len(part), int(part.sum())) for key, part in grouped]
    kinds = {"currency": "text", "month": "text", "certainty": "text", "charges": "count"}
    return shapes.tabled(rows, {**kinds, "amount_minor": "minor"})
