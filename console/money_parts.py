"""The money screens' parts: cards per currency, charts with a finding, the table that is exported.

Sums come from ``reports.metrics``; here they are only put into words and pictures.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from billing_core import clock
from billing_core.documents import wording as spoken
from billing_core.reports import lists, metrics
from console import cache, charts, wording

if TYPE_CHECKING:
    import pandas as pd

_MONTHS_SHOWN = 6
_BARS_SHOWN = 8


def cards(frame: pd.DataFrame) -> None:
    """Gross, fees, tax and net; one row of cards per currency, never mixed."""
    for row in metrics.totals(frame).to_dict("records"):
        currency = str(row["currency"])
        values = {
            "Gross": row["gross_minor"],
            "Tax in it": row["tax_minor"],
            "Fees": row["fee_minor"],
            "Net": row["net_minor"],
        }
        with st.grid(4, min_column_width=200):
            for name, minor in values.items():
                shown = spoken.money(int(minor), currency)
                st.metric(f"{name}, {currency}", wording.label(shown), border=True)


def month_cards(frame: pd.DataFrame, zone: str) -> None:
    """What came in this month, against the month before; one card per currency."""
    months = _last_months(clock.today(zone), _MONTHS_SHOWN)
    for currency, sums in _by_month(frame, zone).items():
        series = [sums.get(month, 0) for month in months]
        now, before = series[-1], series[-2]
        word, colour, arrow = _against(now, before, currency, months[-2])
        st.metric(
            f"Collected in {_month_name(months[-1])}, {currency}",
            wording.label(spoken.money(now, currency)),
            wording.label(word),
            delta_color=colour,
            delta_arrow=arrow,
            border=True,
            height="stretch",
            chart_data=series if sum(total > 0 for total in series) > 1 else None,
            chart_type="area",
        )


def owed_cards() -> None:
    """What clients have not paid yet, and what of it is late; one card per currency."""
    today = clock.today(cache.company().reporting_zone)
    for words, late_only, colour in (
        ("Waiting for clients", False, "orange"),
        ("Late", True, "red"),
    ):
        for currency, (minor, count) in _owed(today, late_only=late_only).items():
            st.metric(
                f"{words}, {currency}",
                wording.label(spoken.money(minor, currency)),
                f"{count} invoice" if count == 1 else f"{count} invoices",
                delta_color=colour,  # type: ignore[arg-type]
                delta_arrow="off",
                border=True,
                height="stretch",
            )


def by_month(frame: pd.DataFrame, zone: str, currency: str) -> None:
    """Columns by month, stacked by item."""
    rows = metrics.by_month(frame, zone).to_dict("records")
    found = sorted({str(row["month"]) for row in rows})
    months = _last_months(date.fromisoformat(f"{found[-1]}-01"), max(_span(found), 3))
    series = []
    for item_id, name in _items(rows):
        mine = {str(r["month"]): int(r["gross_minor"]) for r in rows if r["item_id"] == item_id}
        series.append((_colour(item_id), name, [mine.get(month, 0) for month in months]))
    totals = [sum(column) for column in zip(*(s[2] for s in series), strict=True)]
    figure = charts.by_month([_month_short(m, months) for m in months], series, currency)
    sentence = _month_finding(months, totals, currency)
    charts.finding(figure, sentence, f"Gross revenue by month and item, {currency}, cash basis")
    charts.show(figure, sentence, key=f"by-month-{currency}")


def by_item(frame: pd.DataFrame, currency: str) -> None:
    """Lying bars by item, largest first."""
    rows = metrics.by_item(frame).to_dict("records")
    bars = [(_colour(str(r["item_id"])), str(r["item"]), int(r["gross_minor"])) for r in rows]
    _bars(bars, currency, "item", key=f"by-item-{currency}")


def by_customer(frame: pd.DataFrame, currency: str) -> None:
    """Lying bars by customer, largest first."""
    rows = metrics.by_customer(frame).to_dict("records")
    accent = charts.tokens()["accent"]
    bars = [(accent, str(r["customer"]), int(r["gross_minor"])) for r in rows]
    _bars(bars, currency, "customer", key=f"by-customer-{currency}")


def table(frame: pd.DataFrame, zone: str) -> None:
    """The rows themselves, amounts as people read them; the export has the same rows."""
    rows = [_table_row(row, zone) for row in frame.iloc[::-1].to_dict("records")]
    right = {
        name: st.column_config.TextColumn(alignment="right")
        for name in ("Gross", "Tax", "Fee", "Net")
    }
    st.dataframe(rows, hide_index=True, column_config=right, key="revenue-table")


def _table_row(row: dict[Any, Any], zone: str) -> dict[str, str]:
    currency = str(row["currency"])
    sums = {
        words: spoken.money(int(row[name]), currency)
        for words, name in (
            ("Gross", "gross_minor"),
            ("Tax", "tax_minor"),
            ("Fee", "fee_minor"),
            ("Net", "net_minor"),
        )
    }
    return {
        "Booked": spoken.moment(row["booked_at"].to_pydatetime(), zone),
        "Invoice": str(row["invoice_number"]),
        "Customer": str(row["customer"]),
        "Item": str(row["item"]),
        "How": str(row["method"]).replace("_", " "),
        **sums,
    }


def _owed(today: date, *, late_only: bool) -> dict[str, tuple[int, int]]:
    found: dict[str, tuple[int, int]] = {}
    for row in lists.charges(states=("pending_client", "changes_requested", "approved")):
        if late_only and not lists.is_overdue(row.charge, today):
            continue
        minor, count = found.get(row.charge.currency, (0, 0))
        found[row.charge.currency] = (minor + row.charge.total_minor, count + 1)
    return found


def _bars(bars: list[tuple[str, str, int]], currency: str, what: str, *, key: str) -> None:
    total = sum(minor for _, _, minor in bars)
    shown = bars[:_BARS_SHOWN]
    if rest := sum(minor for _, _, minor in bars[_BARS_SHOWN:]):
        shown.append((charts.tokens()["edge"], "Other", rest))
    name, most = bars[0][1], bars[0][2]
    share = f"{most * 100 // total}%" if total > 0 else "most"
    sentence = f"All of it is {name}" if len(bars) == 1 else f"{name} brings {share} of it"
    figure = charts.by_name(shown, currency)
    charts.finding(figure, sentence, f"Gross revenue by {what}, {currency}, cash basis")
    charts.show(figure, sentence, key=key, height=120 + 44 * len(shown))


def _month_finding(months: list[str], totals: list[int], currency: str) -> str:
    with_money = [total for total in totals if total > 0]
    last, name = totals[-1], _month_name(months[-1])
    if len(with_money) < 2:
        return f"{spoken.money(sum(totals), currency)} came in so far"
    if last == max(totals) and totals.count(last) == 1:
        return f"{name} is the best month so far"
    if max(with_money) - min(with_money) <= max(with_money) // 10:
        return "No month differs much"
    best = months[totals.index(max(totals))]
    return f"{_month_name(best)} was the best month, with {spoken.money(max(totals), currency)}"


def _against(now: int, before: int, currency: str, month: str) -> tuple[str, Any, Any]:
    if before == 0:
        return f"nothing in {_month_name(month)}", "off", "off"
    gap = spoken.money(abs(now - before), currency)
    if now == before:
        return f"as in {_month_name(month)}", "off", "off"
    arrow = "up" if now > before else "down"
    return f"{gap} on {_month_name(month)}", "green" if now > before else "gray", arrow


def _by_month(frame: pd.DataFrame, zone: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in metrics.by_month(frame, zone).to_dict("records"):
        sums = found.setdefault(str(row["currency"]), {})
        month = str(row["month"])
        sums[month] = sums.get(month, 0) + int(row["gross_minor"])
    return found


def _items(rows: list[dict[Any, Any]]) -> list[tuple[str, str]]:
    return sorted({str(row["item_id"]): str(row["item"]) for row in rows}.items())


def _colour(item_id: str) -> str:
    made = sorted(item.id for item in lists.items())
    return charts.colour_of(made.index(item_id) if item_id in made else len(made))


def _last_months(today: date, count: int) -> list[str]:
    last = today.year * 12 + today.month - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(last - count + 1, last + 1)]


def _span(months: list[str]) -> int:
    first, last = (date.fromisoformat(f"{m}-01") for m in (months[0], months[-1]))
    return (last.year - first.year) * 12 + last.month - first.month + 1


def _month_name(month: str) -> str:
    return date.fromisoformat(f"{month}-01").strftime("%B")


def _month_short(month: str, months: list[str]) -> str:
    on = date.fromisoformat(f"{month}-01")
    several_years = months[0][:4] != months[-1][:4]
    return on.strftime("%b %Y") if several_years else on.strftime("%b")
