"""Evidence comes before money (I3, I18): what cannot be written down is not done, and nobody is
asked to pay for it.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.exc import SQLAlchemyError

from billing_core.errors import EvidenceUnwritable
from billing_core.flows.record_payment import record_payment
from billing_core.flows.render_invoice import render_invoice
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from billing_core.reports.dossier import dossier
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.flows import breaking, watching
from tests.flows.visiting import fired, id_of, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")
BREAKS = [
    ("evidence_events", "INSERT", "NEW.kind = 'charge.approved'"),
    ("evidence_events", "INSERT", "NEW.kind = 'attempt.started'"),
    ("evidence_events", "INSERT", "1 = 1"),
    ("evidence_openings", "INSERT", "1 = 1"),
    ("charges", "UPDATE", "NEW.chain_length > OLD.chain_length"),
    ("attempts", "INSERT", "1 = 1"),
    ("nonces", "INSERT", "1 = 1"),
    ("jobs", "INSERT", "1 = 1"),
]


@pytest.mark.parametrize(("table", "what", "when"), BREAKS)
def test_an_approval_that_cannot_be_written_charges_nothing(
    table: str, what: str, when: str
) -> None:
    charge = fired()
    open_tab = tab(charge)
    render_invoice(id_of(charge))
    breaking.refuse(table, what=what, when=when)
    before = watching.everything()
    with watching.watched() as wall, pytest.raises(EvidenceUnwritable) as refused:
        open_tab.approve()
    assert "Nothing was charged" in refused.value.sentence
    assert watching.changed(before) == {}
    assert (wall.asked, wall.inner.balance()) == ([], {})
    breaking.allow(table)
    seeded_books.pay(open_tab.approve())
    assert seeded_books.settle(id_of(charge)).state == "captured", "the same page works again"
    assert verify_all().problems == ()


def test_without_the_pdf_there_is_no_approval() -> None:
    """What is approved must exist as the bytes that were sent; here they cannot be stored."""
    charge = fired()
    open_tab = tab(charge)
    breaking.refuse("blobs")
    before = watching.everything()
    with watching.watched() as wall, pytest.raises(EvidenceUnwritable):
        open_tab.approve()
    assert watching.changed(before) == {}
    assert wall.asked == []


def test_a_saved_method_is_not_charged_either() -> None:
    charge = fired("900.00")
    open_tab = tab(charge)
    render_invoice(id_of(charge))
    breaking.refuse("evidence_events")
    with watching.watched() as wall, pytest.raises(EvidenceUnwritable):
        open_tab.approve(method="saved")
    assert (wall.asked, wall.inner.balance()) == ([], {})


def test_paying_again_is_written_first_too() -> None:
    charge = fired()
    seeded_books.pay(tab(charge).approve(), seeded_books.DECLINES)
    seeded_books.settle(id_of(charge))
    again = tab(charge)
    breaking.refuse("evidence_events")
    before = watching.everything()
    with watching.watched() as wall, pytest.raises(EvidenceUnwritable):
        again.pay()
    assert (watching.changed(before), wall.asked) == ({}, [])


def _void(charge_id: str) -> object:
    return void_charge(charge_id, reason="", actor=OPERATOR)


def _suspend(charge_id: str) -> object:
    return suspend_customer(seeded_books.charge(charge_id).customer_id, actor=OPERATOR)


def _record(charge_id: str) -> object:
    return record_payment(
        charge_id, method="cash", paid_on="2026-03-16", reference="", actor=OPERATOR
    )


def _ask(charge_id: str) -> object:
    url = dossier(charge_id).pay_url
    assert url
    return tab(url.rpartition("/")[2]).ask()


@pytest.mark.parametrize("act", [_void, _suspend, _record, _ask])
def test_no_step_is_taken_that_the_chain_does_not_tell(act: Callable[[str], object]) -> None:
    charge = fired()
    breaking.refuse("evidence_events")
    before = watching.everything()
    with pytest.raises((EvidenceUnwritable, SQLAlchemyError)):
        act(id_of(charge))
    assert watching.changed(before) == {}


def test_a_fire_that_cannot_be_told_did_not_happen() -> None:
    seeded = seeded_books.seed()
    breaking.refuse("evidence_events")
    before = watching.everything()
    with pytest.raises((EvidenceUnwritable, SQLAlchemyError)):
        seeded_books.fire(seeded, key="k")
    assert watching.changed(before) == {}
    breaking.allow("evidence_events")
    fired_charge = seeded_books.fire(seeded, key="k").charge
    assert fired_charge
    assert fired_charge.invoice_number == "CS-2026-00001"


def test_money_that_cannot_be_booked_now_is_booked_later() -> None:
    """The ledger is broken while the gateway says paid: nothing half done, the next look books."""
    charge = fired()
    with watching.watched() as wall:
        seeded_books.pay(tab(charge).approve())
        breaking.refuse("postings")
        before = watching.everything()
        with pytest.raises(SQLAlchemyError):
            seeded_books.settle(id_of(charge))
        assert watching.changed(before) == {}
        breaking.allow("postings")
        assert seeded_books.settle(id_of(charge)).state == "captured"
        assert wall.inner.balance() == watching.cash() == {"USD": 450_000}
    assert len(watching.revenue(id_of(charge))) == 1
