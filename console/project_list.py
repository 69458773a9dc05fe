"""The portfolio: every project with its sums, and why it needs a look."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.reports.portfolio import PortfolioRow, Sums
from console import charts, places, widgets
from console.wording import Badge

_STYLE = Path(__file__).parent / "static" / "projects.css"
AT_RISK = Badge("At risk", "red", "flag")
STANDINGS = {
    "running": Badge("Running", "gray", "contrast"),
    "planned": Badge("Planned", "gray", "radio_button_unchecked"),
    "done": Badge("Done", "gray", "task_alt"),
}
#: What people filter by.
FILTERS = {"At risk": "", "Running": "running", "Planned": "planned", "Done": "done"}
_BADGE_PX, _SUMS_PX = 104, 500


def style() -> None:
    """The rules of these screens that the console's own style sheet does not have."""
    st.html(_STYLE)


def chosen(rows: Sequence[PortfolioRow], word: str | None) -> list[PortfolioRow]:
    """The rows of one filter; all of them without one."""
    if not word:
        return list(rows)
    return [r for r in rows if (r.at_risk if word == "At risk" else r.standing == FILTERS[word])]


def draw(rows: Sequence[PortfolioRow], *, name: str = "portfolio") -> None:
    """Each project as a row that leads to its page."""
    with widgets.rows(name):
        for row in rows:
            _row(row)


def _row(row: PortfolioRow) -> None:
    project = row.project
    with widgets.row(project.id) as cells:
        with cells.cell("badge", _BADGE_PX):
            widgets.badge(AT_RISK if row.at_risk else STANDINGS[row.standing])
        with cells.cell("text"):
            st.html(_words(row))
        with cells.cell("sums", _SUMS_PX):
            st.html(sums_html(row.sums, project.currency))
        cells.action("Open", places.turn, "projects", project=project.id)


def _words(row: PortfolioRow) -> str:
    of = f"{row.delivered} of {row.milestones} delivered" if row.milestones else "no milestone yet"
    below = f"{row.customer_name} · {of}"
    if row.next_due_on and not row.at_risk:
        below += f" · next due {widgets.day(row.next_due_on)}"
    said = [
        f'<p class="cs-name">{html.escape(row.project.name)}</p>',
        f'<p class="cs-below">{html.escape(below)}</p>',
    ]
    if row.risks:
        more = f" And {len(row.risks) - 1} more." if len(row.risks) > 1 else ""
        said.append(f'<p class="cs-reason">{html.escape(row.risks[0].sentence + more)}</p>')
    return "".join(said)


def sums_html(sums: Sums, currency: str) -> str:
    """Contract, billed, approved, paid and to come, and the contract used as one thin bar."""
    told = (
        ("Contract" if sums.agreed else "All phases", sums.contract),
        ("Billed", sums.billed),
        ("Approved", sums.approved),
        ("Paid", sums.paid),
        ("To come", sums.to_come),
    )
    cells = "".join(
        f"<div><dt>{name}</dt><dd>{html.escape(spoken.money(minor, currency))}</dd></div>"
        for name, minor in told
    )
    return f'<dl class="cs-money">{cells}</dl>{_used(sums)}'


def _used(sums: Sums) -> str:
    """What of the contract is paid, approved and billed; each sum holds the next."""
    t, whole = charts.tokens(), max(sums.contract, sums.billed)
    if not whole:
        return ""
    parts = (
        (sums.paid, t["paid"]),
        (sums.approved - sums.paid, t["approved"]),
        (sums.billed - sums.approved, t["waiting"]),
    )
    shown = "".join(
        f'<i style="width:{minor * 1000 // whole / 10}%;background:{colour}"></i>'
        for minor, colour in parts
        if minor > 0
    )
    return f'<div class="cs-used" aria-hidden="true">{shown}</div>'
