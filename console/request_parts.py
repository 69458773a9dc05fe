"""What waits for a second person, on every screen that shows it. Nothing is decided here."""

from __future__ import annotations

import streamlit as st

from billing_core.flows.commands import Command
from console import commands, places, widgets


def waits(command: Command) -> bool:
    """Draw the receipt of a press that only asked a second person; False when it acted."""
    request_id = (command.result or {}).get("request", "")
    if not request_id:
        return False
    widgets.strong("It waits for a second person.")
    st.text(
        "Nothing was sent or charged yet. Somebody else approves or refuses it under Operations; "
        "until then you can withdraw it there."
    )
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button(
            "Open Operations",
            key=f"request:{command.id}",
            on_click=places.leave,
            args=("operations",),
        )
        st.button("Close", key=f"done:{command.id}", type="primary", on_click=commands.closed)
    return True
