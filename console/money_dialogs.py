"""The dialogs of the other money buttons: void, record a payment, answer, send again, revise …

Each draws its few fields; what it would do and what forbids it comes from ``preview_verb``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from billing_core.flows.commands import Command
from billing_core.flows.preview_verb import preview_verb
from billing_core.rules.refunds import REASONS
from console import access, commands, places, request_parts, widgets, wording


@dataclass(frozen=True, slots=True)
class _Words:
    """A dialog's title, icon, what it says before, and what it says after."""

    title: str
    icon: str
    before: str
    after: str


_WORDS = {
    "void": _Words(
        "Void this charge",
        "block",
        "The invoice keeps its number and is stamped VOID. The link stops working. "
        "The client is told.",
        "Voided.",
    ),
    "record_payment": _Words(
        "Record a payment",
        "account_balance",
        "For money that came another way: the whole sum, once. The charge is paid after this.",
        "The payment is recorded.",
    ),
    "answer": _Words(
        "Answer and send again",
        "reply",
        "The same document goes out again with your answer above it.",
        "Answered and sent again.",
    ),
    "resend": _Words(
        "Send the mail again",
        "forward_to_inbox",
        "A fresh link goes to the billing address. The older link stops working.",
        "Sent again.",
    ),
    "new_link": _Words(
        "New link",
        "add_link",
        "A fresh link for you to hand over. No mail goes out; the older link stops working.",
        "Here is the new link.",
    ),
    "revise": _Words(
        "Revise",
        "edit_document",
        "This charge is voided and a new one takes its place. The client sees what changed.",
        "Revised and sent.",
    ),
    "retry": _Words(
        "Retry the payment",
        "replay",
        "The stored method is charged once more, for the same invoice. The client gets the "
        "receipt by mail when it pays.",
        "Tried again.",
    ),
    "refund": _Words(
        "Refund",
        "undo",
        "The money goes back the way it came. The client gets a credit note and a mail.",
        "Refunded.",
    ),
    "reissue": _Words(
        "Send again",
        "restart_alt",
        "The expired invoice is opened again and goes out with a fresh link.",
        "Sent again.",
    ),
}

#: What is said afterwards where it depends on what the gateway answered.
_OUTCOMES = {
    ("retry", "captured"): "Paid. The client gets the receipt by mail.",
    ("retry", "failed"): "Declined again. Nothing was taken.",
    ("retry", "charging"): "The gateway has not answered yet. It is asked again by itself.",
    ("refund", "succeeded"): "Refunded. The client gets the credit note by mail.",
    ("refund", "processing"): "On its way back. The credit note follows once it arrived.",
    ("refund", "unknown"): "The gateway has not answered yet. It is asked again by itself.",
    ("refund", "failed"): "The gateway refused the refund. Nothing went back.",
    ("retry", "pending_client"): "The bank asks for the client: the invoice went out by mail.",
}


def open_for(verb: str, charge_id: str, **start: str) -> None:
    """Callback of the buttons on a charge; ``start`` fills fields in."""
    commands.opened(verb, charge_id, {"charge": charge_id, **start})


def _void(sheet: commands.Sheet) -> None:
    sheet.text("reason", "Reason, as the client will read it")


def _record_payment(sheet: commands.Sheet) -> None:
    sheet.choice("method", "How the money came", wording.METHODS)
    sheet.day("paid_on", "Date it arrived")
    sheet.text("reference", "Reference on the statement")


def _answer(sheet: commands.Sheet) -> None:
    sheet.text("answer", "Your answer, as the client will read it")


def _revise(sheet: commands.Sheet) -> None:
    sheet.text("amount", "Amount")
    sheet.text("description", "Description")
    sheet.text("answer", "What you say about it, as the client will read it")


def _refund(sheet: commands.Sheet) -> None:
    sheet.text("amount", "Amount", placeholder="All that is left")
    sheet.choice("reason", "Why", REASONS)
    sheet.text("note", "Note, as the client will read it")


_FIELDS: dict[str, Callable[[commands.Sheet], None]] = {
    "void": _void,
    "record_payment": _record_payment,
    "answer": _answer,
    "revise": _revise,
    "refund": _refund,
}


def form(command: Command) -> None:
    """What will happen, the fields, what forbids it, and the button."""
    words = _WORDS[command.verb]
    sheet = commands.Sheet(command, charge=command.draft.get("charge", ""))
    st.text(words.before)
    draw = _FIELDS.get(command.verb)
    if draw:
        draw(sheet)
    values = sheet.values()
    preview = preview_verb(command.verb, values, access.actor())
    widgets.facts(preview.facts)
    with st.container(height=64, border=False):
        widgets.problem(preview.problem or sheet.refusal(values))
    with st.container(horizontal=True, horizontal_alignment="right"):
        st.button("Close and keep the draft", key=f"close:{command.id}", on_click=commands.closed)
        sheet.press_button(preview.label, ready=not preview.problem)


def receipt(command: Command) -> None:
    """What was done, and where it can be seen."""
    if request_parts.waits(command):
        return
    outcome = (command.result or {}).get("outcome", "")
    widgets.strong(_OUTCOMES.get((command.verb, outcome), _WORDS[command.verb].after))
    widgets.problem((command.result or {}).get("problem", ""))
    if url := (command.result or {}).get("url"):
        st.caption("Whoever holds this link can approve and pay.")
        st.code(url, language=None, wrap_lines=True)
    with st.container(horizontal=True, horizontal_alignment="right"):
        successor = command.charge_id or ""
        if successor and successor != command.sealed.get("charge"):
            st.button(
                "Open the new charge",
                key=f"open:{command.id}",
                on_click=places.leave,
                args=("charges",),
                kwargs={"charge": successor},
            )
        st.button("Close", key=f"done:{command.id}", type="primary", on_click=commands.closed)


SCREENS = {
    verb: commands.Screen(words.title, words.icon, 620, form, receipt)
    for verb, words in _WORDS.items()
}
