"""The console's entry: theme, navigation, banners, the page asked for, and the open dialog.

Run by Streamlit as a script on every visit. No screen is drawn here and no rule decided.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from billing_core import settings
from console import access, calm, charge_now, commands, money_dialogs, places, request_parts

_STATIC = Path(__file__).parent / "static"
_SCREENS = {
    "Today": [("overview", "Overview", "today")],
    "Bill": [
        ("projects", "Projects", "flag"),
        ("customers", "Customers", "group"),
        ("charges", "Charges", "draw"),
    ],
    "Money": [
        ("revenue", "Revenue", "bar_chart"),
        ("receivables", "Receivables", "hourglass_top"),
        ("disputes", "Disputes", "gavel"),
    ],
    "Report": [("reports", "Reports", "table_chart"), ("evidence", "Evidence", "verified")],
    "Set up": [
        ("items", "Items", "sell"),
        ("outbox", "Outbox", "outbox"),
        ("operations", "Operations", "monitor_heart"),
        ("team", "Team & keys", "key"),
        ("settings", "Settings", "tune"),
    ],
}


def _navigation() -> list[st.Page]:
    """Every screen, as one plain list: Streamlit's own groups are no valid list for a reader of
    screens, so a style says where a group begins."""
    return [
        st.Page(
            places.path(name),
            title=title,
            icon=f":material/{icon}:",
            url_path=name,
            default=name == "overview",
        )
        for screens in _SCREENS.values()
        for name, title, icon in screens
    ]


def _groups() -> str:
    """The style that writes each group's word above its first screen."""
    firsts = [(group, screens[0][0]) for group, screens in _SCREENS.items()]
    rules = [f'li:has(a[href$="/{name}"])::before{{content:"{group}"}}' for group, name in firsts]
    rules[0] = (
        f'li:first-child::before{{content:"{firsts[0][0]}"}}'  # it has no name in its address
    )
    return "".join(f'[data-testid="stSidebarNavItems"]>{rule}' for rule in rules)


def _menu_closes(shown: str) -> None:
    """On narrow windows the menu lies over the screen: having chosen one, people want to see it.
    Streamlit closes it on telephones only; so the screen is pressed beside it, once for each."""
    st.html(
        f"""<script>/* {shown} */ if (innerWidth <= 768)
        document.querySelector('[data-testid="stMain"]')
          ?.dispatchEvent(new MouseEvent("mousedown", {{bubbles: true}}))</script>""",
        unsafe_allow_javascript=True,
    )


def _banner() -> None:
    """What the books are, where money is not real."""
    if settings.load().database.endswith("/demo.db"):
        words = "Demo: a fictional agency, no real money. Your own empty books: `make run DEMO=0`"
    elif settings.load().gateway == "sandbox":
        words = "Sandbox: no real money moves. Number 4242 4242 4242 4242 pays."
    else:
        return
    with st.container(key="banner"):
        st.info(words, icon=":material/science:")


st.set_page_config(page_title="Countersign", page_icon=str(_STATIC / "favicon.svg"), layout="wide")
dark = st.context.theme.type == "dark"
st.logo(
    str(_STATIC / ("logo-dark.svg" if dark else "logo.svg")),
    size="large",
    icon_image=str(_STATIC / "mark.svg"),
)
st.html(_STATIC / "console.css")
st.html(f"<style>{_groups()}</style>")
page = st.navigation(_navigation(), expanded=True)
with st.sidebar:
    st.caption(access.NOTICE)
    _menu_closes(page.url_path)
places.follow()
with calm.boundary():
    _banner()
    calm.show_kept()
    page.run()
with calm.boundary():
    commands.host(
        {charge_now.VERB: charge_now.SCREEN, **money_dialogs.SCREENS, **request_parts.SCREENS}
    )
