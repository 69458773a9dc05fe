"""Every money button in a real browser on real processes: pressed twice, reloaded in the middle,
cut off: one effect, never a sum nobody read, nothing typed lost (document 8).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import expect

from billing_core.reports import lists
from billing_core.reports.dossier import dossier
from tests import books
from tests.books import Seeded
from tests.flows import watching
from tests.journeys.tab import PATIENCE_MS, Tab, held
from tests.support.processes import Running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.timeout(300),
]

_NUMBERS = itertools.count(1)


@dataclass(frozen=True)
class Case:
    """One money button: how to come to it, what to type, and how often it took effect."""

    words: str
    make: Callable[[Seeded], str]
    effects: Callable[[str], int]
    typed: dict[str, str] = field(default_factory=dict)
    chosen: dict[str, str] = field(default_factory=dict)


def _sent(seeded: Seeded) -> str:
    fired = books.fire(seeded, description=f"Phase {next(_NUMBERS)}: drawings")
    assert fired.charge
    return fired.charge.id


def _questioned(seeded: Seeded) -> str:
    fired = books.fire(seeded, description=f"Phase {next(_NUMBERS)}: plans")
    assert fired.charge
    books.ask_for_changes(books.token(fired), "The second floor is missing.")
    return fired.charge.id


def _expired(seeded: Seeded) -> str:
    charge_id = _sent(seeded)
    watching.write("UPDATE charges SET state = 'expired' WHERE id = :id", id=charge_id)
    return charge_id


def _events(kind: str) -> Callable[[str], int]:
    return lambda charge_id: watching.kinds(charge_id).count(kind)


def _links(charge_id: str) -> int:
    return len(dossier(charge_id).links) - 1


def _successors(charge_id: str) -> int:
    return sum(row.charge.revises == charge_id for row in lists.charges())


def _answers(charge_id: str) -> int:
    return len(watching.mails_of(charge_id, "answered"))


CASES = {
    "void": Case("Void", _sent, _events("charge.voided"), {"Reason": "Sent by mistake, sorry."}),
    "record_payment": Case(
        "Record a payment",
        _sent,
        lambda charge_id: len(watching.revenue(charge_id)),
        {"Reference": "TRF-20991"},
        {"How the money came": "Bank transfer"},
    ),
    "answer": Case(
        "Answer and send again", _questioned, _answers, {"Your answer": "It is on page 3."}
    ),
    "resend": Case("Send again", _sent, _links),
    "new_link": Case("New link", _sent, _links),
    "reissue": Case("Send again", _expired, _links),
    "revise": Case("Revise", _sent, _successors, {"Amount": "4400.00"}),
}


@pytest.fixture(scope="module")
def seeded(firm: Running) -> Seeded:
    """The recipe's company, item and customer in the running books."""
    return books.seed()


def opened(tab: Tab, case: Case, seeded: Seeded) -> str:
    """The case's dialog, filled in and read for long enough; returns the charge."""
    charge_id = case.make(seeded)
    tab.open(f"/charges?charge={charge_id}").press_page_button(case.words)
    for label, option in case.chosen.items():
        tab.choose(label, option)
        tab.settled()
    for label, text in case.typed.items():
        tab.field(label).fill(text)
    tab.read()
    return charge_id


def finished(tab: Tab) -> None:
    """Press until the receipt is there."""
    tab.finish(tab.dialog.get_by_role("button", name="Close", exact=True))


@pytest.mark.parametrize("verb", CASES)
def test_pressed_twice_it_acts_once(tab: Tab, seeded: Seeded, verb: str) -> None:
    charge_id = opened(tab, CASES[verb], seeded)
    tab.acts.dblclick()
    finished(tab)
    assert CASES[verb].effects(charge_id) == 1


@pytest.mark.parametrize("verb", CASES)
def test_reloaded_in_the_middle_it_acts_once_and_shows_the_receipt(
    tab: Tab, firm: Running, seeded: Seeded, verb: str
) -> None:
    case = CASES[verb]
    charge_id = opened(tab, case, seeded)
    with held(firm.data_dir / "countersign.db"):
        tab.acts.click()
        tab.running()
        tab.page.reload()
    tab.until(lambda: case.effects(charge_id) == 1)
    finished(tab)
    assert case.effects(charge_id) == 1


@pytest.mark.parametrize("verb", CASES)
def test_cut_off_in_the_middle_it_acts_once_and_shows_the_receipt(
    tab: Tab, firm: Running, seeded: Seeded, verb: str
) -> None:
    case = CASES[verb]
    charge_id = opened(tab, case, seeded)
    with held(firm.data_dir / "countersign.db"):
        tab.acts.click()
        tab.running()
        tab.cut()
    finished(tab)
    assert case.effects(charge_id) == 1


@pytest.mark.parametrize("verb", [verb for verb in CASES if CASES[verb].typed])
def test_what_was_typed_is_there_after_a_reload(tab: Tab, seeded: Seeded, verb: str) -> None:
    case = CASES[verb]
    charge_id = opened(tab, case, seeded)
    tab.page.reload()
    tab.settled()
    for label, text in case.typed.items():
        expect(tab.field(label)).to_have_value(text, timeout=PATIENCE_MS)
    assert case.effects(charge_id) == 0
