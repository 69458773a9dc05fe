"""The parts of Overview: what needs a person, the month's money, and the milestones due soon.

Sums come from ``reports``; here they are only put into words and pictures.
"""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.reports import lists, metrics_owed, pivots
from billing_core.reports.needs import Need
from billing_core.reports.pivots import Pivot
from billing_core.reports.risks import days_words
from console import cache, money_parts, places, widgets, wording
from console.wording import Badge

if TYPE_CHECKING:
    import pandas as pd

SOON_DAYS = 14
_FEW, _MORE = 8, 3
_NAME_PX = 250
_LATE = Badge("Late", "orange", "event_busy")
_MONTHS = 6
_AHEAD = ("planned", "in_progress")
_NOTHING = (0, 0)
#: Currency → minor units, and how many invoices they are.
Owed = Mapping[str, tuple[int, int]]


def needs_you(waiting: Sequence[Need]) -> None:
    """One line for each thing, the most urgent first; each leads to its place."""
    widgets.section("Needs you now")
    if not waiting:
        widgets.empty("Nothing waits for you. New answers from clients appear here.")
        return
    many = len(waiting) > _FEW + _MORE and places.asked("needs") != "all"
    shown = waiting[:_FEW] if many else waiting
    with widgets.rows("needs"):
        for number, need in enumerate(shown):
            with widgets.row(f"need-{number}") as cells:
                cells.badge(wording.NEEDS[need.kind])
                cells.name(need.title, _NAME_PX)
                cells.text(need.detail)
                cells.amount(widgets.money(need.amount_minor, need.currency), 110)
                words = "Read" if need.kind == "changes_requested" else "Open"
                page, query = _place(need)
                cells.action(words, places.turn, page, **query)
    if many:
        st.button(
            f"Show all {len(waiting)}", key="needs-all", type="tertiary",
            icon=":material/expand_more:", on_click=places.say, kwargs={"needs": "all"},
        )  # fmt: skip


def _place(need: Need) -> tuple[str, dict[str, str]]:
    """The charge where there is one; else where such things are looked after."""
    if need.charge_id:
        return "charges", {"charge": need.charge_id}
    if need.customer_id:
        return "customers", {"customer": need.customer_id}
    return ("outbox" if need.kind == "mail_failed" else "operations"), {}


def month(today: date, zone: str) -> None:
    """The month in the currency of the books as cards, the other currencies as lines below."""
    months = money_parts.last_months(today, _MONTHS)
    came = {
        "Collected": _by_month("revenue", "booked_at", "gross_minor", zone),
        "Invoiced": _by_month("charges", "issued_on", "total_minor", zone),
    }
    owed = cache.frame("receivables")
    late = cache.worked_out(_late, owed)
    stand = {name: cache.worked_out(_owed, of) for name, of in (("Waiting", owed), ("Late", late))}
    known = [*came["Collected"], *came["Invoiced"], *stand["Waiting"]]
    if not known:
        return
    own, *others = sorted(set(known), key=_own)
    widgets.section(money_parts.month_name(months[-1]))
    with st.container(key="money-cards"), st.grid(4, min_column_width=150):
        for name, sums in came.items():
            series = [sums.get(own, {}).get(each, 0) for each in months]
            _moving(f"{name}, {own}", series, own, months)
        _waiting(own, *(told.get(own, _NOTHING) for told in stand.values()))
        _days_to_pay(months, zone)
    if others:
        now = {name: _of_month(sums, months[-1]) for name, sums in came.items()}
        _table(others, now | stand)


def due_soon(today: date) -> None:
    """Milestones of all projects that are due within ``SOON_DAYS``, or late, and not delivered."""
    widgets.section(f"Due in {SOON_DAYS} days")
    until = today + timedelta(days=SOON_DAYS)
    due = [
        (each.milestone.due_on, row, each)
        for row in lists.projects()
        for each in row.milestones
        if each.shown_state in _AHEAD and each.milestone.due_on and each.milestone.due_on <= until
    ]
    if not due:
        widgets.empty("No milestone is due in the next two weeks.")
        return
    with widgets.rows("due"):
        for due_on, row, each in sorted(due, key=lambda found: str(found[0])):
            late = (today - due_on).days
            said = f"due {widgets.day(due_on)}"
            said = f"{days_words(late)} late, {said}" if late > 0 else said
            with widgets.row(f"due-{each.milestone.id}") as cells:
                cells.badge(_LATE if late > 0 else wording.MILESTONE[each.shown_state])
                cells.name(row.customer_name, _NAME_PX)
                cells.text(f"{each.milestone.title}, {said}")
                cells.amount(spoken.money(each.milestone.planned_minor, row.project.currency), 110)
                cells.action("Open", places.turn, "projects", project=row.project.id)


def _own(currency: str) -> tuple[bool, str]:
    """The order of currencies: that of the books first, the others by name."""
    return currency != cache.company().reporting_currency, currency


def _by_month(name: str, when: str, measure: str, zone: str) -> dict[str, dict[str, int]]:
    """A frame's sums: currency → month → minor units. What was withdrawn was not invoiced."""
    return cache.worked_out(_sums_by_month, cache.frame(name), name, when, measure, zone)


def _sums_by_month(
    frame: pd.DataFrame, name: str, when: str, measure: str, zone: str
) -> dict[str, dict[str, int]]:
    if name == "charges":
        frame = frame[frame["state"] != "void"]
    rows = pivots.pivot(
        frame, Pivot(rows=("currency", f"{when} month"), measure=measure, zone=zone)
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows.to_dict("records"):
        found.setdefault(str(row["currency"]), {})[str(row[f"{when} month"])] = int(row[measure])
    return found


def _late(owed: pd.DataFrame) -> pd.DataFrame:
    return owed[owed["overdue"]]


def _owed(frame: pd.DataFrame) -> Owed:
    counts = pivots.pivot(frame, Pivot(rows=("currency",))).set_index("currency")["count"]
    sums = pivots.pivot(frame, Pivot(rows=(), measure="total_minor")).to_dict("records")
    return {
        str(row["currency"]): (int(row["total_minor"]), int(counts[row["currency"]]))
        for row in sums
    }


def _of_month(sums: Mapping[str, Mapping[str, int]], month: str) -> Owed:
    return {currency: (of.get(month, 0), 0) for currency, of in sums.items()}


def _moving(name: str, series: list[int], currency: str, months: Sequence[str]) -> None:
    """A card of one month against the one before, with the months behind it."""
    word, colour, arrow = money_parts.against(series[-1], series[-2], currency, months[-2])
    line = series if sum(minor > 0 for minor in series) > 1 else None
    _card(name, spoken.money(series[-1], currency), word, colour, arrow, line)


def _waiting(currency: str, waiting: tuple[int, int], late: tuple[int, int]) -> None:
    minor, count = waiting
    words = f"{spoken.money(late[0], currency)} of it late" if late[0] else _invoices(count)
    colour = "red" if late[0] else "orange" if count else "off"
    name = f"Waiting for clients, {currency}"
    _card(name, spoken.money(minor, currency), words, colour, "off", None)


def _days_to_pay(months: Sequence[str], zone: str) -> None:
    """The median of the invoices that were paid in each month, all currencies alike."""
    medians, many = cache.worked_out(_medians, cache.frame("approvals"), tuple(months), zone)
    known, now = [days for days in medians if days is not None], medians[-1]
    _card(
        "Days to pay, median",
        "–" if now is None else f"{now:.0f}",
        f"{_invoices(many)} paid",
        "off",
        "off",
        known if len(known) > 1 else None,
    )


def _medians(
    approvals: pd.DataFrame, months: tuple[str, ...], zone: str
) -> tuple[list[float | None], int]:
    """The median of each month, and how many were paid in the last one."""
    paid = approvals.dropna(subset=["days_to_pay"])
    paid_in = paid["paid_at"].dt.tz_convert(zone).dt.strftime("%Y-%m")
    found = [metrics_owed.median_days(paid[paid_in == month], "pay") for month in months]
    return found, int((paid_in == months[-1]).sum())


def _card(
    name: str, value: str, words: str, colour: Any, arrow: Any, series: list[Any] | None
) -> None:
    st.metric(
        name, wording.label(value), wording.label(words), delta_color=colour, delta_arrow=arrow,
        border=True, height="stretch", chart_data=series, chart_type="area",
    )  # fmt: skip


def _table(currencies: Sequence[str], told: Mapping[str, Owed]) -> None:
    """The other currencies, a line for each: they are never added up."""
    lines = []
    for currency in currencies:
        minors = [of.get(currency, _NOTHING)[0] for of in told.values()]
        cells = "".join(f"<td>{html.escape(spoken.money(m, currency))}</td>" for m in minors)
        lines.append(f'<tr><th scope="row">{currency}</th>{cells}</tr>')
    heads = "".join(f'<th scope="col">{name}</th>' for name in told)
    st.html(
        '<div class="cs-scroll" tabindex="0" role="region" aria-label="Other currencies">'
        f'<table class="cs-sums"><thead><tr><th scope="col">Currency</th>{heads}</tr>'
        f"</thead><tbody>{''.join(lines)}</tbody></table></div>"
    )


def _invoices(count: int) -> str:
    return f"{count} invoice" if count == 1 else f"{count:,} invoices"
