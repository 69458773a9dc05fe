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
BADGE_PX, NAME_PX, AMOUNT_PX, ACTION_PX = 150, 190, 100, 56


def title(text: str) -> None:
    """A page's heading, people's words included; what follows " — " in the second voice."""
    head, tail = spoken.split_title(text)
    second = f"<span> — {html.escape(tail)}</span>" if tail else ""
    st.html(f'<h1 class="cs-title">{html.escape(head)}{second}</h1>')


def section(text: str) -> None:
    """The heading of a part of a page; our own words only."""
    st.header(wording.label(text), anchor=False)


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


class Row:
    """One row of a list: cells side by side, rearranged by the stylesheet on a phone."""

    def __init__(self, key: str) -> None:
        self._key, self._cells = key, 0

    @contextmanager
    def cell(self, kind: str, width: int | str = "stretch") -> Iterator[None]:
        """Any cell; ``kind`` is badge, name, text, text-whole (a line of its own
        on a phone), side, amount or action (console.css)."""
        self._cells += 1
        any_width: Any = width
        side: Any = "right" if kind in ("amount", "action") else "left"
        key = f"cell-{kind}-{self._key}-{self._cells}"
        with st.container(width=any_width, horizontal_alignment=side, gap="small", key=key):
            yield

    def badge(self, which: Badge) -> None:
        """A state, in a cell wide enough for the longest word."""
        with self.cell("badge", BADGE_PX):
            badge(which)

    def name(self, text: str, width: int = NAME_PX) -> None:
        """Whom or what the row is about."""
        with self.cell("name", width):
            st.text(text)

    def text(self, text: str) -> None:
        """People's words; takes the room that is left."""
        with self.cell("text"):
            st.text(text)

    def side(self, text: str, width: int) -> None:
        """A short fact, such as a date."""
        with self.cell("side", width):
            st.text(text)

    def amount(self, text: str, width: int = AMOUNT_PX) -> None:
        """An amount, right-aligned."""
        with self.cell("amount", width):
            st.text(text, text_alignment="right")

    def action(self, words: str, go: Callable[..., None], page: str, **query: str) -> None:
        """The button that opens the row's place."""
        with self.cell("action", ACTION_PX):
            key = f"open:{self._key}"
            st.button(words, key=key, type="tertiary", on_click=go, args=(page,), kwargs=query)


@contextmanager
def row(key: str) -> Iterator[Row]:
    """One row; ``key`` is unique on the page."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        yield Row(key)


def facts(pairs: Sequence[tuple[str, str]], *, least_px: int = 220) -> None:
    """Labels and values in columns; values are people's words. Empty values are left out."""
    cells = [
        f"<div><dt>{html.escape(name)}</dt><dd>{html.escape(value)}</dd></div>"
        for name, value in pairs
        if value
    ]
    columns = f"grid-template-columns:repeat(auto-fill,minmax(min({least_px}px,100%),1fr))"
    st.html(f'<dl class="cs-facts" style="{columns}">{"".join(cells)}</dl>')


def empty(sentence: str) -> None:
    """An empty place says what to do first."""
    with st.container(border=True):
        st.text(sentence)


def framed(page: str, *, height: int, about: str) -> None:
    """HTML with people's words, in a ``data:`` frame: there it cannot reach the console.

    Its links open in a tab of their own: no page of ours lets itself be shown in a frame.
    """
    page = page.replace("<head>", '<head><base target="_blank">', 1)
    address = "data:text/html;charset=utf-8;base64," + base64.b64encode(page.encode()).decode()
    st.iframe(address, height=height, alt=about)


def day(on: date) -> str:
    """A date in words, without the year where it is this one."""
    return spoken.day_short(on, near=clock.today(_zone()))


def moment(at: datetime) -> str:
    """A time on the clocks of the reporting zone; the year only where it is not this one."""
    this_year = f", {clock.today(_zone()).year}, "
    return spoken.moment(at, _zone()).replace(this_year, ", ", 1)


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


def summed(words: str, total: str) -> None:
    """A calculation on one line, its result in the first voice."""
    st.html(f"<p class='cs-line'>{html.escape(words)}<b>{html.escape(total)}</b></p>")
