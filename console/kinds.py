"""What money can be cut by on a screen, with colours that stay with their item or customer.

The six largest are named, the rest is "Other": relabelled here, summed by ``reports.metrics``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from billing_core.reports import metrics
from console import cache, charts, wording

if TYPE_CHECKING:
    import pandas as pd

BY = {"Item": "item", "Customer": "customer", "Project": "project", "Source": "source"}
OTHER, NONE = "other", "none"
_WORDS = {"gateway": "Gateway", "manual": "Recorded by hand"}


#: A state has its one colour in charts, too: the badge's, by the name of its token.
_STATES = {"state": wording.MILESTONE | wording.CHARGE, "shown_state": wording.MILESTONE}
_TOKENS = {
    "orange": "waiting",
    "violet": "changes",
    "blue": "approved",
    "green": "paid",
    "red": "failed",
    "gray": "edge",
}


@dataclass(frozen=True, slots=True)
class Kind:
    """One of what is told apart: its key in the address, its name, its colour."""

    key: str
    name: str
    colour: str


def cut(frame: pd.DataFrame, by: str) -> tuple[pd.DataFrame, list[Kind]]:
    """The rows of one currency with all but the six largest called Other; those, largest first."""
    named, largest, order = cache.worked_out(_cut, frame, by, cache.items())
    colours = _colours([key for key, _ in largest if key != OTHER], order)
    edge = charts.tokens()["edge"]
    return named, [Kind(key, name, colours.get(key, edge)) for key, name in largest]


def _cut(
    frame: pd.DataFrame, by: str, items: tuple[tuple[str, str], ...]
) -> tuple[pd.DataFrame, list[tuple[str, str]], list[str]]:
    ids, names = columns(by)
    named = _filled(frame, by)
    largest = _largest(named, by)
    top = [key for key, _ in largest[: charts.COLOURED]]
    if len(largest) > len(top):
        inside = named[ids].isin(top)
        named = named.assign(**{
            ids: named[ids].where(inside, OTHER),
            names: named[names].where(inside, "Other"),
        })  # fmt: skip
        largest = [*largest[: charts.COLOURED], (OTHER, "Other")]
    return named, largest, _order(frame, by, items)


def columns(by: str) -> tuple[str, str]:
    """The columns that hold the key and the name."""
    return ("source", "source") if by == "source" else (f"{by}_id", by)


def colours_of(frame: pd.DataFrame, column: str, names: list[str]) -> dict[str, str]:
    """The colours of ``names`` in ``column``: by their ids, as everywhere, where there are ids."""
    if column in _STATES:
        t, known = charts.tokens(), _STATES[column]
        return {name: t[_TOKENS[known[name].colour]] for name in names if name in known}
    ids = f"{column}_id"
    if column not in BY.values() or (column != "source" and ids not in frame):
        return _colours(names, sorted(names))
    if column == "source":
        return _colours(names, _order(frame, column, ()))
    pairs = frame[[column, ids]].dropna().drop_duplicates(column)
    known = dict(zip(pairs[column], pairs[ids], strict=True))
    keys = {name: str(known.get(name, name)) for name in names}
    colours = _colours(list(keys.values()), _order(frame, column, cache.items()))
    return {name: colours[key] for name, key in keys.items()}


def _filled(frame: pd.DataFrame, by: str) -> pd.DataFrame:
    ids, names = columns(by)
    if by == "source":
        return frame
    return frame.assign(**{ids: frame[ids].fillna(NONE), names: frame[names].fillna(f"No {by}")})


def _largest(filled: pd.DataFrame, by: str) -> list[tuple[str, str]]:
    ids, names = columns(by)
    rows = getattr(metrics, f"by_{by}")(filled).to_dict("records")
    return [(str(row[ids]), _WORDS.get(str(row[names]), str(row[names]))) for row in rows]


def _order(frame: pd.DataFrame, by: str, items: Sequence[tuple[str, str]]) -> list[str]:
    """Everything there is of its kind, in an order that new things only lengthen."""
    if by == "source":
        return list(_WORDS)
    if by == "item":
        here = set(frame["currency"].unique())
        return [item for item, currency in items if currency in here]
    return sorted(frame[f"{by}_id"].dropna().unique())


def _colours(top: list[str], order: list[str]) -> dict[str, str]:
    """The first six of ``order`` have their own colour; who is later takes one that is free."""
    own = {key: place for place, key in enumerate(order[: charts.COLOURED]) if key in top}
    free = [place for place in range(charts.COLOURED) if place not in own.values()]
    late = zip(sorted(set(top) - set(own)), free, strict=False)
    return {key: charts.OKABE_ITO[place] for key, place in {**own, **dict(late)}.items()}
