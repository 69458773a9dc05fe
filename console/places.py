"""Where everything has its address, and how one screen leads to another.

Moves go through the entry script, so that the address in the browser always follows.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

ROOT = Path(__file__).resolve().parent.parent
_TURN = "places:turn"


def path(page: str) -> str:
    """The script of screen ``page`` (``overview``, ``charges`` …), absolute."""
    return str(ROOT / "pages" / f"{page}.py")


def turn(page: str, **query: str) -> None:
    """A callback for buttons on a page: show ``page`` with ``query`` in the address next."""
    st.session_state[_TURN] = (page, query)


def leave(page: str, **query: str) -> None:
    """As ``turn``, for buttons inside a dialog: the whole app is drawn anew, the dialog goes."""
    turn(page, **query)
    st.rerun()


def follow() -> None:
    """Make the move a callback asked for; called by the entry script once pages are known."""
    if wanted := st.session_state.pop(_TURN, None):
        page, query = wanted
        st.switch_page(path(page), query_params=query)


def asked(name: str) -> str:
    """What the address says for ``name``; an empty string when it says nothing."""
    return str(st.query_params.get(name, ""))


def say(**query: str) -> None:
    """A callback: keep the page, write ``query`` into the address; an empty value is taken off."""
    for name, value in query.items():
        if value:
            st.query_params[name] = value
        else:
            st.query_params.pop(name, None)
