"""A project drawn: its phases against their plan, and how much of the contract is used.

Figures are made from ``reports.portfolio``; nothing is summed here. Titles stand above their bars,
so that the picture keeps its whole width on a phone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import plotly.graph_objects as go

from billing_core.documents import wording as spoken
from billing_core.reports.portfolio import BurnPoint, Phase, ProjectPage, Sums
from console import charts, widgets

_ROW_PX, _ABOVE_PX, _BELOW_PX = 52, 64, 40
_TITLE_CHARS = 46
_SHORTEST = timedelta(days=2)
_MARGIN = timedelta(days=4)
#: The state of a phase → the colour of what was done of it; others were not charged yet.
_FILLS = {"paid": "paid", "approved": "approved", "billed": "waiting"}
#: A ring is wider than what may stand on the same day, so that both can be seen.
_MARK_PX, _RING_PX = 10, 16
_MARKS = (
    ("Delivered", "delivered_on", "diamond", "ink"),
    ("Approved", "approved_on", "circle-open", "approved"),
    ("Paid", "paid_on", "circle", "paid"),
)


def timeline(page: ProjectPage) -> None:
    """Planned (outline) against delivered, approved and paid, one row for each phase."""
    phases = [phase for phase in page.phases if phase.milestone.state != "dropped"]
    figure, t = go.Figure(), charts.tokens()
    planned = [_Bar(p.starts_on, _planned_end(p)) for p in phases]
    _bars(figure, planned, width=0.42, fill="rgba(0,0,0,0)", outline=t["edge"])
    done = [_Bar(p.starts_on, _done_end(p, page.today)) for p in phases]
    fills = [t[_fill(p)] for p in phases]
    _bars(figure, done, width=0.2, fill=fills, outline="rgba(0,0,0,0)")
    for name, field, symbol, colour in _MARKS:
        _marks(figure, phases, name, field, (symbol, t[colour], t["ground"]))
    first, last = _span(phases, page.today)
    _today(figure, page.today, t["accent"], is_late=(page.today - first) > (last - page.today))
    figure.update_xaxes(type="date", range=[str(first), str(last)], showgrid=True,
                        gridcolor=t["rule"], nticks=7, tickformat=_ticks(first, last))  # fmt: skip
    figure.update_yaxes(
        range=[len(phases) - 0.45, -0.75], showgrid=False, showticklabels=False, zeroline=False
    )
    for row, phase in enumerate(phases):
        figure.add_annotation(
            x=0, xref="paper", y=row - 0.3, yanchor="bottom", xanchor="left", showarrow=False,
            text=_title(row + 1, phase), font={"size": 13, "color": t["ink"]},
        )  # fmt: skip
    figure.update_layout(barmode="overlay", hovermode="closest")
    sentence = timeline_finding(phases)
    what = "Planned (outline) against actual (solid, in the colour of its state)"
    charts.finding(figure, sentence, what)
    height = _ABOVE_PX + _ROW_PX * len(phases) + _BELOW_PX
    figure.update_layout(margin={"t": 36}, legend={"y": 1, "yanchor": "bottom"})
    charts.show(figure, sentence, key="timeline", height=height)


def burn(page: ProjectPage) -> None:
    """The contract's sum used up over time: planned by due dates, billed, approved, paid."""
    t, sums, currency = charts.tokens(), page.row.sums, page.row.project.currency
    figure = go.Figure()
    lines = (
        ("Planned", "planned", t["edge"], "dot"),
        ("Billed", "billed", t["waiting"], "solid"),
        ("Approved", "approved", t["approved"], "solid"),
        ("Paid", "paid", t["paid"], "solid"),
    )
    for name, field, colour, dash in lines:
        points = _steps(page.burn, field, None if field == "planned" else page.today)
        figure.add_scatter(
            x=[str(on) for on, _ in points],
            y=[charts.major(minor, currency) for _, minor in points],
            customdata=[charts.safe(spoken.money(minor, currency)) for _, minor in points],
            hovertemplate=f"{name}, %{{x|%b %-d, %Y}}: %{{customdata}}<extra></extra>",
            name=name,
            mode="lines",
            line={"shape": "hv", "color": colour, "width": 2, "dash": dash},
        )
    figure.add_hline(y=charts.major(sums.contract, currency), line_width=1, line_color=t["ink"])
    figure.add_annotation(
        x=0, xref="paper", y=charts.major(sums.contract, currency), yanchor="bottom",
        xanchor="left", showarrow=False, font={"size": 13, "color": t["soft"]},
        text=charts.safe(
            f"{'Contract sum' if sums.agreed else 'All phases'} "
            f"{spoken.money(sums.contract, currency)}"
        ),
    )  # fmt: skip
    figure.update_xaxes(type="date", nticks=7)
    most = max([sums.contract, *(point.planned for point in page.burn)])
    figure.update_yaxes(
        range=[0, charts.major(most, currency) * 1.12], **charts.money_axis(most, currency)
    )
    sentence = burn_finding(sums, currency)
    charts.finding(figure, sentence, f"Sums up to each day, {currency}, before tax added on top")
    figure.update_layout(margin={"t": 36}, legend={"y": 1, "yanchor": "bottom"})
    charts.show(figure, sentence, key="burn", height=320)


def timeline_finding(phases: Sequence[Phase]) -> str:
    """What a reader should take from the time line."""
    late = [p for p in phases if p.delivered_on is None and (p.late_days or 0) > 0]
    if late:
        worst = max(late, key=lambda p: p.late_days or 0)
        days = _days(worst.late_days or 0)
        if len(late) == 1:
            return f"{worst.milestone.title} is {days} late"
        return f"{len(late)} phases are late, {worst.milestone.title} by {days}"
    if phases and all(p.shown_state == "paid" for p in phases):
        return "Everything is delivered and paid"
    said = [_waiting(phases), _next(phases)]
    return "; ".join(part for part in said if part) or "Everything planned is delivered"


def burn_finding(sums: Sums, currency: str) -> str:
    """What a reader should take from the burn."""
    if not sums.contract:
        return "Nothing is planned yet"
    if sums.billed > sums.contract:
        over = spoken.money(sums.billed - sums.contract, currency)
        return f"{over} more is billed than the contract holds"
    if sums.paid == sums.contract:
        return "The whole contract is paid"
    paid = f"{share(sums.paid, sums.contract)} of the contract is paid"
    if not sums.to_come:
        return f"{paid}, all of it is billed"
    return f"{paid}, {spoken.money(sums.to_come, currency)} is still to bill"


def share(part_minor: int, whole_minor: int) -> str:
    """A part as whole percent of a whole; nothing is ever rounded up to all of it."""
    return f"{part_minor * _HUNDRED // whole_minor}%" if whole_minor else "0%"


_HUNDRED = 100
_SAYS_NUMBER = re.compile(r"(phase|milestone|part|step|stage)? ?\d", re.IGNORECASE)


def numbered(number: int, title: str) -> str:
    """A milestone's title behind its number, unless it says one itself."""
    return title if _SAYS_NUMBER.match(title) else f"{number}\u2002{title}"


def _waiting(phases: Sequence[Phase]) -> str:
    asked = [p for p in phases if p.charge and p.charge.state == "changes_requested"]
    if asked:
        return f"The client asked for changes on {asked[0].milestone.title}"
    names = [p.milestone.title for p in phases if p.shown_state == "billed"]
    if not names:
        return ""
    return f"{names[0]} waits for the client" if len(names) == 1 else (
        f"{len(names)} phases wait for the client"
    )  # fmt: skip


def _next(phases: Sequence[Phase]) -> str:
    ahead = [p for p in phases if p.delivered_on is None and p.due_on]
    if not ahead:
        return ""
    nearest = min(ahead, key=lambda p: p.due_on or date.max)
    assert nearest.due_on is not None
    return f"{nearest.milestone.title} is due {widgets.day(nearest.due_on)}"


class _Bar:
    """From one day to another, long enough to be seen."""

    def __init__(self, start: date, end: date | None) -> None:
        self.start = start if end is None else min(start, end - _SHORTEST)
        self.days = 0 if end is None else (end - self.start).days


def _planned_end(phase: Phase) -> date | None:
    return phase.due_on


def _done_end(phase: Phase, today: date) -> date | None:
    if phase.delivered_on:
        return phase.delivered_on
    return max(today, phase.starts_on) if phase.milestone.state == "in_progress" else None


def _fill(phase: Phase) -> str:
    if phase.charge and phase.charge.state in ("failed", "disputed", "lost"):
        return "failed"
    return _FILLS.get(phase.shown_state, "edge")


def _bars(figure: go.Figure, bars: list[_Bar], *, width: float, fill: Any, outline: str) -> None:
    drawn = [(row, bar) for row, bar in enumerate(bars) if bar.days]
    colours = [fill[row] for row, _ in drawn] if isinstance(fill, list) else fill
    figure.add_bar(
        base=[str(bar.start) for _, bar in drawn],
        x=[bar.days * 24 * 3600 * 1000 for _, bar in drawn],
        y=[row for row, _ in drawn],
        orientation="h",
        width=width,
        marker={"color": colours, "line": {"width": 1.2, "color": outline}},
        hoverinfo="skip",
        showlegend=False,
    )


def _marks(
    figure: go.Figure, phases: Sequence[Phase], name: str, field: str, look: tuple[str, str, str]
) -> None:
    symbol, colour, ground = look
    found = [(row, getattr(p, field)) for row, p in enumerate(phases) if getattr(p, field)]
    hollow = symbol.endswith("-open")
    line = {"width": 2 if hollow else 1.5, "color": colour if hollow else ground}
    figure.add_scatter(
        x=[str(on) for _, on in found],
        y=[row for row, _ in found],
        mode="markers",
        name=name,
        marker={
            "symbol": symbol,
            "size": _RING_PX if hollow else _MARK_PX,
            "color": colour,
            "line": line,
        },
        customdata=[
            charts.safe(f"{phases[row].milestone.title}: {name.lower()} {spoken.day(on)}")
            for row, on in found
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )


def _today(figure: go.Figure, today: date, accent: str, *, is_late: bool) -> None:
    figure.add_vline(x=str(today), line_width=1.5, line_color=accent)
    figure.add_annotation(
        x=str(today), y=0, yref="paper", yanchor="bottom", showarrow=False,
        xanchor="right" if is_late else "left",
        text=f"today, {widgets.day(today)}", font={"size": 13, "color": accent},
    )  # fmt: skip


def _span(phases: Sequence[Phase], today: date) -> tuple[date, date]:
    days = [today]
    for phase in phases:
        told = (phase.due_on, phase.delivered_on, phase.approved_on, phase.paid_on)
        days += [phase.starts_on, *(on for on in told if on)]
    return min(days) - _MARGIN, max(days) + _MARGIN


def _ticks(first: date, last: date) -> str:
    return "%b %-d" if last - first < timedelta(days=60) else "%b %Y"


def _title(number: int, phase: Phase) -> str:
    return charts.safe(charts.shortened(numbered(number, phase.milestone.title), _TITLE_CHARS))


def _steps(points: Sequence[BurnPoint], field: str, until: date | None) -> list[tuple[date, int]]:
    """The days on which ``field`` changed, up to today for what has happened."""
    found: list[tuple[date, int]] = []
    for point in points:
        minor = getattr(point, field)
        if (until is None or point.on <= until) and (not found or found[-1][1] != minor):
            found.append((point.on, minor))
    if until and found:
        found.append((until, found[-1][1]))
    return found


def _days(count: int) -> str:
    return "1 day" if count == 1 else f"{count} days"
