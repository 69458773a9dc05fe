"""Disputes: what a payer's bank objects to, until when it wants an answer, and how it ended."""

from __future__ import annotations

import streamlit as st

from billing_core.reports.contested import contested, held
from console import dispute_parts, widgets

widgets.title("Disputes")
st.caption(
    "An inquiry only asks, and no money moves. A chargeback takes the money at once, and the bank "
    "keeps it until it has decided. Answer at the gateway, with the charge’s evidence, in time."
)
waiting, decided = contested(decided=False), contested(decided=True)
if not waiting and not decided:
    widgets.empty("No dispute, and nothing to do. One that a bank opens shows here by itself.")
if waiting:
    widgets.section("To answer")
    if sums := held(waiting):
        widgets.soft(f"Held by banks now: {widgets.sums(sums)}")
    dispute_parts.draw(waiting, name="waiting")
if decided:
    widgets.section("Decided")
    dispute_parts.draw(decided, name="decided")
