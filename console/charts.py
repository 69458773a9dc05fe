"""One Plotly template for every chart, light and dark, and the charts of the money screens.

Figures are made from the rows of ``reports.metrics``; nothing is computed here.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.rules import money

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")

_NAMED_BESIDE = 4
_COLOURED = 6

LIGHT = {
    "ground": "#FBFAF7",
    "ink": "#14213D",
    "soft": "#505A6E",
    "rule": "#E6E1D7",
    "edge": "#7C8494",
    "accent": "#0B6E5F",
    "paid": "#2E7D32",
    "waiting": "#C27803",
    "approved": "#12549C",
    "failed": "#A5281D",
}
DARK = {
    "ground": "#10151F",
    "ink": "#ECEEF2",
    "soft": "#A6B0C2",
    "rule": "#262E3D",
    "edge": "#738098",
    "accent": "#5CC9B4",
    "paid": "#6FB566",
    "waiting": "#E0A23C",
    "approved": "#8ABBF6",
    "failed": "#F69F94",
}


def tokens() -> dict[str, str]:
    """The colours of the theme the browser shows now."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def template(t: dict[str, str]) -> go.layout.Template:
    """The look of every figure, from the tokens ``t`` of one theme."""
    axis = _axis(t)
    layout: dict[str, Any] = {
        "font": {
            "family": '"Source Sans", "Source Sans Pro", sans-serif',
            "size": 14,
            "color": t["ink"],
        },
        "title": _title(t),
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": [*OKABE_ITO, t["ink"]],
        "separators": ".,",
        "margin": {"l": 0, "r": 0, "t": 84, "b": 8, "pad": 6},
        "bargap": 0.38,
        "bargroupgap": 0.08,
        "barcornerradius": 2,
        "hoverlabel": {
            "bgcolor": t["ink"],
            "bordercolor": t["ink"],
            "font": {"size": 14, "color": t["ground"]},
        },
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1.02,
            "yanchor": "bottom",
            "font": {"size": 13, "color": t["soft"]},
            "traceorder": "normal",
        },
        "xaxis": axis,
        "yaxis": {
            **axis,
            "showgrid": True,
            "gridcolor": t["rule"],
            "gridwidth": 1,
            "nticks": 5,
            "zeroline": True,
            "zerolinecolor": t["edge"],
            "zerolinewidth": 1,
            "separatethousands": True,
        },
    }
    hairline = go.Bar(marker={"line": {"width": 1, "color": t["ground"]}})
    return go.layout.Template(layout=layout, data={"bar": [hairline]})


def _axis(t: dict[str, str]) -> dict[str, Any]:
    return {
        "showgrid": False,
        "zeroline": False,
        "showline": False,
        "ticks": "",
        "automargin": True,
        "tickfont": {"size": 13, "color": t["soft"]},
        "title": {"text": ""},
    }


def _title(t: dict[str, str]) -> dict[str, Any]:
    return {
        "x": 0,
        "xref": "container",
        "xanchor": "left",
        "y": 1,
        "yref": "container",
        "yanchor": "top",
        "pad": {"t": 26, "l": 0},
        "font": {"size": 18, "weight": 600, "color": t["ink"]},
    }


def finding(figure: go.Figure, sentence: str, what: str) -> None:
    """Give ``figure`` its title: what was found, and below it what is drawn."""
    second = f'<span style="font-size:14px;font-weight:400;color:{tokens()["soft"]}">'
    figure.update_layout(
        title_text=f"{_safe(sentence)}<br>{second}{_safe(what)}</span>",
        template=template(tokens()),
    )


def show(figure: go.Figure, sentence: str, *, key: str, height: int = 340) -> None:
    """Draw ``figure``; ``sentence`` is what a listener hears instead."""
    figure.update_layout(height=height)
    st.plotly_chart(
        figure,
        theme=None,
        key=key,
        config={"displayModeBar": False, "responsive": True},
        alt=sentence,
    )


def _safe(text: str) -> str:
    return html.escape(text, quote=False).replace("$", "&#36;")


def by_month(
    months: Sequence[str], series: Sequence[tuple[str, str, Sequence[int]]], currency: str
) -> go.Figure:
    """Stacked columns: ``series`` are (colour, name, minor units per month), one currency."""
    t = tokens()
    figure = go.Figure()
    for colour, name, amounts in series:
        shown = [_major(minor, currency) for minor in amounts]
        figure.add_bar(
            x=list(months),
            y=shown,
            name=_safe(name),
            marker_color=colour,
            customdata=[_safe(spoken.money(minor, currency)) for minor in amounts],
            hovertemplate=f"{_safe(name)}<br>%{{x}}: %{{customdata}}<extra></extra>",
        )
    totals = [sum(column) for column in zip(*(s[2] for s in series), strict=True)]
    for place, (month, total) in enumerate(zip(months, totals, strict=True)):
        last = place == len(months) - 1
        if total == 0:
            continue
        figure.add_annotation(
            x=month,
            y=_major(total, currency),
            text=_safe(spoken.money(total, currency)),
            showarrow=False,
            yanchor="bottom",
            font={"size": 13, "weight": 600 if last else 400, "color": t["ink"]},
        )
    named_beside = len(series) <= _NAMED_BESIDE
    if named_beside and months:
        _name_beside(figure, series, currency)
    figure.update_layout(barmode="stack", showlegend=not named_beside)
    figure.update_yaxes(tickprefix=_sign(currency), tickformat="~s")
    return figure


def by_name(rows: Sequence[tuple[str, str, int]], currency: str) -> go.Figure:
    """Lying bars, largest on top: ``rows`` are (colour, name, minor units)."""
    figure = go.Figure()
    names = [_safe(name) for _, name, _ in rows]
    figure.add_bar(
        x=[_major(minor, currency) for _, _, minor in rows],
        y=names,
        orientation="h",
        marker_color=[colour for colour, _, _ in rows],
        text=[_safe(spoken.money(minor, currency)) for _, _, minor in rows],
        textposition="outside",
        cliponaxis=False,
        hovertemplate="%{y}: %{text}<extra></extra>",
    )
    figure.update_yaxes(
        autorange="reversed", showgrid=False, zeroline=False, tickfont={"color": tokens()["ink"]}
    )
    figure.update_xaxes(showticklabels=False, rangemode="tozero")
    figure.update_layout(margin={"r": 110})
    return figure


def colour_of(place: int) -> str:
    """The colour of the item at ``place`` in the order items were made; it stays with it."""
    return OKABE_ITO[place] if place < _COLOURED else tokens()["edge"]


def _name_beside(figure: go.Figure, series: Any, currency: str) -> None:
    below = 0
    for _, name, amounts in series:
        middle = below + amounts[-1] // 2
        below += amounts[-1]
        if amounts[-1]:
            figure.add_annotation(
                x=1,
                xref="paper",
                y=_major(middle, currency),
                text=_safe(name),
                showarrow=False,
                xanchor="left",
                font={"size": 13, "color": tokens()["ink"]},
            )
    figure.update_layout(margin={"r": 150})


def _major(minor: int, currency: str) -> float:
    return float(money.to_decimal(minor, currency))  # for drawing only; no sum is made of it


def _sign(currency: str) -> str:
    return _safe(spoken.money(0, currency).rstrip("0.,")).strip()
