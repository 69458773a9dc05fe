"""What a milestone delivered: its files and links, and the forms that add more.

What may be added, and until when, is for the flow to say; its sentence stands under the field.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import partial
from typing import Any

import streamlit as st

from billing_core import clock
from billing_core.documents import wording as spoken
from billing_core.errors import FieldsRefused
from billing_core.flows.add_deliverable import MOST_EACH, MOST_MB, add_deliverable
from billing_core.flows.drop_deliverable import drop_deliverable
from billing_core.reports import deliverables
from billing_core.reports.portfolio import Phase
from billing_core.rules import texts
from billing_core.rules.nouns.catalogue import Deliverable
from console import access, cache, calm, forms, widgets
from console.forms import Field

LINK = (
    Field("name", "Name", placeholder="Clickable prototype", half=True),
    Field("url", "Address", placeholder="https://", half=True),
    Field("detail", "What it held", placeholder="12 screens, as it stood on March 15"),
)
#: Seconds within which an empty form was pressed by the same hand.
_DOUBLE_S = 1.5
#: While a milestone is shown as one of these, what it delivered may change.
OPEN = ("planned", "in_progress", "delivered", "billed")


def panel(phase: Phase, held: Sequence[Deliverable]) -> None:
    """The deliverables of one milestone, beneath its row."""
    milestone_id = phase.milestone.id
    is_open = phase.shown_state in OPEN
    with st.container(key=f"panel-{milestone_id}"):
        for each in held:
            _thing(each, is_open=is_open)
        if not held:
            st.text("Nothing yet. What you add stands on the invoice with its fingerprint.")
        if not is_open:
            st.caption("The client approved this: what was delivered stays as it is.")
            return
        if phase.charge:
            st.caption("The invoice that was sent keeps what it held. Revise it to send these.")
        file, link = st.tabs(["A file", "A link"], key=f"tabs:{milestone_id}")
        with file:
            _file_form(milestone_id)
        with link:
            _link_form(milestone_id)


def _thing(each: Deliverable, *, is_open: bool) -> None:
    size = spoken.file_size(each.size_bytes) if each.kind == "file" else each.url
    about = ", ".join(part for part in (each.detail, size) if part)
    with widgets.row(each.id) as cells:
        with cells.cell("text"):
            st.html(
                f'<p class="cs-name">{html.escape(each.name)}</p>'
                f'<p class="cs-below">{html.escape(about)} · '
                f"<code>{spoken.fingerprint(each.sha256)}</code></p>"
            )
        with (
            cells.cell("action", 200),
            st.container(horizontal=True, horizontal_alignment="right", gap="small"),
        ):
            st.download_button(
                "Save" if each.kind == "file" else "Save note",
                partial(deliverables.read, each.sha256),
                each.name if each.kind == "file" else f"{texts.file_name(each.name)}.txt",
                "application/octet-stream",
                key=f"save:{each.id}",
                type="tertiary",
                on_click="ignore",
            )
            if is_open:
                st.button(
                    "Remove",
                    key=f"drop:{each.id}",
                    type="tertiary",
                    on_click=_drop,
                    args=(each.id,),
                )


def _file_form(milestone_id: str) -> None:
    turn = st.session_state.setdefault(f"turn:{milestone_id}", 0)
    key = f"upload:{milestone_id}:{turn}"
    with st.form(f"files-{milestone_id}", border=False):
        st.file_uploader(
            f"Files, up to {MOST_MB} MB each, {MOST_EACH} to a milestone",
            accept_multiple_files=True,
            max_upload_size=MOST_MB,
            key=key,
        )
        st.text_input(
            "What they hold (may stay empty)",
            placeholder="PDF, 14 pages",
            key=f"holds:{milestone_id}:{turn}",
        )
        for sentence in st.session_state.get(f"wrong:{milestone_id}", ()):
            widgets.problem(sentence)
        st.form_submit_button(
            "Add the files", key=f"add:{milestone_id}", on_click=_add_files, args=(milestone_id,)
        )


@calm.guarded
def _add_files(milestone_id: str) -> None:
    """Callback: what is refused says so under the form; a file that is there already stays one."""
    turn = st.session_state.get(f"turn:{milestone_id}", 0)
    chosen = st.session_state.get(f"upload:{milestone_id}:{turn}") or []
    detail = str(st.session_state.get(f"holds:{milestone_id}:{turn}") or "")
    if not chosen and _just_added(milestone_id):
        return
    wrong = [] if chosen else ["Choose a file first."]
    for file in chosen:
        values: dict[str, Any] = {"name": file.name, "detail": detail}
        try:
            add_deliverable(milestone_id, values, data=file.getvalue(), actor=access.actor())
        except FieldsRefused as refusal:
            wrong.append(f"{file.name}: {refusal.sentence}")
    st.session_state[f"wrong:{milestone_id}"] = wrong
    if not wrong:
        st.session_state[f"turn:{milestone_id}"] = turn + 1
        _note_added(milestone_id)


def _link_form(milestone_id: str) -> None:
    form = f"link:{milestone_id}"
    with st.form(f"links-{milestone_id}", border=False):
        forms.draw(form, LINK, {})
        problems = st.session_state.get(f"problems:{form}", {})
        for name in ("milestone", "file"):
            widgets.problem(problems.get(name, ""))
        st.form_submit_button(
            "Add the link",
            key=f"add-link:{milestone_id}",
            on_click=_add_link,
            args=(form, milestone_id),
        )


def _add_link(form: str, milestone_id: str) -> None:
    if not _just_added(milestone_id):
        write = partial(_write_link, milestone_id)
        forms.save(form, LINK, write, lambda _: _note_added(milestone_id))


def _note_added(milestone_id: str) -> None:
    st.session_state[f"added:{milestone_id}"] = clock.monotonic_s()


def _just_added(milestone_id: str) -> bool:
    """True for the second click of a double one: it finds the form empty and means nothing."""
    added_s = st.session_state.get(f"added:{milestone_id}")
    return added_s is not None and clock.monotonic_s() - added_s < _DOUBLE_S


def _write_link(milestone_id: str, values: forms.Values, key: str) -> object:
    return add_deliverable(milestone_id, values, actor=access.actor(), key=key)


@calm.guarded
def _drop(deliverable_id: str) -> None:
    drop_deliverable(deliverable_id, actor=access.actor())
    cache.clear()
