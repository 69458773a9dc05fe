"""The small parts every screen is made of. What people wrote is only ever shown as text.

Markdown knows links, formulas and pictures, so names and descriptions never pass through it.
"""

from __future__ import annotations

import base64
import html
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

import streamlit as st

from billing_core import clock
from billing_core.documents import wording as spoken
from console import cache, charts, wording
from console.wording import Badge

#: Widths of a row's cells in pixels: a row wraps on a phone instead of shrinking.
BADGE_PX, NAME_PX, AMOUNT_PX, ACTION_PX = 168, 250, 124, 84


def title(text: str, *, of_people: bool = False) -> None:
    """A page's heading. ``of_people``: the words are a name someone typed."""
    if of_people:
        st.html(f'<h1 class="cs-title">{html.escape(text)}</h1>')
    else:
        st.title(wording.label(text), anchor=False)


def section(text: str) -> None:
    """The heading of a part of a page; our own words only."""
    st.subheader(wording.label(text), anchor=False)


def strong(text: str) -> None:
    """People's words in the first voice."""
    st.html(f'<p class="cs-strong">{html.escape(text)}</p>')


def soft(text: str) -> None:
    """People's words in the second voice, line breaks kept."""
    st.html(f'<p class="cs-soft">{html.escape(text)}</p>')


def problem(sentence: str) -> None:
    """What is wrong with the field above, in the colour of a failure."""
    if sentence:
        colour = charts.tokens()["failed"]
        st.html(f'<p class="cs-problem" style="color:{colour}">{html.escape(sentence)}</p>')


def badge(which: Badge) -> None:
    """A state: its one word, colour and icon."""
    colour: Any = which.colour
    st.badge(which.word, icon=f":material/{which.icon}:", color=colour)


def money(amount_minor: int | None, currency: str | None) -> str:
    """An amount as people read it; a dash where there is none."""
    return spoken.money(amount_minor, currency) if amount_minor is not None and currency else "–"


def sums(amounts: Sequence[tuple[str, int]]) -> str:
    """Amounts of several currencies side by side, never added up; a dash where there is none."""
    return " · ".join(spoken.money(minor, currency) for currency, minor in amounts) or "–"


@contextmanager
def rows(name: str) -> Iterator[None]:
    """A bordered list with hairlines between its rows."""
    with st.container(border=True, gap=None, key=f"rows-{name}"):
        yield


@contextmanager
def row() -> Iterator[None]:
    """One row of a list; its cells wrap on a phone."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        yield


def cell(text: str, *, width: int | str = "stretch", right: bool = False) -> None:
    """A cell of people's text; ``right`` for numbers."""
    any_width: Any = width
    with st.container(width=any_width):
        side: Any = "right" if right else "left"
        st.text(text, width="stretch", text_alignment=side)


def badge_cell(which: Badge) -> None:
    """A cell with a state, wide enough for the longest word."""
    with st.container(width=BADGE_PX):
        badge(which)


def amount_cell(text: str) -> None:
    """A cell with an amount, right-aligned."""
    cell(text, width=AMOUNT_PX, right=True)


def action_cell(words: str, *, key: str, go: Callable[..., None], **query: str) -> None:
    """The last cell of a row: the button that opens its place."""
    with st.container(width=ACTION_PX):
        page = query.pop("page")
        st.button(words, key=key, type="tertiary", on_click=go, args=(page,), kwargs=query)


def facts(pairs: Sequence[tuple[str, str]]) -> None:
    """Labels and values in columns; values are people's words. Empty values are left out."""
    shown = [(name, value) for name, value in pairs if value]
    with st.grid(min_column_width=200, gap="medium"):
        for name, value in shown:
            with st.container(gap=None):
                st.caption(wording.label(name))
                st.text(value)


def empty(sentence: str) -> None:
    """An empty place says what to do first."""
    with st.container(border=True):
        st.text(sentence)


def framed(page: str, *, height: int, about: str) -> None:
    """HTML with people's words, in a ``data:`` frame: there it cannot reach the console."""
    address = "data:text/html;charset=utf-8;base64," + base64.b64encode(page.encode()).decode()
    st.iframe(address, height=height, alt=about)


def day(on: date) -> str:
    """A date in words, without the year where it is this one."""
    return spoken.day_short(on, near=clock.today(_zone()))


def moment(at: datetime) -> str:
    """A time on the clocks of the reporting zone, with the zone's name."""
    return spoken.moment(at, _zone())


def _zone() -> str:
    return cache.company().reporting_zone


def moment_of(stamp: str) -> str:
    """The time of an evidence event (its stored text) on the clocks of the reporting zone."""
    return moment(datetime.fromisoformat(stamp))


def amount(text: str) -> None:
    """The one sum a screen is about."""
    st.html(f'<p class="cs-sum">{html.escape(text)}</p>')


def field_words(name: str) -> str:
    """A field's name as words: ``user_agent`` reads User agent."""
    return name.rpartition("/")[2].replace("_", " ").capitalize()
