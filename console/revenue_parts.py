"""The parts of Revenue: cards, breakdown, waterfall, this year beside the last, rows.

Sums come from ``reports.metrics``; here they are only put into words and pictures.
"""

from __future__ import annotations

import html
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.reports import metrics
from console import cache, charts, downloads, kinds, money_charts, money_parts, wording
from console.money_charts import Bar
from console.periods import Period

if TYPE_CHECKING:
    import pandas as pd
    import plotly.graph_objects as go

_STEPS = {
    "gross": "Gross",
    "refunds": "Refunds",
    "disputes": "Lost disputes",
    "tax": "Tax",
    "fees": "Fees",
    "net": "Net after tax",
}
#: What a booking of revenue is.
_KINDS = {
    "capture": "Paid",
    "payment": "Paid by hand",
    "refund": "Refund",
    "fee": "Fee",
    "dispute": "Dispute lost",
    "dispute_fee": "Dispute fee",
}
_SUMS = {"Gross": "gross_minor", "Tax": "tax_minor", "Fee": "fee_minor", "Net": "net_minor"}


def within(frame: pd.DataFrame, period: Period) -> pd.DataFrame:
    """The rows booked in ``period``."""
    if period.since:
        frame = frame[frame["booked_at"] >= period.since]
    return frame[frame["booked_at"] < period.until] if period.until else frame


def cards(frame: pd.DataFrame, currency: str) -> None:
    """The chosen currency in large, the others below it; never added up."""
    rows = dict(cache.worked_out(_card_rows, frame))
    sums = rows.pop(currency, dict.fromkeys(("Gross", "Refunds", "Fees", "Net", "Tax"), 0))
    with st.grid(5, min_column_width=150, key="money-cards"):
        for name, minor in sums.items():
            label = "Tax in it" if name == "Tax" else name
            shown = wording.label(spoken.money(minor, currency))
            st.metric(f"{label}, {currency}", shown, border=True)
    st.caption(
        "Net is gross, less refunds and fees. Tax is inside gross and net. Disputes that were "
        "lost count among the refunds; what a bank only holds is not taken off yet."
    )
    if rows:
        _other_currencies(rows)


def breakdown(frame: pd.DataFrame, by: str, currency: str, chosen: str, picked: Any) -> None:
    """Lying bars by what ``by`` names, largest first."""
    figure, sentence, count = cache.drawn(_breakdown_figure, frame, by, currency, chosen)
    key = f"by-{by}-{currency}-{chosen}"
    charts.show(figure, sentence, key=key, height=16 + 44 * count, picked=picked)


def _breakdown_figure(
    frame: pd.DataFrame, by: str, currency: str, chosen: str
) -> tuple[go.Figure, str, int]:
    named, found = kinds.cut(frame, by)
    ids = kinds.columns(by)[0]
    rows = {str(r[ids]): r for r in getattr(metrics, f"by_{by}")(named).to_dict("records")}
    bars = [Bar(k.key, k.name, k.colour, int(rows[k.key]["gross_minor"])) for k in found]
    total = sum(bar.minor for bar in bars)
    first = bars[0]
    sentence = f"{first.name} brings {_share(first.minor, total)} of it"
    if len(bars) == 1:
        sentence = f"All of it is {first.name}"
    figure = money_charts.by_name(bars, currency, chosen=chosen)
    charts.finding(figure, sentence, f"Gross revenue by {by}, {currency}, cash basis")
    return figure, sentence, len(bars)


def waterfall(frame: pd.DataFrame, currency: str) -> None:
    """From gross to what stays after refunds, tax and fees."""
    figure, sentence, count = cache.drawn(_waterfall_figure, frame, currency)
    charts.show(figure, sentence, key=f"waterfall-{currency}", height=16 + 44 * count)


def _waterfall_figure(frame: pd.DataFrame, currency: str) -> tuple[go.Figure, str, int]:
    rows = metrics.waterfall(frame).to_dict("records")
    told = [r for r in rows if r["amount_minor"] or r["step"] != "disputes"]
    steps = [(_STEPS[str(row["step"])], int(row["amount_minor"])) for row in told]
    gross, net = (spoken.money(steps[place][1], currency) for place in (0, -1))
    sentence = f"{net} of {gross} stays" if gross != net else f"All of {gross} stays"
    figure = money_charts.waterfall(steps, currency)
    charts.finding(figure, sentence, f"From gross to net after tax, {currency}, cash basis")
    return figure, sentence, len(steps)


def cumulative(frame: pd.DataFrame, zone: str, today: date, currency: str) -> None:
    """This year so far beside the whole last one; ``frame`` holds all rows of the currency."""
    figure, sentence = cache.drawn(_cumulative_figure, frame, zone, today, currency)
    if figure is None:
        return
    t = charts.tokens()
    names = [(t["accent"], str(today.year)), (t["edge"], str(today.year - 1))]
    charts.show(figure, sentence, key=f"cumulative-{currency}", names=names)


def _cumulative_figure(
    frame: pd.DataFrame, zone: str, today: date, currency: str
) -> tuple[go.Figure | None, str]:
    told = metrics.cumulative(frame, zone, today).to_dict("records")
    rows = [(r["on"], _maybe(r["this_minor"]), int(r["last_minor"])) for r in told]
    now, then = next((this or 0, last) for on, this, last in rows if on == today)
    if rows[-1][2] == 0 and now == 0:
        return None, ""
    years = (str(today.year), str(today.year - 1))
    sentence = f"{spoken.money(now, currency)} so far this year"
    if rows[-1][2]:
        sentence += f", {spoken.money(then, currency)} by this day last year"
    figure = money_charts.cumulative(rows, currency, years)
    what = f"Gross revenue since January 1, {years[0]} against {years[1]}, {currency}, cash basis"
    charts.finding(figure, sentence, what)
    return figure, sentence


def chosen_rows(frame: pd.DataFrame, zone: str, by: str, month: str, of: str) -> pd.DataFrame:
    """The rows of ``month`` (``2026-03``) and of what ``of`` names, newest first."""
    kept = frame
    if of:
        named, _ = kinds.cut(frame, by)
        kept = kept[named[kinds.columns(by)[0]] == of]
    if first := _first_day(month):
        after = (first + timedelta(days=31)).replace(day=1)
        kept = within(kept, Period(first, after - timedelta(days=1), zone))
    return kept.iloc[::-1]


def filter_chip(frame: pd.DataFrame, by: str, month: str, of: str) -> None:
    """What the rows below are cut to, and the button that takes it off."""
    words = []
    if first := _first_day(month):
        words.append(f"{first:%B %Y}")
    if of:
        found = {kind.key: kind.name for kind in kinds.cut(frame, by)[1]}
        words.append(found.get(of, f"{by.capitalize()} not in this time"))
    if words:
        money_parts.filter_chip(", ".join(words), "month", "of")


def table(frame: pd.DataFrame, zone: str) -> None:
    """The rows themselves, amounts as people read them; the files have the same rows."""
    shown = frame.iloc[: downloads.SHOWN].to_dict("records")
    right: dict[str, Any] = {n: st.column_config.TextColumn(alignment="right") for n in _SUMS}
    right["Invoice"] = downloads.charge_column()
    downloads.table([_row(r, zone) for r in shown], key="revenue-table", columns=right)


def _row(row: dict[Any, Any], zone: str) -> dict[str, str]:
    currency = str(row["currency"])
    project = row["project"]
    return {
        "Booked": spoken.moment(row["booked_at"].to_pydatetime(), zone),
        "Invoice": downloads.charge_address(str(row["charge_id"]), str(row["invoice_number"])),
        "Customer": str(row["customer"]),
        "Item": str(row["item"]),
        "Project": project if isinstance(project, str) else "",
        "What": _KINDS.get(str(row["kind"]), str(row["kind"])),
        "How": str(row["method"]).replace("_", " "),
        **{words: spoken.money(int(row[name]), currency) for words, name in _SUMS.items()},
    }


def _card_rows(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    steps: dict[str, dict[str, int]] = {}
    for row in metrics.waterfall(frame).to_dict("records"):
        steps.setdefault(str(row["currency"]), {})[str(row["step"])] = int(row["amount_minor"])
    return {
        str(row["currency"]): {
            "Gross": steps[str(row["currency"])]["gross"],
            "Refunds": sum(steps[str(row["currency"])][s] for s in ("refunds", "disputes")),
            "Fees": -int(row["fee_minor"]),
            "Net": int(row["net_minor"]),
            "Tax": int(row["tax_minor"]),
        }
        for row in metrics.totals(frame).to_dict("records")
    }


def _other_currencies(rows: dict[str, dict[str, int]]) -> None:
    names = list(next(iter(rows.values())))
    head = "".join(f'<th scope="col">{name}</th>' for name in ("Also collected", *names))
    body = "".join(
        f'<tr><th scope="row">{html.escape(_capital(spoken.currency_name(currency)))}</th>'
        + "".join(f"<td>{html.escape(spoken.money(sums[n], currency))}</td>" for n in names)
        + "</tr>"
        for currency, sums in rows.items()
    )
    table = f'<table class="cs-sums"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>'
    st.html(f'<div class="cs-scroll" tabindex="0">{table}</div>')


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _share(part: int, whole: int) -> str:
    return f"{part * 100 // whole}%" if whole > 0 else "most"


def _maybe(minor: Any) -> int | None:
    return int(minor) if minor == minor and minor is not None and str(minor) != "<NA>" else None


def _first_day(month: str) -> date | None:
    try:
        return date.fromisoformat(f"{month}-01")
    except ValueError:
        return None
