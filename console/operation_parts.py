"""The parts of the Operations screen: findings, jobs, a test mail. Nothing is decided here."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from billing_core.flows.examine import Finding, examine
from billing_core.flows.retry_job import retry_job
from billing_core.flows.send_test_mail import send_test_mail
from billing_core.reports.operations import DeadJob, Waiting
from console import access, calm, widgets, wording
from console.wording import Badge

_GRADES = {
    "ok": Badge("Fine", "green", "check_circle"),
    "warn": Badge("Look", "orange", "warning"),
    "bad": Badge("Wrong", "red", "error"),
}
_SAID = "operations:test-mail"


def findings() -> None:
    """What ``countersign doctor`` finds, what is wrong first; each with its cure."""
    found = sorted(examine(), key=lambda each: ("bad", "warn", "ok").index(each.grade))
    wrong = [each for each in found if each.grade != "ok"]
    with st.container(horizontal=True, vertical_alignment="center"):
        widgets.section("Health")
        st.button("Look again", key="again", type="tertiary", icon=":material/refresh:")
    with widgets.rows("findings"):
        for number, each in enumerate(wrong):
            _finding(each, f"wrong-{number}")
        if not wrong:
            with widgets.row("all-fine") as cells:
                cells.badge(_GRADES["ok"])
                cells.text("Everything is as it should be.")
    with st.expander(f"All {len(found)} checks"):
        for number, each in enumerate(found):
            _finding(each, f"all-{number}")


def _finding(each: Finding, place: str) -> None:
    with widgets.row(f"finding-{place}") as cells:
        cells.badge(_GRADES[each.grade])
        cells.name(each.name.replace("_", " "))
        cells.text(f"{each.sentence} {each.cure}".strip())


def dead(jobs: Sequence[DeadJob]) -> None:
    """Work that was given up; each can be tried again once its cause is mended."""
    with widgets.rows("dead"):
        for job in jobs:
            with widgets.row(job.id) as cells:
                cells.badge(wording.NEEDS["job_dead"])
                cells.name(wording.job_words(job.kind))
                cells.text(job.error or "Its worker died each time.")
                with cells.cell("action", "content"):
                    st.button(
                        "Try again",
                        key=f"retry:{job.id}",
                        type="tertiary",
                        on_click=_retry,
                        args=(job.id,),
                    )


@calm.guarded
def _retry(job_id: str) -> None:
    retry_job(job_id, actor=access.actor())
    st.toast("It is tried again now.")


def waiting(jobs: Sequence[Waiting]) -> None:
    """What the workers will do, the next first."""
    with widgets.rows("waiting"):
        for job in jobs:
            with widgets.row(job.id) as cells:
                cells.side(widgets.moment(job.due_at), 205)
                cells.name(wording.job_words(job.kind))
                tries = f"Tried {job.attempts} times. {job.error}" if job.error else ""
                cells.text("A worker is at it." if job.leased_until else tries)


def test_mail() -> None:
    """One mail to yourself, sent at once."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input("Send a test mail to", key="test-mail-to", placeholder="you@company.com")
        st.button("Send test mail", key="test-mail", on_click=_test_mail)
    if said := st.session_state.pop(_SAID, ""):
        st.text(said)


@calm.guarded
def _test_mail() -> None:
    address = str(st.session_state.get("test-mail-to", ""))
    st.session_state[_SAID] = send_test_mail(address)
