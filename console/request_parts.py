"""What waits for a second person, on every screen that shows it. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.commands import Command
from billing_core.flows.preview_verb import preview_verb
from billing_core.flows.refuse_request import refuse_request, withdraw_request
from billing_core.reports.requests import RequestRow
from billing_core.rules.nouns import Request
from console import access, cache, calm, commands, places, widgets, wording

VERB = "approve_request"
_ACTS = {"fire": "Charge", "refund": "Refund"}


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


def waiting(rows: Sequence[RequestRow]) -> None:
    """Each with who asked, and what this person may do about it."""
    with widgets.rows("requests"):
        for row in rows:
            _waiting(row)


def _waiting(row: RequestRow) -> None:
    request, mine = row.request, row.request.asked_by.id == access.actor().id
    with widgets.row(request.id) as cells:
        cells.badge(wording.REQUEST["waiting"])
        with cells.cell("text"):
            widgets.strong(f"{_ACTS[request.verb]}, {row.customer}")
            widgets.soft("\n".join(_said(row, mine=mine)))
            widgets.problem(request.problem)
        cells.amount(spoken.money(request.amount_minor, request.currency), 110)
        with cells.cell("buttons", "content"), st.container(horizontal=True, gap="small"):
            _decide(request, mine=mine)


def _said(row: RequestRow, *, mine: bool) -> list[str]:
    request = row.request
    asker = request.asked_by.name or request.asked_by.id
    note = str(request.parameters.get("note") or "")
    return [
        part
        for part in (
            row.about,
            note,
            f"Asked by {asker}, {widgets.moment(request.asked_at)}",
            "Your own: somebody else has to approve it." if mine else "",
        )
        if part
    ]


def _decide(request: Request, *, mine: bool) -> None:
    st.button(
        "Approve",
        key=f"approve:{request.id}",
        disabled=mine,
        on_click=commands.opened,
        args=(VERB, request.id, {"request": request.id}),
    )
    if mine:
        st.button("Withdraw", key=f"withdraw:{request.id}", on_click=_withdraw, args=(request.id,))
        return
    with st.popover("Refuse"):
        st.text_input("Why", key=f"why:{request.id}")
        st.button("Refuse it", key=f"refuse:{request.id}", on_click=_refuse, args=(request.id,))


@calm.guarded
def _withdraw(request_id: str) -> None:
    withdraw_request(request_id, actor=access.actor())
    st.toast("Withdrawn. Nothing was done.")


@calm.guarded
def _refuse(request_id: str) -> None:
    reason = str(st.session_state.get(f"why:{request_id}", ""))
    refuse_request(request_id, reason=reason, actor=access.actor())
    st.toast("Refused. Nothing was done.")


def decided(rows: Sequence[RequestRow]) -> None:
    """What became of earlier ones."""
    with widgets.rows("decided"):
        for row in rows:
            request, by = row.request, row.request.decided_by
            with widgets.row(request.id) as cells:
                cells.badge(wording.REQUEST[request.state])
                cells.name(f"{_ACTS[request.verb]}, {row.customer}")
                at = widgets.moment(request.decided_at) if request.decided_at else ""
                who = f"{by.name or by.id}, {at}" if by else at
                cells.text(" · ".join(part for part in (who, request.reason) if part))
                cells.amount(spoken.money(request.amount_minor, request.currency), 110)


def form(command: Command) -> None:
    """What the approval would do at once, and the button that says so."""
    sheet = commands.Sheet(command, request=command.draft.get("request", ""))
    st.text("It is done as soon as you press: with the sum and the words that were asked for.")
    values = sheet.values()
    preview = preview_verb(VERB, values, access.actor())
    widgets.facts(preview.facts)
    with st.container(height=64, border=False):
        widgets.problem(preview.problem or sheet.refusal(values))
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Close", key=f"close:{command.id}", on_click=commands.closed)
        sheet.press_button(preview.label, ready=not preview.problem)


def receipt(command: Command) -> None:
    """Done, and where it can be seen."""
    cache.clear()
    widgets.strong("Approved and done.")
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Close", key=f"done:{command.id}", on_click=commands.closed)
        st.button(
            "Open the charge",
            key=f"open:{command.id}",
            type="primary",
            on_click=places.leave,
            args=("charges",),
            kwargs={"charge": command.charge_id or ""},
        )


SCREENS = {VERB: commands.Screen("Approve", "group", 620, form, receipt)}
