"""The parts of Receivables: what is owed and how late, how clients answer, what should come in.

Sums come from ``reports.metrics``; here they are only put into words and pictures.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.reports import metrics, metrics_owed, pivots
from billing_core.reports.pivots import Pivot
from console import charts, money_charts, money_parts, owed_charts, places, widgets, wording
from console.money_charts import Bar

if TYPE_CHECKING:
    import pandas as pd

SHOWN = 50
MONTHS = 24
_SLOWEST = 6
_OWED = Pivot(rows=(), measure="total_minor")
_EXPECTED = Pivot(rows=("month",), measure="amount_minor")
_IN_ALL = Pivot(rows=(), measure="amount_minor")
_STEPS = {"sent": "Sent", "seen": "Opened", "approved": "Approved", "paid": "Paid"}


def cards(owed: pd.DataFrame, approvals: pd.DataFrame, currency: str) -> None:
    """What is owed, what of it is late, and how long clients take; one currency."""
    late = owed[owed["overdue"]]
    with st.grid(4, min_column_width=150, key="money-cards"):
        for words, rows, colour in (("Owed", owed, "gray"), ("Late", late, "orange")):
            st.metric(
                f"{words}, {currency}",
                wording.label(spoken.money(total(rows), currency)),
                _invoices(len(rows)),
                delta_color=colour,  # type: ignore[arg-type]
                delta_arrow="off",
                border=True,
                height="stretch",
            )
        told = {str(r["measure"]): r for r in metrics.days(approvals).to_dict("records")}
        for measure, words in (("approve", "Days to approve"), ("pay", "Days to pay")):
            row = told.get(measure)
            st.metric(
                f"{words}, median",
                f"{row['median_days']:.1f}" if row else "–",
                f"90% within {row['p90_days']:.1f}" if row else "none yet",
                delta_color="gray",
                delta_arrow="off",
                border=True,
                height="stretch",
            )


def total(owed: pd.DataFrame) -> int:
    """What the rows of one currency come to."""
    rows = pivots.pivot(owed, _OWED).to_dict("records")
    return int(rows[0]["total_minor"]) if rows else 0


def ageing(owed: pd.DataFrame, today: date, currency: str, chosen: str, picked: Any) -> None:
    """Lying bars by days past the due date; later is stronger."""
    colours = charts.tokens()["ages"].split()
    rows = metrics.ageing(owed).to_dict("records")
    bars = [
        Bar(
            str(r["bucket"]),
            bucket_words(str(r["bucket"])),
            colour,
            int(r["amount_minor"]),
            _invoices(int(r["invoices"])) if r["invoices"] else "",
        )
        for r, colour in zip(rows, colours, strict=True)
    ]
    sentence = _ageing_finding(owed, bars[-1], currency)
    figure = money_charts.by_name(bars, currency, chosen=chosen)
    charts.finding(
        figure, sentence, f"Receivables by days past due, {spoken.day(today)}, {currency}"
    )
    key = f"ageing-{currency}-{chosen}"
    charts.show(figure, sentence, key=key, height=16 + 44 * len(bars), picked=picked)


def bucket_words(bucket: str) -> str:
    """A bucket of ``metrics.ageing`` as people read it."""
    return {"not due": "Not due", "90+": "Over 90 days"}.get(bucket, f"{bucket} days")


def in_bucket(owed: pd.DataFrame, bucket: str) -> pd.DataFrame:
    """The rows of one bucket, or all; the longest overdue first."""
    if bucket:
        found = [metrics_owed.bucket_of(int(late)) == bucket for late in owed["days_overdue"]]
        owed = owed[found]
    return owed.sort_values("days_overdue", ascending=False, kind="stable")


def funnel(approvals: pd.DataFrame, currency: str) -> None:
    """How far the invoices sent in the chosen time came."""
    t = charts.tokens()
    colours = {"sent": t["edge"], "seen": t["edge"], "approved": t["approved"], "paid": t["paid"]}
    rows = metrics.funnel(approvals).to_dict("records")
    bars = [
        Bar(
            str(r["step"]),
            _STEPS[str(r["step"])],
            colours[str(r["step"])],
            int(r["amount_minor"]),
            f"{r['charges']} · {r['share']:.0%}",
        )
        for r in rows
    ]
    sent, paid = rows[0]["charges"], rows[-1]["charges"]
    sentence = f"{paid:,} of {sent:,} invoices are paid" if sent != 1 else _one(paid)
    figure = money_charts.by_name(bars, currency)
    charts.finding(figure, sentence, f"Sent, opened, approved, paid: sums with tax, {currency}")
    charts.show(figure, sentence, key=f"funnel-{currency}", height=16 + 44 * len(bars))


def slowest(approvals: pd.DataFrame, currency: str) -> None:
    """The customers that take longest to pay, by their median."""
    told = metrics.days(approvals, by="customer")
    told = told[told["measure"] == "pay"].sort_values("median_days", ascending=False)
    rows = [
        (str(r["customer"]), float(r["median_days"]), float(r["p90_days"]), int(r["charges"]))
        for r in told.head(_SLOWEST).to_dict("records")
    ]
    if not rows:
        widgets.empty("Nobody has paid an invoice of this time yet.")
        return
    sentence = f"{rows[0][0]} takes longest to pay: {rows[0][1]:.0f} days"
    if len(rows) == 1:
        sentence = f"{rows[0][0]} takes {rows[0][1]:.0f} days to pay"
    figure = owed_charts.days(rows)
    what = f"Days from sending to payment, median and p90 by customer, {currency}"
    charts.finding(figure, sentence, what)
    charts.show(figure, sentence, key=f"slowest-{currency}", height=16 + 44 * len(rows))


def expected(
    owed: pd.DataFrame, milestones: pd.DataFrame, today: date, delay: int, currency: str
) -> None:
    """What should come in by month, all of it ``delay`` days later than due."""
    due = metrics.cash_expected(owed, milestones, today)
    moved = [_later(frame, today, delay) for frame in (owed, milestones)]
    told = metrics.cash_expected(moved[0], moved[1], today) if delay else due
    if told.empty:
        widgets.empty(
            "Nothing is expected: no invoice is open, and no planned milestone has a due date."
        )
        return
    months = _months(told, today)
    sums = {
        certainty: _by_month(told[told["certainty"] == certainty], months)
        for certainty in owed_charts.CERTAINTIES
        if certainty in set(told["certainty"])
    }
    figure = owed_charts.expected(months, sums, _by_month(due, months) if delay else None, currency)
    sentence = _expected_finding(told, months[0], delay, currency)
    beyond = (
        ""
        if told["month"].max() <= months[-1]
        else f", up to {owed_charts.month_words(months[-1])}"
    )
    what = f"Cash expected by month from invoices and plan, {currency}{beyond}"
    charts.finding(figure, sentence, what)
    charts.show(figure, sentence, key=f"expected-{currency}", names=_names(list(sums), delay))


def left_out(milestones: pd.DataFrame) -> str:
    """What no month can be told for, in a sentence."""
    ahead = milestones["charge_id"].isna() & (milestones["state"] != "dropped")
    count = int((ahead & milestones["due_on"].isna()).sum())
    if not count:
        return ""
    if count == 1:
        return " 1 planned milestone has no due date and is left out."
    return f" {count:,} planned milestones have no due date and are left out."


def rows(owed: pd.DataFrame) -> None:
    """The invoices themselves; each leads to its charge."""
    with widgets.rows("owed"):
        for row in owed.head(SHOWN).to_dict("records"):
            with widgets.row(str(row["charge_id"])) as cells:
                late = bool(row["overdue"])
                cells.badge(wording.charge_badge(str(row["state"]), overdue=late))
                cells.name(str(row["customer"]))
                cells.side(str(row["invoice_number"]), 124)
                cells.text(_lateness(int(row["days_overdue"])))
                cells.side(widgets.day(row["due_on"].date()), 130)
                cells.amount(spoken.money(int(row["total_minor"]), str(row["currency"])), 116)
                cells.action("Open", places.turn, "charges", charge=str(row["charge_id"]))


def _later(frame: pd.DataFrame, today: date, delay: int) -> pd.DataFrame:
    # what is late already cannot have come yesterday: its delay begins today
    floor = datetime.combine(today, time(0), tzinfo=UTC)
    due: Any = frame["due_on"]
    return frame.assign(due_on=due.mask(due < floor, floor) + timedelta(days=delay))


def _months(told: pd.DataFrame, today: date) -> list[str]:
    last = date.fromisoformat(f"{told['month'].max()}-01")
    return money_parts.months_between(today, max(last, today))[:MONTHS]


def _by_month(told: pd.DataFrame, months: list[str]) -> list[int]:
    sums = pivots.pivot(told, _EXPECTED).set_index("month")["amount_minor"]
    return [int(sums.get(month, 0)) for month in months]


def _expected_finding(told: pd.DataFrame, month: str, delay: int, currency: str) -> str:
    whole = int(pivots.pivot(told, _IN_ALL)["amount_minor"].iloc[0])
    amount, now = (spoken.money(minor, currency) for minor in (whole, _by_month(told, [month])[0]))
    if delay:
        return (
            f"Paid {delay} days late, {now} of {amount} comes in {owed_charts.month_words(month)}"
        )
    return f"{amount} is expected, {now} of it in {owed_charts.month_words(month)}"


def _names(certainties: list[str], delay: int) -> list[tuple[str, str]]:
    colours = owed_charts.colours()
    names = [(colours[each], owed_charts.CERTAINTIES[each]) for each in reversed(certainties)]
    return [*names, (charts.tokens()["ink"], owed_charts.AS_DUE)] if delay else names


def _ageing_finding(owed: pd.DataFrame, oldest: Bar, currency: str) -> str:
    late = total(owed[owed["overdue"]])
    if not late:
        return "Nothing is late"
    sentence = f"{spoken.money(late, currency)} is late"
    if oldest.minor == late:
        return f"{sentence}, all of it by more than 90 days"
    if oldest.minor:
        old = spoken.money(oldest.minor, currency)
        return f"{sentence}, {old} of it by more than 90 days"
    return f"{sentence}, none of it by more than 90 days"


def _lateness(days: int) -> str:
    if days > 0:
        return "1 day late" if days == 1 else f"{days:,} days late"
    if days == 0:
        return "Due today"
    return "Due tomorrow" if days == -1 else f"Due in {-days:,} days"


def _invoices(count: int) -> str:
    return "1 invoice" if count == 1 else f"{count:,} invoices"


def _one(paid: int) -> str:
    return "The invoice is paid" if paid else "The invoice is not paid yet"
