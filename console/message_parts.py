"""What the payment gateway told us, and what a person does about news that our rules refuse."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from billing_core.flows.hear_again import hear_again, look_again, set_aside
from billing_core.reports.operations import Concern, Message
from console import access, calm, widgets, wording


def parked(found: Sequence[Concern]) -> None:
    """Each with why, and two ways on: ask the gateway again, or set it aside."""
    with widgets.rows("parked"):
        for each in found:
            with widgets.row(each.id) as cells:
                cells.badge(wording.NEEDS["message_parked"])
                cells.side(widgets.moment(each.last_at), 205)
                cells.text(f"{each.sentence}\n{each.about}")
                with cells.cell("buttons", "content"), st.container(horizontal=True, gap="small"):
                    _button("Look again", f"again:{each.id}", _look, each.id)
                    set_aside_button(each.id)


def told(found: Sequence[Message]) -> None:
    """The latest messages; one that led to nothing can be acted on once more."""
    with widgets.rows("messages"):
        for each in found:
            with widgets.row(each.id) as cells:
                cells.badge(wording.MESSAGE[each.state])
                cells.side(widgets.moment(each.received_at), 205)
                cells.text("\n".join(filter(None, (each.kind, each.object_id, each.reason))))
                if each.state != "waiting":
                    with cells.cell("action", "content"):
                        _button("Act on it again", f"hear:{each.id}", _hear, each.id)


def set_aside_button(concern_id: str) -> None:
    """Asks what was found: that stays in the staff log."""
    with st.popover("Set aside"):
        st.text_input("What you found", key=f"why:{concern_id}")
        st.button("Set it aside", key=f"aside:{concern_id}", on_click=_aside, args=(concern_id,))


def _button(words: str, key: str, act: object, about: str) -> None:
    st.button(words, key=key, type="tertiary", on_click=act, args=(about,))  # type: ignore[arg-type]


@calm.guarded
def _look(concern_id: str) -> None:
    many = look_again(concern_id, actor=access.actor())
    st.toast("The gateway is asked again now." if many else "Reconciliation looks at it again.")


@calm.guarded
def _aside(concern_id: str) -> None:
    reason = str(st.session_state.get(f"why:{concern_id}", ""))
    set_aside(concern_id, reason=reason, actor=access.actor())
    st.toast("Set aside. It comes back when it is heard of again.")


@calm.guarded
def _hear(message_id: str) -> None:
    hear_again(message_id, actor=access.actor())
    st.toast("It is acted on again now.")
