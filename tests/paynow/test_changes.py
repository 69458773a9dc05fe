"""Asking for changes and declining, in any words; and the page that says what was asked."""

from __future__ import annotations

import re

import pytest

from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.record_payment import record_payment
from tests.paynow.conftest import OPERATOR, Client, Page, Sent, Shop
from tests.paynow.reading import read

FINE = (
    "x",
    "Bitte die Buchungsleiste verschieben.\n\nDanke!",
    "<b>bold</b> & <script>alert(1)</script>",
    "日本語のご依頼です。" * 20,
    "🦊 emoji, اللغة العربية, and =cmd()|' /C calc'!A0",
    "x" * 2000,
)
REFUSED = (
    "",
    "   \n ",
    "x" * 2001,
    "長" * 5000,
    "evil \u202e txt",
    "nul \x00 here",
    "esc \x1b[31m",
    "line\u2028sep",
)


@pytest.mark.parametrize("kind", ["changes", "decline"])
@pytest.mark.parametrize("message", FINE)
def test_any_words_are_taken_as_text(client: Client, shop: Shop, kind: str, message: str) -> None:
    sent = shop.fire()
    answer = client.ask(sent, message, kind=kind)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{sent.path}/status")
    assert sent.charge().state == "changes_requested"
    page = client.open(sent, "/status")
    title = "You declined this invoice" if kind == "decline" else "You asked for changes"
    assert title in page.text
    assert "Maya Okafor reads it and answers you" in page.text
    shown = read(page.html)
    assert "".join(message.split()) in "".join(shown.text.split())
    assert not list(shown.all("script"))
    told = "charge.declined_by_client" if kind == "decline" else "changes.requested"
    assert [e["message"] for e in sent.events(told)] == [message]


@pytest.mark.parametrize("message", REFUSED)
def test_what_is_no_message_is_refused_and_kept(client: Client, shop: Shop, message: str) -> None:
    sent = shop.fire()
    answer = client.ask(sent, message, kind="decline")
    page = Page(answer)
    assert page.status == 422
    assert "Nothing was sent." in page.text
    assert '<a href="#message-decline">' in page.html
    area = page.html.split('<textarea id="message-decline"')[1].split("</textarea>")[0]
    for shown in re.findall(r"[\w ]+", message):
        assert shown in area
    assert "\x00" not in page.html
    assert len(answer.content) < 45_000
    assert sent.charge().state == "pending_client"


def test_an_unknown_kind_is_refused(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    page = Page(client.ask(sent, "hello", kind="sue"))
    assert page.status == 422
    assert "Choose whether to ask for changes or to decline." in page.text


def test_asking_twice_acts_once(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    fields = client.open(sent).hidden("changes") | {"message": "Please move it."}
    for _ in range(3):
        answer = client.post(f"{sent.path}/changes", data=fields)
        assert answer.headers["location"] == f"{sent.path}/status"
    assert len(sent.events("changes.requested")) == 1


def test_a_stale_request_keeps_its_words(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    page = Page(client.ask(sent, "Please move it.", document_sha256="0" * 64))
    assert page.status == 409
    assert "Please move it." in page.html


def test_while_changes_are_asked_nothing_can_be_approved(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    fields = client.open(sent).hidden("approve")
    client.ask(sent, "Please move it.")
    page = client.open(sent)
    assert "/approve" not in page.html
    assert "Changes requested" in page.text
    typed = {"accept": "yes", "name": "Alma Reyes", "method": "new"}
    answer = client.post(f"{sent.path}/approve", data=fields | typed)
    assert answer.headers["location"] == f"{sent.path}/status"
    assert sent.charge().state == "changes_requested"


def test_the_answer_opens_the_same_document_again(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    digest = sent.charge().document_sha256
    client.ask(sent, "Is the bar in?")
    answer_changes(sent.id, answer="It is: look at page 4.", actor=OPERATOR)
    sent = Sent(sent.id)
    page = client.open(sent, "/status")
    assert "It is: look at page 4." in page.text
    assert client.open(sent).hidden("approve")["document_sha256"] == digest
    assert client.approve(sent).status_code == 303


def test_a_payment_recorded_by_hand_is_shown_as_what_it_is(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    paid_on = sent.charge().issued_on.isoformat()
    record_payment(
        sent.id, method="bank_transfer", paid_on=paid_on, reference="B-1", actor=OPERATOR
    )
    page = client.open(sent, "/status")
    assert "Paid $4,500.00, bank transfer" in page.text
    assert "Your statement shows" not in page.text
    assert client.get(f"{sent.path}/receipt.pdf").content.startswith(b"%PDF")


def test_a_hostile_name_is_taken_or_refused_and_never_run(client: Client, shop: Shop) -> None:
    for name, status in (
        ("<script>alert(1)</script>", 303),
        ("Žofie d'Arc-Ünal 王", 303),
        ("نورة الخليج", 303),
        ("🦊", 422),
        ("Al\x00ma", 422),
        ("Alma\r\nBcc: x@y.example", 422),
        ("Alma \u202eseyeR", 422),
        ("x" * 5000, 422),
    ):
        sent = shop.fire()
        answer = client.approve(sent, name=name)
        assert answer.status_code == status, name
        page = Page(answer) if status == 422 else client.open(sent, "/status")
        assert not list(read(page.html).all("script"))
        assert [e["name"] for e in sent.events("charge.approved")] == [name] * (status == 303)
