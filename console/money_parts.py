"""What the money screens share: the columns by month, their words, a choice of currency.

Sums come from ``reports.metrics``; here they are only put into words and pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

import streamlit as st

from billing_core import clock
from billing_core.documents import wording as spoken
from billing_core.reports import metrics
from console import cache, charts, kinds, money_charts, places
from console.money_charts import Series

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_LEAST_MONTHS = 3


def choose_currency(currencies: list[str]) -> str:
    """One currency at a time is drawn; nothing is ever converted."""
    preferred = cache.company().reporting_currency
    first = preferred if preferred in currencies else currencies[0]
    if len(currencies) == 1:
        return first
    chosen = st.segmented_control(
        "Currency",
        currencies,
        default=first,
        required=True,
        key="currency",
        label_visibility="collapsed",
        bind="query-params",
    )
    return chosen or first


def filter_chip(words: str, *names: str) -> None:
    """What rows are cut to, and the button that takes ``names`` off the address."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="chip"):
        with st.container(width="content"):
            st.text(f"Only {words}")
        st.button(
            "Take the filter off",
            key="filter-off",
            type="tertiary",
            icon=":material/close:",
            on_click=places.say,
            kwargs=dict.fromkeys(names, ""),
        )


def by_month(
    frame: pd.DataFrame,
    zone: str,
    currency: str,
    *,
    by: str = "item",
    months: list[str] | None = None,
    chosen: tuple[str, str] = ("", ""),
    picked: Any = None,
) -> None:
    """Columns by month of the rows of one currency, stacked by what ``by`` names."""
    shown = tuple(months or cache.worked_out(_months_of, frame, zone))
    figure, sentence, names = cache.drawn(_month_figure, frame, zone, currency, by, shown, chosen)
    key = f"by-month-{currency}-{'-'.join(chosen)}"
    charts.show(figure, sentence, key=key, names=names, picked=picked)


def _month_figure(
    frame: pd.DataFrame,
    zone: str,
    currency: str,
    by: str,
    shown: tuple[str, ...],
    chosen: tuple[str, str],
) -> tuple[go.Figure, str, list[tuple[str, str]]]:
    named, found = kinds.cut(frame, by)
    ids = kinds.columns(by)[0]
    rows = metrics.by_month(named, zone, by).to_dict("records")
    series = [Series(k.key, k.name, k.colour, _amounts(rows, ids, k.key, shown)) for k in found]
    sums = _sums_by_month(frame, zone).get(currency, {})
    totals = [sums.get(month, 0) for month in shown]
    figure = money_charts.by_month(shown, series, totals, currency, chosen=chosen)
    sentence = month_finding(shown, totals, currency)
    charts.finding(figure, sentence, f"Gross revenue by month and {by}, {currency}, cash basis")
    return figure, sentence, [(k.colour, k.name) for k in reversed(found)]


def of_currency(frame: pd.DataFrame, currency: str) -> pd.DataFrame:
    """The rows of one currency."""
    return cache.worked_out(_of_currency, frame, currency)


def _of_currency(frame: pd.DataFrame, currency: str) -> pd.DataFrame:
    return frame[frame["currency"] == currency]


def month_finding(months: Sequence[str], totals: list[int], currency: str) -> str:
    """What the columns show, in one sentence."""
    with_money = [total for total in totals if total > 0]
    most = max(totals, default=0)
    if len(with_money) < 2:
        return f"{spoken.money(sum(totals), currency)} came in so far"
    if max(with_money) - min(with_money) <= max(with_money) // 10:
        return "No month differs much"
    best = months[totals.index(most)]
    year = f" {best[:4]}" if months[0][:4] != months[-1][:4] else ""
    amount = spoken.money(most, currency)
    if totals[-1] == most and totals.count(most) == 1:
        return f"{month_name(best)}{year} is the best month so far: {amount}"
    return f"{month_name(best)}{year} brought the most: {amount}"


def last_months(today: date, count: int) -> list[str]:
    """The last ``count`` months up to the one of ``today``, as ``2026-03``."""
    last = today.year * 12 + today.month - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(last - count + 1, last + 1)]


def months_between(first: date, last: date) -> list[str]:
    """The months from that of ``first`` to that of ``last``, both included."""
    return last_months(last, (last.year - first.year) * 12 + last.month - first.month + 1)


def month_name(month: str) -> str:
    """``March`` from ``2026-03``."""
    return date.fromisoformat(f"{month}-01").strftime("%B")


def _months_of(frame: pd.DataFrame, zone: str) -> list[str]:
    booked, here = frame["booked_at"], clock.zone(zone)
    first, last = (moment.astimezone(here).date() for moment in (booked.min(), booked.max()))
    return last_months(last, max(_LEAST_MONTHS, len(months_between(first, last))))


def _amounts(rows: list[dict[Any, Any]], ids: str, key: str, months: Sequence[str]) -> list[int]:
    mine = {str(row["month"]): int(row["gross_minor"]) for row in rows if str(row[ids]) == key}
    return [mine.get(month, 0) for month in months]


def against(now: int, before: int, currency: str, month: str) -> tuple[str, Any, Any]:
    """What a month says against the one before (``month``): words, colour, arrow of a card."""
    if before == 0:
        return f"nothing in {month_name(month)}", "off", "off"
    gap = spoken.money(abs(now - before), currency)
    if now == before:
        return f"as in {month_name(month)}", "off", "off"
    arrow = "up" if now > before else "down"
    return f"{gap} on {month_name(month)}", "green" if now > before else "gray", arrow


def _sums_by_month(frame: pd.DataFrame, zone: str) -> dict[str, dict[str, int]]:
    found: dict[str, dict[str, int]] = {}
    for row in metrics.by_month(frame, zone, by="").to_dict("records"):
        found.setdefault(str(row["currency"]), {})[str(row["month"])] = int(row["gross_minor"])
    return found
