"""SQL that gives the same rows, or the same pivot, as ``reports`` and ``pivots`` do in Python.

For ``reports.sql`` and for DuckDB in a notebook; nothing is read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from billing_core import clock
from billing_core.reports import shapes
from billing_core.reports.pivots import COUNT, MONTH, NONE, Pivot, across_of, keys_of

#: What ``since`` and ``until`` cut in each frame; a day is the one in the reporting zone.
CUT_BY = {
    "revenue": "booked_at",
    "charges": "fired_at",
    "receivables": "due_on",
    "milestones": "due_on",
    "approvals": "sent_at",
    "disputes": "opened_at",
    "ledger": "booked_at",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """Which rows of which frame; "" and None leave open. ``zone`` is the reporting zone."""

    frame: str
    since: datetime | None
    until: datetime | None
    customer: str
    currency: str
    text: str
    zone: str


def sql_code(asked: Asked, wanted: Pivot | None = None, values: Sequence[str] = ()) -> str:
    """One SELECT; ``values`` are those of the pivot's columns, in the order they are to stand."""
    select, tail = ["SELECT *"], []
    if wanted:
        select, tail = _selected(wanted, values), ["GROUP BY ALL", "ORDER BY ALL"]
    where = _where(asked)
    lines = [*select, f"FROM {asked.frame}", *where, *tail]
    return "\n".join(lines) + "\n"


def _where(asked: Asked) -> list[str]:
    moment = CUT_BY[asked.frame]
    bounds = [(moment, ">=", asked.since), (moment, "<", asked.until)]
    told = [f"{name} {sign} {_moment(name, at, asked.zone)}" for name, sign, at in bounds if at]
    equals = (("customer_id", asked.customer), ("currency", asked.currency))
    told += [f"{name} = {_text(value)}" for name, value in equals if value]
    if asked.text:
        sought = _text(asked.text.lower())
        texts = [n for n, kind in shapes.SHAPES[asked.frame].items() if kind == "text"]
        told.append("\n    OR ".join(f"contains(lower({n}), {sought})" for n in texts))
        told[-1] = f"({told[-1]})"
    return [f"WHERE {told[0]}", *(f"  AND {each}" for each in told[1:])] if told else []


def _selected(wanted: Pivot, values: Sequence[str]) -> list[str]:
    told = [f"    {_dimension(name, wanted.zone)} AS {_name(name)}" for name in keys_of(wanted)]
    across, measure = across_of(wanted), wanted.measure
    sums = "count(*)" if measure == COUNT else f"sum({measure})"
    if not across:
        told.append(f"    {sums} AS {_name(measure)}")
    for value in values if across else ():
        only = f"FILTER (WHERE {_dimension(across, wanted.zone)} = {_text(value)})"
        told.append(f"    coalesce({sums} {only}, 0) AS {_name(f'{value} · {measure}')}")
    return ["SELECT", ",\n".join(told)]


def _dimension(name: str, zone: str) -> str:
    if not name.endswith(MONTH):
        return f"coalesce({name}, {_text(NONE)})"
    source = name.removesuffix(MONTH)
    zone = "UTC" if source.endswith("_on") else zone
    month = f"strftime({source} AT TIME ZONE {_text(zone)}, '%Y-%m')"
    return f"coalesce({month}, {_text(NONE)})"


def _moment(name: str, at: datetime, zone: str) -> str:
    if name.endswith("_on"):
        return f"TIMESTAMPTZ '{at.astimezone(clock.zone(zone)).date().isoformat()} 00:00:00+00'"
    return f"TIMESTAMPTZ '{at.isoformat()}'"


def _name(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
