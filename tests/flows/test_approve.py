"""The client approves: the order of the checks, the nonce, the fields, and the name."""

from __future__ import annotations

from typing import Any

import pytest

from billing_core import clock
from billing_core.errors import (
    AlreadyDone,
    FieldsRefused,
    LinkExpired,
    LinkUnknown,
    NotAllowed,
    StaleDocument,
)
from billing_core.flows.mint_link import mint_link
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from tests import books as seeded_books
from tests.books import OPERATOR, VISIT
from tests.conftest import Clock
from tests.flows import visiting, watching
from tests.flows.visiting import Tab, fired, id_of, refused, rendered, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")
OTHER_DIGEST = "0" * 64


def test_an_approval_is_written_down_before_the_gateway_is_asked() -> None:
    charge = fired()
    with watching.watched() as wall:
        step = tab(charge).approve(name="  Dana Whitfield ")
    assert step.to_gateway
    assert [verb for verb, _ in wall.asked] == ["open_checkout"]
    stored = seeded_books.charge(id_of(charge))
    assert (stored.state, stored.approved_at) == ("approved", clock.now())
    written = watching.kinds(id_of(charge))
    told = ["invoice.rendered", "charge.approved", "attempt.started", "attempt.requires_action"]
    assert written[-4:] == told
    assert verify_all().problems == ()


def test_an_approval_holds_what_document_4_asks_for() -> None:
    from billing_core.reports.dossier import dossier

    charge = fired()
    open_tab = tab(charge)
    open_tab.approve()
    seen = dossier(id_of(charge))
    approval = next(row for row in seen.events if row.event.kind == "charge.approved")
    payload = approval.event.payload
    link = seen.links[0]
    assert approval.event.actor.id == link.id
    assert payload["document_sha256"] == seen.charge.document_sha256
    assert payload["pdf_sha256"] == seen.charge.pdf_sha256
    assert payload["agreement"] == seen.document["agreement"]
    assert (payload["language"], payload["identity"]) == ("en", "link")
    assert (payload["link"], payload["nonce"]) == (link.id, open_tab.page.nonce)
    assert (payload["total_minor"], payload["currency"]) == (450_000, "USD")
    assert approval.opened == {
        "name": "Dana Whitfield",
        "address": VISIT.address,
        "peer": VISIT.peer,
        "forwarded": "",
        "user_agent": VISIT.user_agent,
        "accept_language": VISIT.accept_language,
        "mailed_to": "dana@harborvine.example",
    }
    assert all(value not in approval.event.canonical for value in approval.opened.values() if value)


# --- the order of the checks: each spoils its own step, and all the later ones as well


LATER: dict[str, Any] = {"document_sha256": OTHER_DIGEST, "accept": "", "name": ""}


def test_an_unknown_token_comes_first() -> None:
    charge = fired()
    open_tab = tab(charge)
    tokens = ["", "x", "A" * 43, open_tab.token[:-1], open_tab.token + "A", "../" + open_tab.token]
    tokens += [open_tab.token[:-1] + "\n", "é" * 43, "\x00" * 43]
    open_tab.approve()
    suspend_customer(seeded_books.charge(id_of(charge)).customer_id, actor=OPERATOR)
    for token in tokens:
        refused(Tab(token, open_tab.page), LinkUnknown, **LATER)


def test_an_old_link_comes_first_too(driven_clock: Clock) -> None:
    charge = fired()
    open_tab = tab(charge)
    open_tab.approve()
    driven_clock.advance(days=30)
    refused(open_tab, LinkExpired, **LATER)


def test_a_replaced_link_is_dead_at_once() -> None:
    charge = fired()
    open_tab = tab(charge)
    mint_link(id_of(charge), actor=OPERATOR)
    refused(open_tab, LinkExpired, **LATER)


def test_then_the_spent_nonce() -> None:
    """Twice the same form: "done already", also when the charge could be approved once more."""
    charge = fired()
    open_tab = rendered(tab(charge))
    open_tab.ask()
    watching.write("UPDATE charges SET state = 'pending_client'")
    suspend_customer(seeded_books.charge(id_of(charge)).customer_id, actor=OPERATOR)
    refused(open_tab, AlreadyDone, **LATER)


@pytest.mark.parametrize("how", ["approved", "changes", "void"])
def test_then_the_state(how: str) -> None:
    charge = fired()
    open_tab, other = rendered(tab(charge)), tab(charge)
    if how == "void":
        void_charge(id_of(charge), reason="", actor=OPERATOR)
    elif how == "changes":
        other.ask()
    else:
        other.approve()
    suspend_customer(seeded_books.charge(id_of(charge)).customer_id, actor=OPERATOR)
    refused(open_tab, AlreadyDone, **LATER)


def test_then_the_customers_standing() -> None:
    charge = fired()
    open_tab = rendered(tab(charge))
    suspend_customer(seeded_books.charge(id_of(charge)).customer_id, actor=OPERATOR)
    refusal = refused(open_tab, NotAllowed, **LATER)
    assert "not available at the moment" in refusal.sentence
    assert tab(charge).page.blocked == refusal.sentence


def test_then_the_document() -> None:
    refused(rendered(tab(fired())), StaleDocument, document_sha256=OTHER_DIGEST, accept="")


def test_then_the_fields() -> None:
    refusal = refused(rendered(tab(fired())), FieldsRefused, accept="", name="", method="cash")
    assert isinstance(refusal, FieldsRefused)
    assert set(refusal.problems) == {"accept", "name", "method"}


# --- the fields


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"accept": ""}, {"accept"}),
        ({"accept": "on"}, {"accept"}),
        ({"accept": "YES"}, {"accept"}),
        ({"name": ""}, {"name"}),
        ({"method": "cash"}, {"method"}),
        ({"accept": "", "name": " "}, {"accept", "name"}),
    ],
)
def test_each_field_is_named(fields: dict[str, str], wrong: set[str]) -> None:
    refusal = refused(rendered(tab(fired())), FieldsRefused, **fields)
    assert isinstance(refusal, FieldsRefused)
    assert set(refusal.problems) == wrong
    assert all(sentence.endswith(".") for sentence in refusal.problems.values())


def test_a_saved_method_that_is_gone_is_said_so() -> None:
    refusal = refused(rendered(tab(fired(payment_method=""))), FieldsRefused, method="saved")
    assert isinstance(refusal, FieldsRefused)
    assert set(refusal.problems) == {"method"}


NO_NAMES = [
    "",
    " ",
    "\t",
    "...",
    "123",
    "—",
    "D\nW",
    "D\x00W",
    "x" * 201,
    "\u202eDana",
    "🙂",
    "\ud800",
]


def test_what_is_no_name_isrefused() -> None:
    open_tab = rendered(tab(fired()))
    for name in NO_NAMES:
        refusal = refused(open_tab, FieldsRefused, name=name)
        assert isinstance(refusal, FieldsRefused)
        assert set(refusal.problems) == {"name"}, repr(name)


@pytest.mark.parametrize(
    "name", ["X", "José Ñandú", "李小龍", "محمد", "O'Brien-Smith 3rd", "<b>Dana</b>", "x" * 200]
)
def test_names_of_any_script_are_taken_as_typed(name: str) -> None:
    from billing_core.reports.dossier import dossier

    charge = fired()
    tab(charge).approve(name=name)
    events = dossier(id_of(charge)).events
    approval = next(row for row in events if row.event.kind == "charge.approved")
    assert approval.opened["name"] == name


# --- once


def test_thirty_two_presses_of_one_form_act_once() -> None:
    charge = fired()
    open_tab = tab(charge)
    with watching.watched() as wall:
        results = watching.at_once(32, lambda _: open_tab.approve())
    _one_approval(charge, results, wall)


def test_thirty_two_tabs_act_once() -> None:
    charge = fired()
    tabs = [tab(charge) for _ in range(32)]
    with watching.watched() as wall:
        results = watching.at_once(32, lambda n: tabs[n].approve())
    _one_approval(charge, results, wall)


def _one_approval(charge: visiting.Fired, results: list[Any], wall: watching.Watched) -> None:
    steps = [result for result in results if not watching.refusal(result, AlreadyDone)]
    assert len(steps) == 1, results
    assert watching.kinds(id_of(charge)).count("charge.approved") == 1
    assert watching.kinds(id_of(charge)).count("invoice.rendered") == 1
    assert len(watching.rows("attempts")) == len(watching.rows("nonces")) == 1
    assert [verb for verb, _ in wall.asked] == ["open_checkout"]
    seeded_books.pay(steps[0])
    assert seeded_books.settle(id_of(charge)).state == "captured"
    assert wall.inner.balance() == watching.cash() == {"USD": 450_000}
    assert verify_all().problems == ()
