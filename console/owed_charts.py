"""The charts of what is owed: cash expected by month, how long clients take.

Figures are made from the rows of ``reports.metrics``; nothing is computed here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import plotly.graph_objects as go

from billing_core.documents import wording as spoken
from console import charts
from console.charts import major, safe, shortened, tokens
from console.money_charts import month_ticks

#: From the surest to the least sure: what metrics calls it, and what people read.
CERTAINTIES = {"overdue": "Overdue", "invoiced": "Invoiced", "planned": "Planned, not billed yet"}
AS_DUE = "As due"


def colours() -> dict[str, str]:
    """Planned is an outline, what was invoiced is solid, what is late waits in amber."""
    return {
        "overdue": tokens()["waiting"],
        "invoiced": charts.OKABE_ITO[0],
        "planned": "transparent",
    }


def expected(
    months: Sequence[str],
    sums: Mapping[str, Sequence[int]],
    as_due: Sequence[int] | None,
    currency: str,
) -> go.Figure:
    """Columns by month, ``sums`` by certainty; ``as_due`` is where they would end without delay."""
    t, figure = tokens(), go.Figure()
    for certainty, amounts in sums.items():
        name, colour = CERTAINTIES[certainty], colours()[certainty]
        outline = {"width": 1.5, "color": t["edge"] if colour == "transparent" else colour}
        figure.add_bar(
            x=list(months),
            y=[major(minor, currency) for minor in amounts],
            marker={
                "color": "rgba(0,0,0,0)" if colour == "transparent" else colour,
                "line": outline,
            },
            hovertext=[_said(name, m, a, currency) for m, a in zip(months, amounts, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    if as_due:
        figure.add_scatter(
            x=list(months),
            y=[major(minor, currency) for minor in as_due],
            mode="markers",
            marker={"symbol": "line-ew", "size": 34, "line": {"width": 2, "color": t["ink"]}},
            hovertext=[_said(AS_DUE, m, a, currency) for m, a in zip(months, as_due, strict=True)],
            hovertemplate="%{hovertext}<extra></extra>",
        )
    biggest = max((abs(a) for amounts in sums.values() for a in amounts), default=0)
    figure.update_layout(barmode="stack", showlegend=False)
    figure.update_xaxes(
        type="category", categoryorder="array", categoryarray=list(months), **month_ticks(months)
    )
    figure.update_yaxes(rangemode="tozero", **charts.money_axis(biggest, currency))
    return figure


def days(rows: Sequence[tuple[str, float, float, int]]) -> go.Figure:
    """Lying bars of days: ``rows`` are (name, median, 90th percentile, charges)."""
    t, figure = tokens(), go.Figure()
    figure.add_bar(
        x=[median for _, median, _, _ in rows],
        y=list(range(len(rows))),
        orientation="h",
        marker={"color": charts.OKABE_ITO[0]},
        text=[
            f'{median:.0f}  <span style="color:{t["soft"]}">p90 {p90:.0f}</span>'
            for _, median, p90, _ in rows
        ],
        textposition="outside",
        textfont={"color": t["ink"], "size": 14},
        cliponaxis=False,
        hovertext=[
            f"{safe(name)}: median {median:.1f} days, nine of ten within {p90:.1f}, {count} charges"
            for name, median, p90, count in rows
        ],
        hovertemplate="%{hovertext}<extra></extra>",
    )
    charts.lying(figure, [shortened(name, 22) for name, _, _, _ in rows], right=90)
    return figure


def month_words(month: str) -> str:
    """``March 2026`` from ``2026-03``."""
    return f"{date.fromisoformat(f'{month}-01'):%B %Y}"


def _said(name: str, month: str, minor: int, currency: str) -> str:
    return f"{name}<br>{month_words(month)}: {safe(spoken.money(minor, currency))}"
