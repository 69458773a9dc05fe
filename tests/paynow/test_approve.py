"""Approving and paying: every row of the contract, in its order, with everything typed kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from billing_core import clock
from billing_core.flows.revise_charge import revise_charge
from billing_core.flows.suspend_customer import suspend_customer
from billing_core.flows.void_charge import void_charge
from tests.paynow import server
from tests.paynow.conftest import OPERATOR, Client, Page, Sent, Shop, new_client
from tests.paynow.trouble import full_disk


def test_a_person_approves_and_pays(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    step = client.approve(sent)
    assert step.status_code == 303
    assert step.headers["location"].startswith("/sandbox/checkout/cs_")
    assert sent.charge().state == "approved"
    back = client.pay_on_sandbox(step.headers["location"])
    assert (back.status_code, back.headers["location"]) == (303, f"{sent.path}/status")
    page = client.open(sent, "/status")
    assert "Paid, thank you. Phase 2: Homepage designs is settled." in page.text
    assert "refresh" not in page.response.headers
    assert sent.charge().state == "captured"
    approved = sent.events("charge.approved")
    assert [e["name"] for e in approved] == ["Alma Reyes"]
    assert approved[0]["address"] == "127.0.0.1"
    assert approved[0]["address_rule"] == "peer"


def test_a_view_by_a_person_stands_before_the_approval(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    client.approve(sent)
    kinds = [(e["kind"], e.get("grade")) for e in sent.events()]
    assert kinds.index(("invoice.viewed", "person")) < kinds.index(("charge.approved", None))


def test_the_same_press_twice_acts_once(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    fields = client.open(sent).hidden("approve")
    fields |= {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    first = client.post(f"{sent.path}/approve", data=fields)
    again = client.post(f"{sent.path}/approve", data=fields)
    assert first.headers["location"].startswith("/sandbox/checkout/")
    assert (again.status_code, again.headers["location"]) == (303, f"{sent.path}/status")
    assert len(sent.events("charge.approved")) == len(sent.attempts()) == 1


def test_many_presses_at_once_act_once(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    fields = client.open(sent).hidden("approve")
    fields |= {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    with ThreadPoolExecutor(16) as hands:
        presses = [
            hands.submit(client.post, f"{sent.path}/approve", data=fields) for _ in range(32)
        ]
        answers = [press.result() for press in presses]
    assert {a.status_code for a in answers} == {303}
    to_gateway = [a for a in answers if "/sandbox/" in a.headers["location"]]
    assert len(to_gateway) == 1
    assert len(sent.events("charge.approved")) == len(sent.attempts()) == 1


def test_two_pages_of_one_invoice_approve_once(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    pages = [client.open(sent).hidden("approve") for _ in range(2)]
    typed = {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    answers = [client.post(f"{sent.path}/approve", data=p | typed) for p in pages]
    assert answers[1].headers["location"] == f"{sent.path}/status"
    assert len(sent.events("charge.approved")) == 1


def test_a_replay_after_payment_changes_nothing(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    fields = client.open(sent).hidden("approve")
    fields |= {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    step = client.post(f"{sent.path}/approve", data=fields)
    client.pay_on_sandbox(step.headers["location"])
    client.open(sent, "/status")
    before = sent.charge().chain_length
    for path in ("approve", "pay", "changes"):
        again = client.post(f"{sent.path}/{path}", data=fields)
        assert again.headers["location"] == f"{sent.path}/status"
    assert sent.charge().chain_length == before


@pytest.mark.parametrize(
    ("changed", "fields"),
    [
        ({"accept": ""}, {"accept"}),
        ({"accept": "on"}, {"accept"}),
        ({"name": "   "}, {"name"}),
        ({"name": "12 34"}, {"name"}),
        ({"name": "x" * 201}, {"name"}),
        ({"method": "gold"}, {"method"}),
        ({"accept": "", "name": "", "method": "saved"}, {"accept", "name", "code"}),
    ],
)
def test_fields_are_checked_and_kept(
    client: Client, shop: Shop, changed: dict[str, str], fields: set[str]
) -> None:
    sent = shop.fire()
    answer = client.approve(sent, **changed)
    page = Page(answer)
    assert page.status == 422
    assert "Nothing was approved and nothing was charged." in page.text
    for field in fields:
        assert f'<a href="#{field}">' in page.html
    if changed.get("name", "").strip():
        assert f'value="{changed["name"]}"' in page.html
    assert (" checked aria-invalid" in page.html) is False
    assert ('id="accept" checked' in page.html) == ("accept" not in changed)
    assert sent.charge().state == "pending_client"
    assert not sent.attempts()


def test_after_a_422_the_same_page_goes_on(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    page = Page(client.approve(sent, name=""))
    fields = page.hidden("approve") | {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    assert client.post(f"{sent.path}/approve", data=fields).status_code == 303
    assert sent.charge().state == "approved"


def test_another_document_is_stale(client: Client, shop: Shop) -> None:
    sent, other = shop.fire(), shop.fire("120.00")
    theirs = client.open(other).hidden("approve")
    for changed in (
        {"document_sha256": "0" * 64},
        {"document_sha256": ""},
        theirs,
        {"nonce": theirs["nonce"]},
        {"nonce": ""},
        {"nonce": "forged\x00"},
        {"nonce": "9999999999.n_x." + "A" * 43},
    ):
        page = Page(client.approve(sent, **changed))
        assert page.status == 409, changed
        assert "Nothing was approved and nothing was charged." in page.text
        assert 'value="Alma Reyes"' in page.html
        assert 'id="accept" checked' not in page.html, "a tick was for the page read before"
    assert sent.charge().state == "pending_client"


def test_a_page_older_than_a_day_is_stale(shop: Shop) -> None:
    sent = shop.fire()
    with server.running() as address, new_client(address) as client:
        fields = client.open(sent).hidden("approve")
    fields |= {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    tomorrow = clock.driven(clock.now() + timedelta(hours=25))
    with tomorrow, server.running() as address, new_client(address) as client:
        answer = client.post(f"{sent.path}/approve", data=fields)
        assert answer.status_code == 409
        fresh = Page(answer).hidden("approve")
        again = client.post(f"{sent.path}/approve", data=fields | fresh)
        assert again.status_code == 303


def test_the_order_of_the_checks(client: Client, shop: Shop) -> None:
    """Spent nonce before state, state before document, document before fields."""
    sent = shop.fire()
    fields = client.open(sent).hidden("approve")
    wrong = {"document_sha256": "0" * 64, "accept": "", "name": ""}
    assert client.post(f"{sent.path}/approve", data=fields | wrong).status_code == 409
    assert client.post(f"{sent.path}/approve", data=fields | {"name": ""}).status_code == 422
    good = fields | {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    client.post(f"{sent.path}/approve", data=good)
    spent = client.post(f"{sent.path}/approve", data=good | wrong)
    assert (spent.status_code, spent.headers["location"]) == (303, f"{sent.path}/status")
    past = client.post(f"{sent.path}/approve", data=wrong | {"nonce": "unspent"})
    assert (past.status_code, past.headers["location"]) == (303, f"{sent.path}/status")


def test_a_withdrawn_invoice_cannot_be_approved(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    fields = client.open(sent).hidden("approve")
    void_charge(sent.id, reason="", actor=OPERATOR)
    fields |= {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    answer = client.post(f"{sent.path}/approve", data=fields)
    assert answer.headers["location"] == f"{sent.path}/status"
    assert sent.charge().state == "void"


def test_a_revised_invoice_shows_what_changed(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    client.ask(sent, "The tablet layout is missing the booking bar.")
    new = revise_charge(
        sent.id,
        amount="4200.00",
        description="Phase 2: Homepage designs — delivered March 19",
        answer="Booking bar added.",
        actor=OPERATOR,
    )
    page = client.open(Sent(new.id))
    assert "What changed since you last looked" in page.text
    for shown in ("booking bar.", "Booking bar added.", "Maya Okafor answered", "−$300.00"):
        assert shown in page.text
    assert "<del>" in page.html
    assert client.approve(Sent(new.id)).status_code == 303
    old = client.open(sent)
    assert f"Invoice {new.invoice_number} takes its place" in old.text


def test_a_suspended_customer_reads_and_asks_but_does_not_pay(client: Client, shop: Shop) -> None:
    sent, open_page = shop.fire(), shop.fire()
    fields = client.open(open_page).hidden("approve")
    suspend_customer(shop.customer, actor=OPERATOR)
    page = client.open(sent)
    assert page.status == 200
    assert "$4,500.00" in page.text
    assert "not available at the moment" in page.text
    assert "/approve" not in page.html
    fields |= {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    answer = Page(client.post(f"{open_page.path}/approve", data=fields))
    assert answer.status == 409
    assert "not available at the moment" in answer.text
    assert open_page.charge().state == "pending_client"
    assert client.ask(sent, "Why are we suspended?").status_code == 303
    assert sent.charge().state == "changes_requested"


def test_evidence_that_cannot_be_written_stops_the_approval(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    fields = client.open(sent).hidden("approve")
    client.get(f"{sent.path}/invoice.pdf")
    fields |= {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    with full_disk():
        answer = client.post(f"{sent.path}/approve", data=fields)
    page = Page(answer)
    assert page.status == 503
    assert "Nothing was charged" in page.text
    assert 'value="Alma Reyes"' in page.html
    assert 'id="accept" checked' in page.html
    assert sent.charge().state == "pending_client"
    assert not sent.attempts()
    assert client.post(f"{sent.path}/approve", data=fields).status_code == 303
