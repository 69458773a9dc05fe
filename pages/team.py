"""Team & keys: who may act here, the keys of machines, and what people changed or took out."""

from __future__ import annotations

import streamlit as st

from billing_core.flows.create_key import list_keys
from billing_core.reports import operations
from console import access, team_parts, widgets

widgets.title("Team & keys")
widgets.section("Team")
with widgets.rows("team"), widgets.row("me") as cells:
    cells.name(access.actor().name or access.actor().id)
    cells.text("Operator of this machine. Whoever can open this address acts under this name.")
widgets.section("API keys")
st.caption("A key does what its scopes name, and nothing else. Machines send it as a bearer token.")
team_parts.new_key()
keys = list_keys()
if keys:
    team_parts.keys(keys)
else:
    widgets.empty("No key yet. Make one for each machine, with the scopes it needs.")
widgets.section("What was changed")
acts = operations.staff_log()
if acts:
    team_parts.acts(acts)
else:
    widgets.empty("Nothing yet. Settings that are changed, keys and exports stand here.")
