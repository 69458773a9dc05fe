"""Outbox: every mail we wrote, and one of them as the client sees it under ``?mail=…``."""

from __future__ import annotations

import streamlit as st

from billing_core import settings
from billing_core.reports import outbox
from billing_core.rules.nouns import Mail
from console import places, widgets, wording


def show_list() -> None:
    """Newest first."""
    widgets.title("Outbox")
    if not settings.load().smtp_url:
        st.caption("No mail server is set, so mail is kept here. Read it, and follow its link.")
    found = outbox.mails()
    if not found:
        widgets.empty("No mail yet. The first charge writes the first one.")
        return
    with widgets.rows("outbox"):
        for mail in found:
            with widgets.row(mail.id) as cells:
                cells.badge(wording.MAIL[mail.state])
                cells.name(", ".join(mail.to), 240)
                cells.text(mail.subject)
                cells.side(widgets.moment(mail.queued_at), 186)
                cells.action("Read", places.turn, "outbox", mail=mail.id)


def show_mail(mail_id: str) -> None:
    """One mail: HTML in a frame that cannot reach the console, its text twin, its files."""
    shown = outbox.mail(mail_id)
    mail = shown.mail
    with st.container(horizontal=True, gap="small"):
        st.button(
            "All mail",
            key="back",
            type="tertiary",
            icon=":material/arrow_back:",
            on_click=places.turn,
            args=("outbox",),
        )
        _charge_button(mail)
    with st.container(horizontal=True):
        widgets.badge(wording.MAIL[mail.state])
    widgets.title(mail.subject)
    widgets.problem(mail.problem)
    widgets.facts(
        [
            ("To", ", ".join(mail.to)),
            ("Copies to", ", ".join(mail.cc)),
            ("Written", widgets.moment(mail.queued_at)),
            ("Sent", widgets.moment(mail.sent_at) if mail.sent_at else ""),
        ]
    )
    with st.container(horizontal=True):
        if shown.pay_url:
            st.link_button(
                "Open its Pay Now link", shown.pay_url, icon=":material/open_in_new:", key="pay"
            )
        for number, (filename, content) in enumerate(shown.attachments):
            st.download_button(
                wording.label(filename),
                content,
                filename,
                key=f"file:{number}",
                icon=":material/attach_file:",
                on_click="ignore",
            )
    if not shown.html:
        _being_written(mail_id)
        return
    as_html, as_text = st.tabs(["Mail", "Text twin"])
    with as_html:
        widgets.framed(shown.html, height=760, about="The mail as the client sees it")
    with as_text:
        st.code(shown.text, language=None, wrap_lines=True)


@st.fragment(run_every=1)
def _being_written(mail_id: str) -> None:
    """The worker writes it; the screen follows by itself."""
    widgets.empty("This mail is being written. It appears here in a moment.")
    if outbox.mail(mail_id).html:
        st.rerun()


def _charge_button(mail: Mail) -> None:
    if mail.charge_id:
        st.button(
            "Its charge",
            key="charge",
            type="tertiary",
            icon=":material/draw:",
            on_click=places.turn,
            args=("charges",),
            kwargs={"charge": mail.charge_id},
        )


asked = places.asked("mail")
if asked:
    show_mail(asked)
else:
    show_list()
