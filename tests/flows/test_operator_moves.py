"""What the operator does to a charge that is out: answer, revise, void."""

from __future__ import annotations

from typing import Any

import pytest

from billing_core import jobs
from billing_core.errors import (
    AlreadyDone,
    Duplicate,
    FieldsRefused,
    IllegalMove,
    KeyConflict,
    LinkExpired,
    LinkUnknown,
    Refused,
    StaleDocument,
    TextRefused,
)
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.open_link import open_link
from billing_core.flows.revise_charge import revise_charge
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.flows.verify_evidence import verify_all
from billing_core.reports import outbox
from billing_core.reports.dossier import dossier
from billing_core.rules.nouns import Charge
from tests import books as seeded_books
from tests.books import OPERATOR, PHASE_2
from tests.conftest import Clock
from tests.flows import watching
from tests.flows.visiting import Tab, fired, id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")


def _live_tab(charge_id: str) -> Tab:
    url = dossier(charge_id).pay_url
    assert url is not None
    return tab(url.rpartition("/")[2])


# --- changes asked for, and answered


@pytest.mark.parametrize(
    ("kind", "event", "story"),
    [
        ("changes", "changes.requested", "changes_requested"),
        ("decline", "charge.declined_by_client", "declined"),
    ],
)
def test_the_client_writes_instead_of_paying(kind: str, event: str, story: str) -> None:
    charge = fired()
    tab(charge).ask(kind=kind, message="  Too tall.\r\nPlease  ")
    seen = dossier(id_of(charge))
    assert seen.charge.state == "changes_requested"
    told = next(row for row in seen.events if row.event.kind == event)
    assert told.opened["message"] == "Too tall.\nPlease"
    assert "Too tall" not in told.event.canonical
    page = tab(charge).page
    assert (page.can, page.story[-1].kind) == (frozenset(), story)
    assert page.story[-1].facts["message"] == "Too tall.\nPlease"


def test_asking_checks_what_approving_checks() -> None:
    charge = fired()
    first = tab(charge)
    for fields, kind in (
        ({"nonce": "forged"}, StaleDocument),
        ({"document_sha256": "0" * 64}, StaleDocument),
        ({"kind": "other"}, FieldsRefused),
        ({"message": ""}, FieldsRefused),
        ({"message": " \n "}, FieldsRefused),
        ({"message": "x" * 2001}, FieldsRefused),
        ({"message": "bad \x07"}, FieldsRefused),
        ({"message": "half \ud800"}, FieldsRefused),
    ):
        before = watching.everything()
        with pytest.raises(kind):
            first.ask(**fields)
        assert watching.changed(before) == {}
    first.ask(message="x" * 2000)
    with pytest.raises(AlreadyDone):
        first.ask()
    with pytest.raises(AlreadyDone):
        tab(charge).ask()
    with pytest.raises(LinkUnknown):
        Tab("x" * 43, first.page).ask()


def test_a_suspended_customer_may_still_ask() -> None:
    charge = fired()
    suspend_customer(seeded_books.charge(id_of(charge)).customer_id, actor=OPERATOR)
    tab(charge).ask()
    assert seeded_books.charge(id_of(charge)).state == "changes_requested"


def test_an_answer_sends_the_same_document_under_the_same_link() -> None:
    charge = fired()
    tab(charge).ask()
    before = seeded_books.charge(id_of(charge))
    answered = answer_changes(id_of(charge), answer="It is 80 px now.", actor=OPERATOR, key="k")
    again = answer_changes(id_of(charge), answer="It is 80 px now.", actor=OPERATOR, key="k")
    assert (answered.state, again) == ("pending_client", answered)
    assert answered.document_sha256 == before.document_sha256
    assert len(watching.mails_of(id_of(charge), "answered")) == 1
    assert len(watching.rows("links")) == 1
    page = tab(charge).page
    assert page.can == {"approve", "changes"}
    assert page.story[-1].facts == {"answer": "It is 80 px now."}
    with pytest.raises(KeyConflict):
        answer_changes(id_of(charge), answer="Something else", actor=OPERATOR, key="k")
    with pytest.raises(IllegalMove):
        answer_changes(id_of(charge), answer="Twice", actor=OPERATOR)


def test_an_answer_after_the_link_has_died_brings_a_new_one(driven_clock: Clock) -> None:
    charge = fired()
    tab(charge).ask()
    driven_clock.advance(days=31)
    answer_changes(id_of(charge), answer="Done.", actor=OPERATOR)
    with pytest.raises(LinkExpired):
        tab(charge)
    assert _live_tab(id_of(charge)).page.can == {"approve", "changes"}
    jobs.drain()
    shown = outbox.mail(watching.mails_of(id_of(charge), "answered")[0].id)
    assert shown.pay_url == dossier(id_of(charge)).pay_url


@pytest.mark.parametrize("answer", ["", "x" * 2001, "bad \x07", "\u202e"])
def test_an_answer_has_words(answer: str) -> None:
    charge = fired()
    tab(charge).ask()
    before = watching.everything()
    with pytest.raises(TextRefused):
        answer_changes(id_of(charge), answer=answer, actor=OPERATOR)
    assert watching.changed(before) == {}


def test_changes_and_answers_go_round_and_end_in_a_payment() -> None:
    charge = fired()
    for turn in range(3):
        _live_tab(id_of(charge)).ask(message=f"Change {turn}")
        answer_changes(id_of(charge), answer=f"Done {turn}", actor=OPERATOR)
    seeded_books.pay(_live_tab(id_of(charge)).approve())
    assert seeded_books.settle(id_of(charge)).state == "captured"
    assert [m.kind for m in open_link(_live_tab(id_of(charge)).token).story] == [
        "sent", *["changes_requested", "answered"] * 3, "approved", "paid",
    ]  # fmt: skip


# --- revising


def _revise(charge_id: str, **values: Any) -> Charge:
    wanted = {"amount": "4,200.00", "description": PHASE_2, "answer": "We take 300 off."}
    return revise_charge(charge_id, **(wanted | values), actor=OPERATOR)


def test_a_revision_voids_and_follows_and_shows_the_difference() -> None:
    charge = fired()
    tab(charge).ask(message="It was agreed to be 4,200.")
    new = _revise(id_of(charge), key="k")
    assert _revise(id_of(charge), key="k") == new
    old = seeded_books.charge(id_of(charge))
    assert (old.state, old.revised_by, new.revises) == ("void", new.id, old.id)
    assert (old.invoice_number, new.invoice_number) == ("CS-2026-00001", "CS-2026-00002")
    page = _live_tab(new.id).page
    told = page.document["revises"]
    assert (told["number"], told["document_sha256"]) == (old.invoice_number, old.document_sha256)
    assert [(c["label"], c["before"], c["after"]) for c in told["changes"]] == [
        ("Net", "4500.00", "4200.00"), ("Tax", "0.00", "0.00"), ("Total", "4500.00", "4200.00"),
    ]  # fmt: skip
    assert [(m["from"], m["text"]) for m in told["messages"]] == [
        ("client", "It was agreed to be 4,200."), ("staff", "We take 300 off."),
    ]  # fmt: skip
    withdrawn = tab(charge).page
    assert (withdrawn.can, withdrawn.successor) == (frozenset(), new.invoice_number)
    seeded_books.pay(_live_tab(new.id).approve())
    assert seeded_books.settle(new.id).total_minor == 420_000
    assert verify_all().problems == ()


def test_messages_are_dated_where_the_customer_is() -> None:
    """14:00 UTC on the 16th is the 17th in Auckland, for both who wrote."""
    charge = fired(time_zone="Pacific/Auckland")
    tab(charge).ask()
    told = _live_tab(_revise(id_of(charge)).id).page.document["revises"]["messages"]
    assert [message["on"] for message in told] == ["2026-03-17", "2026-03-17"]


def test_a_revision_keeps_its_milestone_and_stays_within_the_contract() -> None:
    seeded = seeded_books.seed()
    plan = seeded_books.plan(seeded.customer, "4500.00", contract_sum="5000.00")
    first = seeded_books.fire(seeded, milestone=plan.milestones[0])
    before = watching.everything()
    with pytest.raises(Refused) as refused:
        _revise(id_of(first), amount="5000.01")
    assert (refused.value.code, watching.changed(before)) == ("CONTRACT_EXCEEDED", {})
    new = _revise(id_of(first), amount="5000.00")
    assert new.milestone_id == plan.milestones[0]
    with pytest.raises(Duplicate) as standing:
        seeded_books.fire(seeded, "1.00", milestone=plan.milestones[0])
    assert standing.value.charge_id == new.id


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ({"amount": "4500.00"}, IllegalMove),
        ({"amount": "99999.00"}, Refused),
        ({"amount": "0"}, Refused),
        ({"description": "x" * 501}, TextRefused),
        ({"answer": "x" * 2001}, TextRefused),
        ({"expected_minor": 1}, Refused),
    ],
)
def test_a_revision_that_is_refused_voids_nothing(
    values: dict[str, Any], kind: type[Refused]
) -> None:
    charge = fired()
    before = watching.everything()
    with pytest.raises(kind):
        _revise(id_of(charge), **values)
    assert watching.changed(before) == {}


def test_what_is_approved_or_paid_cannot_be_revised() -> None:
    charge = fired()
    step = tab(charge).approve()
    with pytest.raises(IllegalMove):
        _revise(id_of(charge))
    seeded_books.pay(step)
    seeded_books.settle(id_of(charge))
    with pytest.raises(IllegalMove):
        _revise(id_of(charge))


def test_a_fixed_items_revision_changes_its_words() -> None:
    item: dict[str, str | bool] = {"trigger_mode": "fixed", "allow_override": False}
    charge = seeded_books.fire(seeded_books.seed(item=item), "")
    new = _revise(id_of(charge), amount="", description="Phase 2, as agreed")
    assert (new.description, new.total_minor) == ("Phase 2, as agreed", 500_000)


def test_revised_by_many_hands_there_is_one_successor() -> None:
    charge = fired()
    results = watching.at_once(8, lambda n: _revise(id_of(charge), amount=f"{n + 1}.00"))
    assert sum(isinstance(result, Charge) for result in results) == 1
    assert sum(watching.refusal(result, IllegalMove) for result in results) == 7
    assert len(watching.rows("charges")) == 2
