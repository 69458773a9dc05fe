"""Evidence: check one chain or all of them, export packs, and check a pack somebody brings."""

from __future__ import annotations

import streamlit as st

from billing_core.reports import lists
from console import evidence_parts, widgets

widgets.title("Evidence")
st.caption(
    "Each charge has a chain of events; each event holds the hash of the one before. A pack is one "
    "file that a stranger can check without us."
)
evidence_parts.check_all()
widgets.section("Packs")
search = st.text_input(
    "Search",
    key="q",
    type="search",
    placeholder="Invoice number, customer or description",
    label_visibility="collapsed",
    bind="query-params",
    live="300ms",
)
found = lists.charges(search=search or "", limit=evidence_parts.MOST)
if found:
    evidence_parts.packs(found)
elif search:
    widgets.empty("No charge like that. Search for less.")
else:
    widgets.empty("No charge yet. The first one begins its chain.")
widgets.section("Check a pack")
evidence_parts.check_file()
