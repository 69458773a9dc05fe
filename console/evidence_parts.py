"""The parts of the Evidence screen. What holds and what does not is for flows to say."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from billing_core.documents import pack_verifier
from billing_core.flows.export_evidence import export_evidence, verify_charge
from billing_core.flows.verify_evidence import verify_all
from billing_core.reports.lists import ChargeRow
from billing_core.rules.nouns import Charge
from console import access, calm, places, widgets, wording

#: How many charges the list shows; the search finds the others.
MOST = 50
_ALL, _ONE = "evidence:all", "evidence:one"


def check_all() -> None:
    """The button that reads every chain again, with its progress and its verdict."""
    if st.button("Check all evidence", key="verify-all", icon=":material/verified:"):
        _verify_all()
    verdict: tuple[int, tuple[str, ...]] | None = st.session_state.get(_ALL)
    if verdict is None:
        return
    checked, problems = verdict
    with st.container(border=True):
        if problems:
            st.badge(f"{len(problems)} do not hold", icon=":material/link_off:", color="red")
            for problem in problems:
                st.text(problem)
        else:
            words = "chain holds" if checked == 1 else "chains, all hold"
            st.badge(f"{checked:,} {words}", icon=":material/verified:", color="green")


def _verify_all() -> None:
    bar = st.progress(0.0, "Reading every chain again")

    def progress(checked: int, of: int) -> None:
        bar.progress(checked / of, f"{checked:,} of {of:,} chains read")

    result = verify_all(progress)
    bar.empty()
    st.session_state[_ALL] = (result.checked, result.problems)


def packs(found: Sequence[ChargeRow]) -> None:
    """Charges with their pack to download and a check of their own."""
    with widgets.rows("packs"):
        for row in found:
            _pack(row)
    if len(found) == MOST:
        st.caption(f"The latest {MOST} charges. Search for others.")


def _pack(row: ChargeRow) -> None:
    charge = row.charge
    with widgets.row(charge.id) as cells:
        cells.badge(wording.charge_badge(charge.state))
        cells.name(row.customer_name)
        cells.text(f"{charge.invoice_number} · {charge.description}")
        cells.side(f"{charge.chain_length} events", 84)
        with cells.cell("buttons", "content"), st.container(horizontal=True, gap="xsmall"):
            st.button(
                "Check",
                key=f"verify:{charge.id}",
                type="tertiary",
                on_click=_check_one,
                args=(charge.id,),
            )
            download(charge, words="Pack", kind="tertiary")
        cells.action("Open", places.turn, "charges", charge=charge.id)
    said: tuple[str, str] = st.session_state.get(_ONE, ("", ""))
    if said[0] == charge.id:
        if said[1]:
            widgets.problem(said[1])
        else:
            st.caption(f"{charge.invoice_number}: its chain, openings, invoice and PDF hold.")


@calm.guarded
def _check_one(charge_id: str) -> None:
    st.session_state[_ONE] = (charge_id, verify_charge(charge_id))


def download(charge: Charge, *, words: str, kind: str = "secondary") -> None:
    """The button that makes a pack when it is pressed."""
    st.download_button(
        words,
        lambda: export_evidence(charge.id, actor=access.actor()).data,
        f"{charge.invoice_number}-evidence.zip",
        "application/zip",
        key=f"pack:{charge.id}",
        icon=":material/folder_zip:",
        type=kind,  # type: ignore[arg-type]
        on_click="ignore",
    )


def check_file() -> None:
    """A pack that somebody brings: whole, or the first thing wrong with it."""
    brought = st.file_uploader("A pack (zip)", type="zip", key="brought", max_upload_size=200)
    if brought is None:
        return
    try:
        manifest = pack_verifier.check(brought.getvalue())
    except pack_verifier.Wrong as wrong:
        st.badge("Does not hold", icon=":material/link_off:", color="red")
        st.text(f"{wrong}.")
        return
    st.badge("Whole", icon=":material/verified:", color="green")
    st.text(f"{manifest['through_seq']} events of {manifest['charge']}")
    st.caption("Compare its head with the one in the client's receipt, or with this charge here:")
    st.code(manifest["head"], language=None)
