"""The parts of the Team & keys screen. A key's secret is shown once and kept nowhere."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from billing_core.flows.create_key import ApiKey, create_key, revoke_key
from billing_core.reports.operations import Act
from billing_core.rules.scopes import SCOPES
from console import access, calm, widgets, wording
from console.wording import Badge

_SECRET, _ASKED = "team:secret", "team:revoking"
_SCOPE_SAYS = {
    "fire": "fire: charge customers",
    "read": "read: look at everything",
    "manage": "manage: customers, items, projects",
    "refund": "refund: give money back",
    "links": "links: send and renew Pay Now links",
}
_LIVE, _ENDED = Badge("Active", "gray", "key"), Badge("Revoked", "gray", "key_off")


def new_key() -> None:
    """The form for a new key, and its secret right after it was made."""
    with st.form("new-key", border=True):
        st.text_input("Name", key="key-name", placeholder="Project tool")
        st.pills(
            "Scopes",
            SCOPES,
            key="key-scopes",
            selection_mode="multi",
            default=["fire", "read"],
            format_func=lambda scope: _SCOPE_SAYS[scope],
        )
        st.form_submit_button("Make a key", key="make-key", on_click=_make)
    if secret := st.session_state.pop(_SECRET, ""):
        st.info("Copy it now: it is shown this once.", icon=":material/key:")
        st.code(secret, language=None)


@calm.guarded
def _make() -> None:
    scopes = st.session_state.get("key-scopes") or []
    made = create_key(str(st.session_state.get("key-name", "")), list(scopes), actor=access.actor())
    st.session_state[_SECRET] = made.secret
    st.session_state["key-name"] = ""


def keys(found: Sequence[ApiKey]) -> None:
    """All keys, newest first; revoking asks once more."""
    with widgets.rows("keys"):
        for key in found:
            _key(key)


def _key(key: ApiKey) -> None:
    with widgets.row(key.id) as cells:
        cells.badge(_ENDED if key.revoked_at else _LIVE)
        cells.name(key.name)
        cells.text(f"{key.shown}… · {', '.join(key.scopes)}")
        used = widgets.moment(key.last_used_at) if key.last_used_at else "never used"
        cells.side(used, 205)
        with cells.cell("action", "content"):
            if key.revoked_at is None:
                _revoke_button(key)


def _revoke_button(key: ApiKey) -> None:
    if st.session_state.get(_ASKED) == key.id:
        st.button(
            "End it for good",
            key=f"revoke:{key.id}",
            type="primary",
            on_click=_revoke,
            args=(key.id,),
        )
    else:
        st.button(
            "Revoke", key=f"ask-revoke:{key.id}", type="tertiary", on_click=_ask, args=(key.id,)
        )


def _ask(key_id: str) -> None:
    st.session_state[_ASKED] = key_id


@calm.guarded
def _revoke(key_id: str) -> None:
    revoke_key(key_id, actor=access.actor())
    st.session_state.pop(_ASKED, None)
    st.toast("This key opens nothing any more.")


def acts(found: Sequence[Act]) -> None:
    """Who changed what, newest first."""
    me = access.actor()
    with widgets.rows("acts"):
        for number, act in enumerate(found):
            with widgets.row(f"act-{number}") as cells:
                cells.side(widgets.moment(act.at), 240)
                cells.name(wording.act_words(act.name))
                cells.text(f"{act.before} → {act.after}" if act.before else act.after)
                cells.side(me.name if me.name and act.actor_id == me.id else act.actor_id, 110)
