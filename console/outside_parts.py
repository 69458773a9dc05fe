"""On Operations: reconcile now, and what a person should look at."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.ask_reconcile import ask_reconcile
from billing_core.flows.hear_again import BY_ITSELF
from billing_core.reports.outside import Concern, Round, latest_round
from console import calm, message_parts, places, widgets, wording

_BUSY = ("asked", "running")


def books() -> None:
    """How our books and the gateway's compare, and the button that compares them now."""
    found = latest_round()
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.section("Our books and the gateway's")
        st.button(
            "Reconcile now",
            key="reconcile",
            icon=":material/balance:",
            disabled=found.state in _BUSY,
            on_click=_reconcile,
        )
    if found.state in _BUSY:
        _under_way()
    else:
        _result(found)


@st.fragment(run_every=1)
def _under_way() -> None:
    """Looks each second; whoever leaves finds the result later."""
    found = latest_round()
    if found.state not in _BUSY:
        st.rerun()
    step = f"{found.step} …" if found.step else "A worker begins in a moment …"
    with widgets.rows("round"), widgets.row("round") as cells:
        cells.badge(wording.ROUND["running"])
        cells.text(f"{step} You can leave this page.")


def _result(found: Round) -> None:
    if found.state == "never":
        widgets.empty("Never compared yet. A worker does it every quarter of an hour with Stripe.")
        return
    clean = not found.problem and found.differences == found.waiting
    state = "done" if clean and found.state == "done" else "wrong"
    with widgets.rows("round"):
        with widgets.row("round") as cells:
            cells.badge(wording.ROUND[state])
            with cells.cell("text-whole"):
                widgets.strong("They agree." if state == "done" else _what_is_wrong(found))
                at = found.finished_at or found.started_at
                looked = f"{found.looked_at} things looked at, " if found.looked_at else ""
                widgets.soft(f"{looked}{widgets.moment(at)}" if at else looked)
        waits = dict(found.waiting)
        for currency, minor in found.differences:
            with widgets.row(f"difference-{currency}") as cells:
                cells.badge(wording.ROUND["waits" if waits.get(currency) == minor else "wrong"])
                late = ", the gateway has not booked it yet" if waits.get(currency) == minor else ""
                side = "more" if minor > 0 else "less"
                cells.text(f"Our books hold {side} than the gateway's{late}.")
                cells.amount(spoken.money(abs(minor), currency), 120)
        for number, sentence in enumerate(found.changed):
            with widgets.row(f"changed-{number}") as cells:
                cells.badge(wording.ROUND["changed"])
                cells.text(sentence)


def _what_is_wrong(found: Round) -> str:
    if found.state == "broken off":
        return "The last round was broken off. Reconcile again."
    return found.problem or "They do not agree."


@calm.guarded
def _reconcile() -> None:
    ask_reconcile()


def concerns(found: Sequence[Concern]) -> None:
    """What a person should look at: close it once it is seen to, and say what was found."""
    with widgets.rows("concerns"):
        for concern in found:
            with widgets.row(concern.id) as cells:
                cells.badge(wording.NEEDS[concern.kind])
                with cells.cell("text-whole"):
                    st.text(concern.sentence)
                    widgets.soft(f"{concern.about}, {widgets.moment(concern.last_at)}")
                with cells.cell("buttons", "content"), st.container(horizontal=True, gap="small"):
                    if concern.charge_id:
                        st.button(
                            "Open",
                            key=f"open:{concern.id}",
                            on_click=places.turn,
                            args=("charges",),
                            kwargs={"charge": concern.charge_id},
                        )
                    if concern.kind not in BY_ITSELF:
                        message_parts.set_aside_button(concern.id)
