"""What a screen may remember for a moment: the company's settings and the revenue frame.

Other processes write to the same books, so nothing is remembered for longer than a few seconds,
and a press of this console forgets at once.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import streamlit as st

from billing_core.reports import company as company_report
from billing_core.reports import frames
from billing_core.rules.nouns import Company

if TYPE_CHECKING:
    import pandas as pd

#: Seconds a frame may be old: long enough for the charts of one drawing, no longer.
LIFE_S = 3


@st.cache_data(ttl=LIFE_S, max_entries=20, show_spinner=False)
def revenue(since: datetime | None = None) -> pd.DataFrame:
    """The revenue rows (``reports.frames.revenue``), at most ``LIFE_S`` seconds old."""
    return frames.revenue(since=since)


@st.cache_data(ttl=LIFE_S, max_entries=1, show_spinner=False)
def company() -> Company:
    """The organisation's settings, at most ``LIFE_S`` seconds old."""
    return company_report.company()


def clear() -> None:
    """Forget everything: something was just written."""
    st.cache_data.clear()
