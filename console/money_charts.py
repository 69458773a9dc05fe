"""The charts of collected money: by month, by name, this year beside the last, gross to net.

Figures are made from the rows of ``reports.metrics``; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import plotly.graph_objects as go

from console import charts
from console.charts import compact, major, safe, shortened, tokens, told

_ALL_LABELLED, _TWO_APART = 7, 14
_FADED = 0.35


@dataclass(frozen=True, slots=True)
class Series:
    """One colour of a stack: its key in the address, its name, minor units per month."""

    key: str
    name: str
    colour: str
    amounts: Sequence[int]


@dataclass(frozen=True, slots=True)
class Bar:
    """One lying bar: its key in the address, its name, minor units; ``beside`` follows the sum."""

    key: str
    name: str
    colour: str
    minor: int
    beside: str = ""


def by_month(
    months: Sequence[str],
    series: Sequence[Series],
    totals: Sequence[int],
    currency: str,
    *,
    chosen: tuple[str, str] = ("", ""),
) -> go.Figure:
    """Stacked columns over ``months`` (``2026-03``); ``chosen`` is a month and a key, or empty."""
    figure = go.Figure()
    for each in series:
        words = [
            _hover(each.name, m, a, currency) for m, a in zip(months, each.amounts, strict=True)
        ]
        figure.add_bar(
            x=list(months),
            y=[major(minor, currency) for minor in each.amounts],
            name=safe(each.name),
            marker={"color": [_shade(each, month, chosen) for month in months]},
            customdata=[f"{month}|{each.key}" for month in months],
            hovertext=words,
            hovertemplate="%{hovertext}<extra></extra>",
        )
    _totals(figure, months, totals, currency)
    figure.update_layout(barmode="relative", showlegend=False)
    figure.update_xaxes(type="category", **month_ticks(months))
    figure.update_yaxes(**charts.money_axis(max(totals, key=abs, default=0), currency))
    return figure


def month_ticks(months: Sequence[str]) -> dict[str, Any]:
    """Names below the columns, the year below the first and each January; some where many."""
    step = 1 if len(months) <= _ALL_LABELLED else 2 if len(months) <= _TWO_APART else 3
    step = max(step, -(-len(months) // 12) // 3 * 3)
    shown = [m for m in months if (int(m[5:]) - 1) % step == 0] or list(months[:1])
    names = [
        f"{_day(m):%b}<br>{m[:4]}" if m == shown[0] or m.endswith("-01") else f"{_day(m):%b}"
        for m in shown
    ]
    return {"tickvals": shown, "ticktext": names, "tickangle": 0}


def by_name(rows: Sequence[Bar], currency: str, *, chosen: str = "") -> go.Figure:
    """Lying bars, as ordered, the sum beside each."""
    figure = go.Figure()
    t = tokens()
    figure.add_bar(
        x=[major(row.minor, currency) for row in rows],
        y=list(range(len(rows))),
        orientation="h",
        marker={
            "color": [
                row.colour if chosen in ("", row.key) else _faded(row.colour) for row in rows
            ],
            "line": {"width": 1, "color": t["edge"]},
        },
        text=[_beside(row, currency, t) for row in rows],
        textposition="outside",
        textfont={"color": t["ink"], "size": 14},
        cliponaxis=False,
        customdata=[f"|{row.key}" for row in rows],
        hovertext=[f"{safe(r.name)}: {safe(told(r.minor, currency))}" for r in rows],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    longest = max((len(row.beside) for row in rows), default=0)
    charts.lying(figure, [shortened(row.name, 22) for row in rows], right=96 + 7 * longest)
    return figure


def waterfall(steps: Sequence[tuple[str, int]], currency: str) -> go.Figure:
    """From gross to what stays: ``steps`` are (name, minor units), first and last the totals."""
    t, figure = tokens(), go.Figure()
    ends = ["absolute", *["relative"] * (len(steps) - 2), "total"]
    figure.add_waterfall(
        x=[major(minor, currency) for _, minor in steps],
        y=list(range(len(steps))),
        orientation="h",
        measure=ends,
        text=[safe(told(minor, currency)) for _, minor in steps],
        textposition="outside",
        textfont={"color": t["ink"], "size": 14},
        cliponaxis=False,
        hovertext=[f"{n}: {safe(told(minor, currency))}" for n, minor in steps],
        hovertemplate="%{hovertext}<extra></extra>",
        connector={"line": {"color": t["rule"], "width": 1}},
        totals={"marker": {"color": charts.OKABE_ITO[0]}},
        decreasing={"marker": {"color": t["edge"]}},
        increasing={"marker": {"color": charts.OKABE_ITO[0]}},
    )
    charts.lying(figure, [name for name, _ in steps], right=100)
    return figure


def cumulative(
    rows: Sequence[tuple[date, int | None, int]], currency: str, years: tuple[str, str]
) -> go.Figure:
    """Two lines from January on: ``rows`` are (day, this year so far or None, last year)."""
    t, figure = tokens(), go.Figure()
    days = [on for on, _, _ in rows]
    this = [None if now is None else major(now, currency) for _, now, _ in rows]
    then = [major(minor, currency) for _, _, minor in rows]
    for name, values, sums, line in (
        (years[1], then, [last for _, _, last in rows], {"color": t["edge"], "width": 2}),
        (years[0], this, [now for _, now, _ in rows], {"color": t["accent"], "width": 3}),
    ):
        words = [safe(told(minor, currency)) if minor is not None else "" for minor in sums]
        figure.add_scatter(
            x=days,
            y=values,
            mode="lines",
            name=name,
            line=line | {"shape": "hv"},
            hovertext=[f"{on:%B} {on.day}, {name}: {w}" for on, w in zip(days, words, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    biggest = max([last for _, _, last in rows] + [now or 0 for _, now, _ in rows])
    figure.update_layout(showlegend=False)
    figure.update_xaxes(tickformat="%b", nticks=7)
    figure.update_yaxes(rangemode="tozero", **charts.money_axis(biggest, currency))
    return figure


def _beside(row: Bar, currency: str, t: dict[str, str]) -> str:
    after = f'  <span style="color:{t["soft"]}">{safe(row.beside)}</span>' if row.beside else ""
    return f"{safe(told(row.minor, currency))}{after}"


def _totals(figure: go.Figure, months: Sequence[str], totals: Sequence[int], currency: str) -> None:
    most = max(totals, default=0)
    for place, (month, total) in enumerate(zip(months, totals, strict=True)):
        last = place == len(months) - 1
        if total <= 0 or not (last or total == most or len(months) <= _ALL_LABELLED):
            continue
        figure.add_annotation(
            x=month,
            y=major(total, currency),
            text=safe(compact(total, currency)),
            showarrow=False,
            yanchor="bottom",
            font={"size": 13, "weight": 600 if last else 400, "color": tokens()["ink"]},
        )


def _shade(each: Series, month: str, chosen: tuple[str, str]) -> str:
    mine = chosen[0] in ("", month) and chosen[1] in ("", each.key)
    return each.colour if mine else _faded(each.colour)


def _faded(colour: str) -> str:
    """The colour with little left of it. A list of opacities would make bars deaf to clicks."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red},{green},{blue},{_FADED})"


def _hover(name: str, month: str, minor: int, currency: str) -> str:
    return f"{safe(name)}<br>{_day(month):%B %Y}: {safe(told(minor, currency))}"


def _day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")
