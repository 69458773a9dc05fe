"""The Charge Now dialog: which customer, item, milestone, sum and words, and what will be sent.

It draws what ``flows.preview_charge`` says would happen; the press itself is up to ``commands``.
"""

from __future__ import annotations

import hashlib
import json

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows import preview_charge
from billing_core.flows.commands import Command, find_command
from billing_core.flows.preview_charge import Preview
from billing_core.flows.send_preview import send_preview
from billing_core.reports import lists, outbox
from billing_core.rules import amounts, money
from billing_core.rules.nouns import Item
from console import (
    access,
    cache,
    calm,
    charge_start,
    commands,
    invoice_view,
    places,
    request_parts,
    widgets,
    wording,
)

VERB = "fire"


@calm.guarded
def open_for(customer_id: str = "", milestone_id: str = "") -> None:
    """Callback of every Charge Now button: the dialog, filled in as far as can be known."""
    start = {"customer": customer_id, "milestone": milestone_id}
    commands.opened(VERB, f"{customer_id}:{milestone_id}", charge_start.filled(start))


@calm.guarded
def open_like(charge_id: str, customer_id: str, item_id: str) -> None:
    """Callback of "Charge again": the same customer and item, another phase."""
    start = {"customer": customer_id, "item": item_id}
    commands.opened(VERB, f"like:{charge_id}", charge_start.filled(start))


def form(command: Command) -> None:
    """The draft of a charge, with the preview of its mail and invoice beside it."""
    left, right = st.columns([1, 1.15], gap="large")
    with left, st.container(gap="xsmall"):
        sheet = commands.Sheet(command, again=command.draft.get("again", ""))
        _fields(sheet)
        values = sheet.values()
        preview = preview_charge.preview(values, access.actor())
        _says(sheet, values, preview)
    with right:
        _shown(values, preview, command.id)
    _foot(sheet, values, preview)


def receipt(command: Command) -> None:
    """What was sent to whom, the charge, and the link to copy; or who has to approve it first."""
    if request_parts.waits(command):
        return
    invoice_view.sent(command)
    mails = outbox.mails(command.charge_id, limit=1) if command.charge_id else ()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if mails:
            st.button("Read the mail", key=f"mail:{command.id}", type="tertiary",
                      icon=":material/mail:", on_click=places.leave, args=("outbox",),
                      kwargs={"mail": mails[0].id})  # fmt: skip
        st.button("Close", key=f"done:{command.id}", on_click=commands.closed)
        start = {"customer": command.sealed.get("customer", "")}
        st.button(
            "Charge again",
            key=f"again:{command.id}",
            on_click=commands.again,
            args=(VERB, f"again:{command.id}", charge_start.filled(start)),
        )
        st.button(
            "Open the charge",
            key=f"open:{command.id}",
            type="primary",
            on_click=places.leave,
            args=("charges",),
            kwargs={"charge": command.charge_id or ""},
        )


SCREEN = commands.Screen("Charge Now", "draw", 1120, form, receipt)


def _fields(sheet: commands.Sheet) -> None:
    names = {row.customer.id: row.customer.billed_as() for row in lists.customers()}
    customer = sheet.choice(
        "customer", "Customer", names, picked=_pick_customer, placeholder="Whom do you bill?"
    )
    draft = sheet.command.draft
    items = charge_start.items(customer, draft.get("item", ""))
    item_id = sheet.choice(
        "item",
        "Item",
        {i.id: f"{i.name} · {wording.CAPTURE_SHORT[i.capture_mode]}" for i in items.values()},
        picked=_pick_item,
        placeholder="What is charged?" if items else "Not enrolled in any item yet",
    )
    if item_id in items:
        st.caption(wording.MODES[items[item_id].trigger_mode])
    milestones = charge_start.milestones(customer, draft.get("milestone", ""))
    if milestones:
        titles = {m.id: charge_start.milestone_words(m) for m in milestones.values()}
        sheet.choice(
            "milestone", "Milestone", titles, picked=_pick_milestone, placeholder="No milestone"
        )
    _sum(sheet, items.get(item_id))
    if item_id in items and items[item_id].trigger_mode == "threshold":
        st.caption("Billed under the item's own description.")
        return
    sheet.text("description", "Description", placeholder=wording.GOOD_DESCRIPTION)
    st.caption("Name the phase and the date, as the client knows them.")


def _sum(sheet: commands.Sheet, item: Item | None) -> None:
    left, right = st.columns([3, 2], wrap=False)
    with left:
        if item and not amounts.may_override(item):
            locked = money.to_text(item.unit_price_minor, item.currency)
            st.text_input(
                f"Amount, {item.currency}", locked, key=f"locked:{sheet.command.id}", disabled=True
            )
        else:
            sheet.text("amount", f"Amount, {item.currency}" if item else "Amount")
        if item:
            price = spoken.money(item.unit_price_minor, item.currency)
            cap = amounts.effective_cap(item, cache.company())
            st.caption(wording.label(f"Price {price} · cap {spoken.money(cap, item.currency)}"))
    with right:
        sheet.text("po_number", "PO number")
    if item and item.condition:
        sheet.text("metric_value", "Metric value", placeholder=str(item.threshold))


def _says(sheet: commands.Sheet, values: dict[str, str], preview: Preview) -> None:
    """Room of fixed height for what comes and goes, so that no button moves under the pointer."""
    command = sheet.command
    with st.container(height=176, border=False, gap="xsmall", key="charge-says"):
        widgets.problem(preview.problem or sheet.refusal(values))
        if preview.cure not in preview.problem:
            st.text(preview.cure)
        if preview.second_person:
            st.text(preview.second_person)
        if preview.warning:
            st.badge("Charged before?", icon=":material/content_copy:", color="orange")
            st.text(preview.warning)
        if not preview.problem:
            st.text(st.session_state.get(f"previewed:{command.id}", ""))
        with st.container(horizontal=True, vertical_alignment="center"):
            if sheet.fixed["again"] or (preview.warning_charge and preview.cure):
                sheet.switch("again", "Charge again")
            if preview.cure and values["customer"] and not preview.warning_charge:
                st.button(
                    "Open the profile",
                    key=f"profile:{command.id}",
                    type="tertiary",
                    icon=":material/person:",
                    on_click=places.leave,
                    args=("customers",),
                    kwargs={"customer": values["customer"]},
                )
            if preview.warning_charge:
                st.button(
                    "Open that charge",
                    key=f"other:{command.id}",
                    type="tertiary",
                    icon=":material/open_in_new:",
                    on_click=places.leave,
                    args=("charges",),
                    kwargs={"charge": preview.warning_charge},
                )


def _shown(values: dict[str, str], preview: Preview, cmd: str) -> None:
    with st.container(border=True, height=600, key="charge-shown"):
        mail, invoice = st.tabs(["Mail", "Invoice"], key=f"tabs:{cmd}")
        with mail:
            if preview.mail:
                widgets.soft(f"To {charge_start.address(values.get('customer', ''))}")
                widgets.strong(preview.mail.subject)
                widgets.framed(preview.mail.html, height=430, about="Preview of the mail")
            else:
                st.text("The mail appears here once the charge is complete.")
        with invoice:
            if preview.document:
                invoice_view.page(preview.document, height=500)
            else:
                st.text("The invoice appears here once the charge is complete.")


def _foot(sheet: commands.Sheet, values: dict[str, str], preview: Preview) -> None:
    cmd = sheet.command.id
    st.divider()
    with st.container(horizontal=True, vertical_alignment="center", key="charge-foot"):
        with st.container(width="stretch"):
            tax = f"{preview.tax_name or 'tax'} {preview.tax}"
            words = f"Net {preview.net} + {tax} = " if preview.total else "Nothing to send yet"
            widgets.summed(words, preview.total)
        st.button("Close and keep the draft", key=f"close:{cmd}", on_click=commands.closed)
        st.button(
            "Send me a preview first",
            key=f"preview:{cmd}",
            icon=":material/forward_to_inbox:",
            disabled=bool(preview.problem),
            on_click=_send_preview,
            args=(cmd, values),
        )
        sheet.press_button(preview.label, ready=not preview.problem)


@calm.guarded
def _send_preview(cmd: str, values: dict[str, str]) -> None:
    """Callback: the same mail to the operator; the same values are mailed once only."""
    digest = hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:16]
    mail = send_preview(values, actor=access.actor(), key=f"{cmd}:{digest}")
    st.session_state[f"previewed:{cmd}"] = f"A preview went to {', '.join(mail.to)}."


@calm.guarded
def _pick_customer(cmd: str, verb: str, names: tuple[str, ...]) -> None:
    typed = commands.read(cmd, names)
    if not _is_new(cmd, "customer", typed):
        return
    nothing = {"item": "", "milestone": "", "amount": ""}
    follows = charge_start.filled({"customer": typed.get("customer", "")})
    commands.redraw(cmd, verb, {**typed, **nothing, **follows})


@calm.guarded
def _pick_item(cmd: str, verb: str, names: tuple[str, ...]) -> None:
    typed = commands.read(cmd, names)
    if not _is_new(cmd, "item", typed):
        return
    item = charge_start.items(typed.get("customer", "")).get(typed.get("item", ""))
    # the milestone's field stands below this one, so it is known from the draft alone
    if item and not find_command(cmd, access.actor()).draft.get("milestone"):
        typed["amount"] = money.to_text(item.unit_price_minor, item.currency)
    commands.redraw(cmd, verb, typed)


@calm.guarded
def _pick_milestone(cmd: str, verb: str, names: tuple[str, ...]) -> None:
    typed = commands.read(cmd, names)
    if not _is_new(cmd, "milestone", typed):
        return
    start = {n: typed.get(n, "") for n in ("customer", "item", "milestone")}
    follows = charge_start.filled(start) if start["milestone"] else {}
    commands.redraw(cmd, verb, {**typed, **follows})


def _is_new(cmd: str, name: str, typed: dict[str, str]) -> bool:
    """False for a field that was only drawn anew: Streamlit may call that a change, too, when the
    run that drew it was overtaken by the next key stroke."""
    draft = find_command(cmd, access.actor()).draft
    return name in typed and typed[name] != draft.get(name, "")
