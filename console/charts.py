"""One Plotly template for every chart, light and dark, and how a chart stands on a screen.

The charts themselves are in ``money_charts`` and its neighbours; nothing is computed here.
"""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import plotly.graph_objects as go
import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.rules import money

OKABE_ITO = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442")

#: So many series have a colour of their own; what is left is "Other".
COLOURED = 6
_NAME_CHARS = 24
_AXIS_SHORT = 10_000

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
    "changes": "#69399F",
    "ages": "#F6DCC9 #EDB793 #DF8C5A #C2622B #8A3D12",
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
    "changes": "#C7ABF4",
    "ages": "#5A3A27 #8A5330 #BB7240 #E29A66 #F7C9A5",
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
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "colorway": [*OKABE_ITO, t["ink"]],
        "separators": ".,",
        "margin": {"l": 0, "r": 0, "t": 28, "b": 8, "pad": 6},
        "dragmode": False,
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
        "fixedrange": True,
        "tickfont": {"size": 13, "color": t["soft"]},
        "title": {"text": ""},
    }


def finding(figure: go.Figure, sentence: str, what: str) -> None:
    """Give ``figure`` its look and its title: what was found, and below it what is drawn.

    The words stand above the picture as text, not in it: Plotly never wraps a title, and on a phone
    half of it would be cut off.
    """
    figure.update_layout(template=template(tokens()), meta={"finding": sentence, "what": what})


def show(
    figure: go.Figure,
    sentence: str,
    *,
    key: str,
    height: int = 340,
    names: Sequence[tuple[str, str]] = (),
    picked: Callable[[Any], None] | None = None,
) -> None:
    """Draw ``figure`` under its finding; ``sentence`` is what a listener hears instead.

    ``names`` are (colour, name) of its series, the topmost first. ``picked`` is handed the
    ``customdata`` of a mark that was clicked.
    """
    if figure.layout.height != height:
        figure.update_layout(height=height)
    with st.container(gap="small", key=f"chart-{key}"):
        _heading(figure)
        if not names:
            _plot(figure, sentence, key, picked)
            return
        with st.container(horizontal=True, vertical_alignment="center", key=f"keyed-{key}"):
            with st.container(width="stretch"):
                _plot(figure, sentence, key, picked)
            with st.container(width=170, key=f"key-{key}"):
                _legend(names)


def _heading(figure: go.Figure) -> None:
    words = figure.layout.meta or {}
    lines = (("cs-finding", "finding"), ("cs-drawn", "what"))
    st.html(
        "".join(f'<p class="{c}">{html.escape(words[n])}</p>' for c, n in lines if words.get(n))
    )


def _legend(names: Sequence[tuple[str, str]]) -> None:
    marks = [
        f'<li><i style="background:{colour};border-color:{_outline(colour)}"></i>'
        f"{html.escape(shortened(name, 30))}</li>"
        for colour, name in names
    ]
    st.html(f'<ul class="cs-key">{"".join(marks)}</ul>')


def _outline(colour: str) -> str:
    return tokens()["edge"] if colour == "transparent" else colour


def _plot(figure: go.Figure, sentence: str, key: str, picked: Callable[[Any], None] | None) -> None:
    more: dict[str, Any] = {}
    if picked:
        more = {"on_select": lambda: _tell(key, picked), "selection_mode": "points"}
    st.plotly_chart(
        figure,
        theme=None,
        key=key,
        config={"displayModeBar": False, "responsive": True, "scrollZoom": False},
        alt=sentence,
        **more,
    )


def _tell(key: str, picked: Callable[[Any], None]) -> None:
    points = chosen_points(st.session_state.get(key))
    if points:
        picked(points[0])


def chosen_points(state: Any) -> list[Any]:
    """The ``customdata`` of the marks chosen in a chart, from what its widget tells."""
    selection = state.get("selection", {}) if state else {}
    return [point.get("customdata") for point in selection.get("points", [])]


def safe(text: str) -> str:
    """``text`` fit for a figure, where ``<`` opens a tag and ``$`` mathematics."""
    return html.escape(text, quote=False).replace("$", "&#36;")


def shortened(name: str, most: int = _NAME_CHARS) -> str:
    """``name`` cut where it would crowd the picture out; whole in the table below it."""
    return name if len(name) <= most else f"{name[: most - 1].rstrip()}…"


def told(minor: int, currency: str) -> str:
    """An amount in words; without a currency, a plain number."""
    return spoken.money(minor, currency) if currency else f"{minor:,}"


def major(minor: int, currency: str) -> float:
    """An amount on an axis; for drawing only, no sum is made of it."""
    return float(money.to_decimal(minor, currency)) if currency else minor


def compact(minor: int, currency: str) -> str:
    """``$42.3k``: an amount where there is no room for all its digits; whole in the hover."""
    value = major(minor, currency)
    for size, letter in ((10**9, "B"), (10**6, "M"), (10**3, "k")):
        if abs(value) >= size:
            return f"{_minus(value)}{sign(currency)}{abs(value) / size:.1f}{letter}"
    return told(minor, currency)


def sign(currency: str) -> str:
    """``$``: what stands before an amount, with room after a code."""
    return spoken.money(0, currency).rstrip("0.,") if currency else ""


def money_axis(biggest: int, currency: str) -> dict[str, Any]:
    """How an axis of amounts is written: ``$10k``, or all digits where there are few."""
    short = abs(major(biggest, currency)) >= _AXIS_SHORT
    return {"tickprefix": safe(sign(currency)), "tickformat": "~s" if short else ",.2~f"}


def _minus(value: float) -> str:
    return "\u2212" if value < 0 else ""


def lying(figure: go.Figure, names: Sequence[str], *, right: int) -> None:
    """Bars from top to bottom with ``names`` beside them, ``right`` pixels left for the sums."""
    figure.update_yaxes(
        autorange="reversed",
        showgrid=False,
        zeroline=False,
        tickvals=list(range(len(names))),
        ticktext=[safe(name) for name in names],
        tickfont={"color": tokens()["ink"]},
    )
    figure.update_xaxes(showticklabels=False, rangemode="tozero")
    figure.update_layout(margin={"r": right, "t": 4, "b": 0}, showlegend=False)


def colour_of(place: int) -> str:
    """The colour of the thing at ``place`` in an order that does not change; it stays with it."""
    return OKABE_ITO[place] if place < COLOURED else tokens()["edge"]
