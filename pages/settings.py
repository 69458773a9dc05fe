"""Settings: who bills, what stands on every invoice, numbers, reminders, and the zone."""

from __future__ import annotations

import streamlit as st

from billing_core.flows.save_company import save_company
from billing_core.reports import operations
from console import access, cache, forms, settings_parts, team_parts, widgets

widgets.title("Settings")
st.caption("Changes hold from now on. What was sent stays as it was.")
with st.form("settings"):
    for heading, fields in settings_parts.SECTIONS:
        widgets.section(heading)
        forms.draw("company", fields, settings_parts.values_of(cache.company()))
    st.form_submit_button(
        "Save settings",
        key="save",
        type="primary",
        on_click=forms.save,
        args=(
            "company",
            settings_parts.FIELDS,
            lambda values, key: save_company(values, actor=access.actor()),
            lambda _: st.toast("Settings saved."),
        ),
    )
widgets.section("Who changed what")
changes = operations.setting_changes()
if changes:
    team_parts.acts(changes)
else:
    widgets.empty("Nothing was changed yet.")
