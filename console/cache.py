"""What a screen may remember for a moment: the company's settings and the public frames.

Other processes write to the same books, so nothing is remembered for longer than a few seconds,
and a press of this console forgets at once. What was worked out of a frame is remembered for as
long as the frame, read anew, holds the same rows.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import streamlit as st

from billing_core import reports
from billing_core.reports import company as company_report
from billing_core.reports import lists
from billing_core.rules.nouns import Company

if TYPE_CHECKING:
    import pandas as pd

#: Seconds a frame may be old: long enough for the charts of one drawing, no longer.
LIFE_S = 3
P = ParamSpec("P")
R = TypeVar("R")
_MOST_FRAMES, _MOST_RESULTS, _MOST_ROWS = 20, 200, 1_000_000
_lock = threading.Lock()
_frames: OrderedDict[Any, Any] = OrderedDict()
_results: OrderedDict[Any, Any] = OrderedDict()


@st.cache_resource(ttl=LIFE_S, max_entries=20, show_spinner=False)
def frame(
    name: str,
    since: datetime | None = None,
    until: datetime | None = None,
    customer: str | None = None,
    currency: str | None = None,
) -> pd.DataFrame:
    """The public frame ``reports.name``, at most ``LIFE_S`` seconds old.

    All screens are handed the same one, because copying 100,000 rows for each drawing takes longer
    than drawing them: filter it, never write into it.
    """
    made: pd.DataFrame = getattr(reports, name)(since, until, customer, currency)
    cut = (name, since, until, customer, currency)
    with _lock:
        before = _frames.get(cut)
        if before is not None and made.equals(before):
            made = before
        _remember(_frames, cut, made, _MOST_FRAMES)
    return made


def worked_out(make: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
    """``make(*args, **named)``, done once for the same frames and values, for all tabs.

    ``make`` is pure; its frames come from ``frame`` or from here, its other values can be hashed.
    All screens are handed the same result: never write into it.
    """
    return _once("", make, *args, **named)


def drawn(make: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
    """As ``worked_out``, for what has the colours of the theme that the browser shows."""
    return _once(str(st.context.theme.type), make, *args, **named)


def _once(theme: str, make: Callable[P, R], *args: P.args, **named: P.kwargs) -> R:
    values = (*args, *sorted(named.items()))
    key = (theme, make.__module__, make.__qualname__, *(_mark(value) for value in values))
    with _lock:
        known = _results.get(key)
        if known is not None:
            _results.move_to_end(key)
    if known is None:
        # the arguments are held as well: a frame that is gone would leave its mark to another
        known = (values, make(*args, **named))
        with _lock:
            _remember(_results, key, known, _MOST_RESULTS)
    found: R = known[1]
    return found


def _mark(value: object) -> object:
    """What tells one argument from another: a frame by itself, anything else by its value."""
    return ("frame", id(value)) if hasattr(value, "iloc") else value


def _remember(place: OrderedDict[Any, Any], key: object, value: object, most: int) -> None:
    """Keep ``value`` and let go of the oldest: after ``most`` of them, or too many rows in all."""
    place[key] = value
    place.move_to_end(key)
    while len(place) > 1 and (len(place) > most or _rows(place.values()) > _MOST_ROWS):
        place.popitem(last=False)


def _rows(held: Iterable[Any]) -> int:
    """How many rows stand in all the frames of ``held`` together, each frame counted once."""
    found: dict[int, int] = {}
    left = list(held)
    while left:
        each = left.pop()
        if isinstance(each, tuple | list):
            left += [inner for inner in each if isinstance(inner, tuple) or hasattr(inner, "iloc")]
        elif hasattr(each, "iloc"):
            found[id(each)] = len(each)
    return sum(found.values())


def revenue(since: datetime | None = None) -> pd.DataFrame:
    """The revenue rows (``reports.frames.revenue``), at most ``LIFE_S`` seconds old."""
    return frame("revenue", since)


# cache_resource hands out the thing itself, where cache_data would unpickle it for every row
@st.cache_resource(ttl=LIFE_S, max_entries=1, show_spinner=False)
def company() -> Company:
    """The organisation's settings, at most ``LIFE_S`` seconds old."""
    return company_report.company()


@st.cache_resource(ttl=LIFE_S, max_entries=1, show_spinner=False)
def items() -> tuple[tuple[str, str], ...]:
    """Id and currency of each item in the order they were made: what their colours hang on."""
    return tuple((item.id, item.currency) for item in sorted(lists.items(), key=lambda i: i.id))


def clear() -> None:
    """Forget everything: something was just written."""
    st.cache_data.clear()
    for each in (frame, company, items):
        each.clear()
