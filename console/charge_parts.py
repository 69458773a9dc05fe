"""The parts of one charge: head, next steps, timeline, papers, mails, attempts, note."""

from __future__ import annotations

import streamlit as st

from billing_core.documents import wording as spoken
from billing_core.flows.render_invoice import render_invoice
from billing_core.flows.render_receipt import render_receipt
from billing_core.flows.set_note import set_note
from billing_core.reports.dossier import Dossier, EventRow
from billing_core.reports.money_back import MoneyBack
from billing_core.rules import money
from billing_core.rules.nouns import Attempt, Charge
from console import (
    access,
    calm,
    charge_now,
    evidence_parts,
    invoice_view,
    money_back_parts,
    money_dialogs,
    places,
    widgets,
    wording,
)

#: The buttons of each state: the first is what usually comes next.
NEXT = {
    "pending_client": ("resend", "new_link", "record_payment", "revise", "void"),
    "changes_requested": ("answer", "revise", "new_link", "void"),
    "approved": ("resend", "new_link", "record_payment", "void"),
    "captured": ("refund", "new_link"),
    "disputed": ("refund",),
    "failed": ("retry", "void"),
    "expired": ("reissue", "new_link"),
}
LINK_SAYS = {
    "pending_client": "The client's link. Whoever holds it can approve and pay.",
    "approved": "The client's link. Whoever holds it can pay.",
    "captured": "The client's link: status, receipt and papers.",
}
#: States in which the first button is what is waited for, so that it stands out.
URGENT = ("changes_requested", "expired", "failed")
BUTTONS = {
    "resend": ("Send again", "forward_to_inbox"),
    "new_link": ("New link", "add_link"),
    "record_payment": ("Record a payment", "account_balance"),
    "revise": ("Revise", "edit_document"),
    "void": ("Void", "block"),
    "answer": ("Answer and send again", "reply"),
    "reissue": ("Send again", "restart_alt"),
    "retry": ("Retry", "replay"),
    "refund": ("Refund", "undo"),
}


def head(shown: Dossier, back: MoneyBack, *, overdue: bool) -> None:
    """The sum, the phase, the date; and whose it is."""
    charge = shown.charge
    with st.container(horizontal=True, gap="small"):
        widgets.badge(wording.charge_badge(charge.state, overdue=overdue))
        money_back_parts.badge(back)
        if charge.late_money:
            st.badge("Money came late: please look", icon=":material/warning:", color="red")
    widgets.title(charge.description)
    widgets.amount(spoken.money(charge.total_minor, charge.currency))
    buyer = shown.customer.billed_as()
    widgets.soft(
        f"{charge.invoice_number} for {buyer} · issued {widgets.day(charge.issued_on)}"
        f" · due {widgets.day(charge.due_on)}"
    )


def next_steps(shown: Dossier) -> None:
    """What can be done from this state."""
    charge = shown.charge
    with st.container(horizontal=True, gap="small"):
        for place, verb in enumerate(NEXT.get(charge.state, ())):
            words, icon = BUTTONS[verb]
            st.button(
                words,
                key=f"verb:{verb}",
                icon=f":material/{icon}:",
                type="primary" if place == 0 and charge.state in URGENT else "secondary",
                on_click=money_dialogs.open_for,
                args=(verb, charge.id),
                kwargs=_start(verb, charge),
            )
        st.button(
            "Charge again for another phase",
            key="like",
            icon=":material/draw:",
            type="tertiary",
            on_click=charge_now.open_like,
            args=(charge.id, charge.customer_id, charge.item_id),
        )


def _start(verb: str, charge: Charge) -> dict[str, str]:
    if verb == "refund":
        return {"reason": "requested_by_customer"}
    if verb != "revise":
        return {}
    amount = money.to_text(charge.line_minor, charge.currency)
    return {"amount": amount, "description": charge.description}


def request(shown: Dossier) -> None:
    """What the client wrote, when the charge waits for an answer."""
    if shown.charge.state != "changes_requested":
        return
    asked = [e for e in shown.events if e.event.kind in _ASKED]
    if not asked:
        return
    with st.container(border=True):
        widgets.badge(wording.CHARGE["changes_requested"])
        st.text(asked[-1].opened.get("message", "The words were erased."))
        st.caption(widgets.moment_of(asked[-1].event.at))


_ASKED = ("changes.requested", "charge.declined_by_client")


def facts(shown: Dossier) -> None:
    """Everything fixed about the charge."""
    charge, item = shown.charge, shown.item
    project, milestone = shown.project, shown.milestone
    kin = shown.predecessor or shown.successor
    widgets.facts(
        [
            ("Net", spoken.money(charge.net_minor, charge.currency)),
            ("Tax", spoken.money(charge.tax_minor, charge.currency)),
            ("Item", item.name),
            ("Mode", wording.modes(item)),
            ("Project", project.name if project else ""),
            ("Milestone", milestone.title if milestone else ""),
            ("PO number", charge.po_number),
            ("Fired by", f"{charge.actor.name or charge.actor.id}"),
            ("Fired", widgets.moment(charge.fired_at)),
            ("Document", spoken.fingerprint(charge.document_sha256)),
        ],
        least_px=150,
    )
    if kin:
        words = "Replaces" if shown.predecessor else "Replaced by"
        st.button(
            f"{words} {kin.invoice_number}",
            key="kin",
            type="tertiary",
            on_click=places.turn,
            args=("charges",),
            kwargs={"charge": kin.id},
        )


def timeline(shown: Dossier) -> None:
    """The evidence chain, newest last, with its check."""
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.section("What happened")
        if shown.chain_ok:
            st.badge(f"{len(shown.events)} events, chain intact", icon=":material/link:",
                     color="gray")  # fmt: skip
        else:
            st.badge("Chain broken", icon=":material/link_off:", color="red")
    widgets.problem(shown.chain_problem)
    with widgets.rows("timeline"):
        for row in shown.events:
            _event(row)


def _event(row: EventRow) -> None:
    event = row.event
    with widgets.row(f"event-{event.seq}") as cells:
        cells.side(widgets.moment_of(event.at), 170)
        with cells.cell("text"):
            who = event.actor.name or wording.ACTORS.get(event.actor.kind, event.actor.kind)
            widgets.strong(f"{wording.event_words(event.kind)} · {who}")
            known = [(at, text) for at, text in row.opened.items() if text]
            if known:
                widgets.soft("\n".join(f"{widgets.field_words(at)}: {text}" for at, text in known))


def papers(shown: Dossier) -> None:
    """The invoice as the client sees it, and the files."""
    charge = shown.charge
    invoice_view.page(shown.document, height=460)
    with st.container(horizontal=True):
        st.download_button(
            "Invoice (PDF)",
            lambda: render_invoice(charge.id),
            f"{charge.invoice_number}.pdf",
            "application/pdf",
            key="invoice-pdf",
            icon=":material/download:",
            on_click="ignore",
        )
        if charge.state == "captured":
            st.download_button(
                "Receipt (PDF)",
                lambda: render_receipt(charge.id),
                f"{charge.invoice_number}-receipt.pdf",
                "application/pdf",
                key="receipt-pdf",
                icon=":material/receipt_long:",
                on_click="ignore",
            )


def evidence(shown: Dossier) -> None:
    """The pack that a stranger can check."""
    evidence_parts.download(shown.charge, words="Evidence (zip)")


def link(shown: Dossier) -> None:
    """The live link, to copy."""
    if shown.pay_url:
        st.caption(LINK_SAYS.get(shown.charge.state, "The client's link."))
        st.code(shown.pay_url, language=None, wrap_lines=True)


def mails(shown: Dossier) -> None:
    """Every mail about this charge."""
    if not shown.mails:
        widgets.empty("No mail yet.")
        return
    with widgets.rows("mails"):
        for mail in shown.mails:
            with widgets.row(mail.id) as cells:
                cells.badge(wording.MAIL[mail.state])
                cells.text(mail.subject)
                cells.action("Read", places.turn, "outbox", mail=mail.id)
            widgets.problem(mail.problem)


def attempts(shown: Dossier) -> None:
    """Every try to collect."""
    if not shown.attempts:
        widgets.empty("No payment was tried yet. It starts when the client approves.")
        return
    with widgets.rows("attempts"):
        for attempt in shown.attempts:
            _attempt(attempt)


def _attempt(attempt: Attempt) -> None:
    with widgets.row(attempt.id) as cells:
        cells.badge(wording.ATTEMPT[attempt.outcome])
        known = (attempt.method_label, attempt.problem, widgets.moment(attempt.started_at))
        cells.text(" · ".join(text for text in known if text))
        cells.amount(spoken.money(attempt.amount_minor, attempt.currency))


def note(charge: Charge) -> None:
    """A note for the operator's own house."""
    with st.form("note", border=False):
        st.text_area("Note for yourself, never shown to the client", value=charge.note,
                     key=f"note:{charge.id}", height=110)  # fmt: skip
        st.form_submit_button("Save note", key="save-note", on_click=_save_note, args=(charge.id,))


@calm.guarded
def _save_note(charge_id: str) -> None:
    text = str(st.session_state.get(f"note:{charge_id}", ""))
    set_note(charge_id, text, actor=access.actor())
    st.toast("Note saved.")
