"""The parts of Reports: which frame, cut how, pivoted how; its chart and its code.

Sums come from ``reports.pivots``; here they are only put into words and pictures.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import streamlit as st

from billing_core.reports import lists, pivots
from billing_core.reports.pivots import COUNT, Pivot
from billing_core.reports.sql_code import Asked, sql_code
from console import cache, charts, kinds, money_charts, money_parts, owed_charts, periods, places
from console.money_charts import Bar, Series
from console.periods import Period

if TYPE_CHECKING:
    import pandas as pd

#: The frames by name: what one row is, and what a period cuts.
FRAMES = {
    "revenue": ("one booking of collected money", "booked"),
    "charges": ("one charge in its present state", "fired"),
    "receivables": ("one invoice that is still owed", "due"),
    "milestones": ("one milestone of a project", "due"),
    "approvals": ("one charge a client was asked to approve", "sent"),
    "disputes": ("one chargeback or inquiry", "opened"),
    "ledger": ("one posting; each set sums to zero", "booked"),
}
#: More columns than this nobody reads, and no sheet likes.
WIDEST = 60
_BARS, _MONTHS = 20, 60
_OTHER = "Other"
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Cut:
    """Which rows of which frame; customer is an id, "" and None leave open."""

    frame: str
    period: Period
    customer: str
    currency: str
    text: str

    def rows(self) -> pd.DataFrame:
        """The rows, at most a few seconds old."""
        since, until = self.period.since, self.period.until
        found = cache.frame(self.frame, since, until, self.customer or None, self.currency or None)
        return pivots.search(found, self.text)

    def code(self, wanted: Pivot | None) -> str:
        """Python that makes the same rows, or their pivot."""
        since, until = self.period.since, self.period.until
        given = {
            "since": since.isoformat() if since else "",
            "until": until.isoformat() if until else "",
            "customer": self.customer,
            "currency": self.currency,
        }
        return pivots.pandas_code(self.frame, given, text=self.text, wanted=wanted)

    def sql(self, frame: pd.DataFrame, wanted: Pivot | None) -> str:
        """SQL that makes the same from the frames; ``frame`` holds the rows."""
        asked = Asked(
            self.frame,
            self.period.since,
            self.period.until,
            self.customer,
            self.currency,
            self.text,
            self.period.zone,
        )
        return sql_code(asked, wanted, pivots.across_values(frame, wanted) if wanted else ())


def choose_cut() -> Cut | None:
    """Frame, time, customer, currency and text, all of them in the address."""
    name = _choice("Frame", "frame", {each: f"{each}: {FRAMES[each][0]}" for each in FRAMES})
    st.caption(f"The time cuts when a row was {FRAMES[name][1]}.")
    period = periods.choose("Time", default=periods.ALL)
    customers = {row.customer.id: row.customer.billed_as() for row in lists.customers(limit=_MOST)}
    currencies = sorted({currency for _, currency in cache.items()})
    with st.grid(3, min_column_width=220):
        customer = _choice("Customer", "customer", {"": "Everybody", **customers})
        currency = _choice("Currency", "currency", {"": "All", **{c: c for c in currencies}})
        text = st.text_input(
            "Words in a row",
            key="text",
            type="search",
            placeholder="Invoice number, name or account",
            max_chars=100,
            bind="query-params",
            live="300ms",
        )
    return Cut(name, period, customer, currency, text or "") if period else None


def choose_pivot(frame: pd.DataFrame, zone: str) -> Pivot | None:
    """Rows × columns × measure; None where the rows themselves are wanted."""
    dimensions = pivots.dimensions(frame)
    with st.grid(3, min_column_width=220):
        named = {each: words(each) for each in dimensions}
        rows = _choice("Rows", "rows", {"": "As they are", **named})
        columns = _choice("Columns", "columns", {"": "None", **named})
        measures = {each: words(each) for each in pivots.measures(frame)}
        measure = _choice("Measure", "measure", measures)
    return Pivot((rows,), columns, measure, zone) if rows else None


def too_wide(frame: pd.DataFrame, wanted: Pivot) -> bool:
    """True when a pivot would have more columns than anybody reads."""
    if not wanted.columns:
        return False
    one = Pivot((wanted.columns,), zone=wanted.zone)
    return len(pivots.pivot(frame, one)) > WIDEST


def words(name: str) -> str:
    """A column as people read it: ``booked_at month`` is Month booked."""
    if name.endswith(" month"):
        return f"Month {name.removesuffix(' month').rsplit('_', 1)[0].replace('_', ' ')}"
    plain = name.removesuffix("_minor").replace("_", " ").capitalize()
    return "Number of rows" if name == COUNT else plain


def chart(frame: pd.DataFrame, wanted: Pivot) -> None:
    """The pivot as a picture: columns over months, else lying bars; one currency."""
    currency = _currency_of(frame, wanted)
    mine = frame[frame["currency"] == currency] if currency else frame
    by = wanted.rows[0]
    table = pivots.pivot(mine, Pivot((by,), "", wanted.measure, wanted.zone))
    what = f"{words(wanted.measure)} by {words(by).lower()}" + (f", {currency}" if currency else "")
    if by.endswith(" month"):
        _months(mine, table, wanted, currency, what)
    else:
        _bars(table, by, wanted.measure, currency, what)


def _choice(label: str, name: str, options: dict[str, str]) -> str:
    """One of ``options`` (value → words). The address holds the value: two may read the same."""
    key, values = f"pick-{name}", list(options)
    asked = places.asked(name)
    if st.session_state.get(key) not in values:
        st.session_state[key] = asked if asked in values else values[0]
    chosen = st.selectbox(
        label, values, format_func=lambda each: options[each], key=key, on_change=_say, args=(name,)
    )
    return str(chosen)


def _say(name: str) -> None:
    places.say(**{name: str(st.session_state[f"pick-{name}"])})


def _currency_of(frame: pd.DataFrame, wanted: Pivot) -> str:
    if wanted.measure == COUNT:
        return ""
    here = sorted(frame["currency"].unique())
    preferred = cache.company().reporting_currency
    first = preferred if preferred in here else here[0]
    if len(here) == 1:
        return str(first)
    chosen = st.segmented_control(
        "Drawn in",
        here,
        default=first,
        required=True,
        key="drawn",
        label_visibility="collapsed",
        bind="query-params",
    )
    return str(chosen or first)


def _months(
    mine: pd.DataFrame, table: pd.DataFrame, wanted: Pivot, currency: str, what: str
) -> None:
    by, measure = wanted.rows[0], wanted.measure
    sums = {str(r[by]): int(r[measure]) for r in table.to_dict("records")}
    without = sums.pop(pivots.NONE, 0)
    if not sums:
        return
    months = report_months(list(sums))
    totals = [sums.get(month, 0) for month in months]
    series = _stack(mine, wanted, months) or [Series("", "", charts.OKABE_ITO[0], totals)]
    figure = money_charts.by_month(months, series, totals, currency)
    best = max(months, key=lambda month: sums.get(month, 0))
    sentence = f"{owed_charts.month_words(best)} has the most: "
    sentence += charts.told(sums.get(best, 0), currency)
    if without:
        what += f"; {charts.told(without, currency)} without a month is not drawn"
    charts.finding(figure, sentence, what)
    names = [(s.colour, s.name) for s in reversed(series)] if len(series) > 1 else []
    charts.show(figure, sentence, key="pivot-chart", names=names)


def report_months(found: list[str]) -> list[str]:
    """The months from the first to the last that has anything, the latest ``_MONTHS`` of them."""
    first, last = (date.fromisoformat(f"{month}-01") for month in (min(found), max(found)))
    return money_parts.months_between(first, last)[-_MONTHS:]


def _stack(mine: pd.DataFrame, wanted: Pivot, months: list[str]) -> list[Series]:
    across, measure = wanted.columns, wanted.measure
    if across not in mine or across in wanted.rows or (across == "currency" and measure != COUNT):
        return []
    named = mine.assign(**{across: mine[across].fillna(pivots.NONE)})
    ranked = pivots.pivot(named, Pivot((across,), "", measure)).sort_values(measure)[across]
    top = [str(name) for name in ranked.iloc[::-1].unique()[: charts.COLOURED]]
    if named[across].nunique() > len(top):
        named = named.assign(**{across: named[across].where(named[across].isin(top), _OTHER)})
    wide = pivots.pivot(named, Pivot(wanted.rows, across, measure, wanted.zone))
    wide = wide.set_index(wanted.rows[0])
    colours = kinds.colours_of(mine, across, top)
    edge = charts.tokens()["edge"]
    return [
        Series(name, name, colours.get(name, edge), [int(column.get(m, 0)) for m in months])
        for name in [*top, _OTHER]
        if (column := wide.get(f"{name} · {measure}")) is not None and column.any()
    ]


def _bars(table: pd.DataFrame, by: str, measure: str, currency: str, what: str) -> None:
    largest = table.sort_values(measure, ascending=False).head(_BARS).to_dict("records")
    blue = charts.OKABE_ITO[0]
    bars = [Bar(str(row[by]), str(row[by]), blue, int(row[measure])) for row in largest]
    figure = money_charts.by_name(bars, currency)
    sentence = f"{bars[0].name} has the most: {charts.told(bars[0].minor, currency)}"
    if len(table) > _BARS:
        what += f", the largest {_BARS} of {len(table):,}"
    charts.finding(figure, sentence, what)
    charts.show(figure, sentence, key="pivot-chart", height=40 + 36 * len(bars))
