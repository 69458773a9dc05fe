"""What a screen may remember for a moment: the company's settings and the public frames.

Other processes write to the same books, so nothing is remembered for longer than a few seconds,
and a press of this console forgets at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from billing_core import reports
from billing_core.reports import company as company_report
from billing_core.reports import lists
from billing_core.rules.nouns import Company

if TYPE_CHECKING:
    import pandas as pd

#: Seconds a frame may be old: long enough for the charts of one drawing, no longer.
LIFE_S = 3


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
    return made


def revenue(since: datetime | None = None) -> pd.DataFrame:
    """The revenue rows (``reports.frames.revenue``), at most ``LIFE_S`` seconds old."""
    return frame("revenue", since)


@st.cache_data(ttl=LIFE_S, max_entries=1, show_spinner=False)
def company() -> Company:
    """The organisation's settings, at most ``LIFE_S`` seconds old."""
    return company_report.company()


@st.cache_data(ttl=LIFE_S, max_entries=1, show_spinner=False)
def items() -> list[tuple[str, str]]:
    """Id and currency of each item in the order they were made: what their colours hang on."""
    return [(item.id, item.currency) for item in sorted(lists.items(), key=lambda i: i.id)]


def clear() -> None:
    """Forget everything: something was just written."""
    st.cache_data.clear()
    frame.clear()
