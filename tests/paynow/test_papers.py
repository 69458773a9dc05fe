"""The papers behind a link, JSON status, and the sandbox company's own pages."""

from __future__ import annotations

import hashlib

import pytest

from billing_core.documents import pack_verifier
from billing_core.flows import sandbox_checkout
from tests.paynow.conftest import Client, Page, Shop
from tests.paynow.reading import read


def test_the_invoice_is_one_paper_for_ever(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    first = client.get(f"{sent.path}/invoice.pdf")
    again = client.get(f"{sent.path}/invoice.pdf")
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/pdf"
    number = sent.charge().invoice_number
    assert first.headers["content-disposition"] == f'inline; filename="{number}.pdf"'
    assert first.content.startswith(b"%PDF")
    assert first.content == again.content
    assert sent.charge().pdf_sha256 == hashlib.sha256(first.content).hexdigest()
    assert len(sent.events("invoice.rendered")) == 1


def test_the_first_view_has_the_paper_made(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    client.open(sent)
    client.get(f"{sent.path}/invoice.pdf")
    assert len(sent.events("invoice.rendered")) == 1


def test_looking_with_head_makes_no_paper(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    for under in ("", "/status", "/invoice.pdf"):
        answer = client.head(f"{sent.path}{under}")
        assert (answer.status_code, answer.content) == (200, b"")
    assert sent.charge().pdf_sha256 is None


def test_the_receipt_is_there_when_paid(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    missing = client.get(f"{sent.path}/receipt.pdf")
    assert missing.status_code == 404
    client.pay_on_sandbox(client.approve(sent).headers["location"])
    assert client.get(f"{sent.path}/receipt.pdf").status_code == 404, "not recorded yet"
    page = client.open(sent, "/status")
    hrefs = [a.attributes["href"] for a in read(page.html).all("a")]
    assert f"{sent.path}/receipt.pdf" in hrefs
    receipt = client.get(f"{sent.path}/receipt.pdf")
    assert receipt.content.startswith(b"%PDF")
    assert receipt.content == client.get(f"{sent.path}/receipt.pdf").content


def test_the_clients_own_copy_of_the_evidence(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    assert client.get(f"{sent.path}/evidence.zip").status_code == 404, "not approved yet"
    client.pay_on_sandbox(client.approve(sent).headers["location"])
    page = client.open(sent, "/status")
    hrefs = [a.attributes["href"] for a in read(page.html).all("a")]
    assert f"{sent.path}/evidence.zip" in hrefs
    copy = client.get(f"{sent.path}/evidence.zip")
    assert copy.headers["content-type"] == "application/zip"
    assert copy.headers["content-disposition"].startswith('attachment; filename="')
    assert pack_verifier.check(copy.content)["charge"] == sent.id
    looked = client.head(f"{sent.path}/evidence.zip")
    assert (looked.status_code, looked.content) == (200, b"")


def test_status_as_json(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    answer = client.get(f"{sent.path}/status", headers={"accept": "application/json"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"state": "pending_client", "awaiting": False}
    for accept in ("*/*", "text/html,application/json"):
        page = client.get(f"{sent.path}/status", headers={"accept": accept})
        assert page.headers["content-type"].startswith("text/html")


def test_status_before_anything_was_done(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    page = client.open(sent, "/status")
    assert "Waiting for your approval" in page.text
    assert f'href="{sent.path}#decide"' in page.html
    assert "refresh" not in page.response.headers


@pytest.mark.parametrize("number", ["", "4111 1111 1111 1111", "4242", "<b>", "٤٢٤٢", "4" * 300])
def test_other_numbers_are_refused_and_never_shown_again(
    client: Client, shop: Shop, number: str
) -> None:
    sent = shop.fire()
    where = client.approve(sent).headers["location"]
    answer = client.pay_on_sandbox(where, number)
    page = Page(answer)
    assert page.status == 422
    assert "This is not one of the test numbers." in page.text
    field = next(e for e in read(page.html).all("input") if e.attributes["name"] == "number")
    assert "value" not in field.attributes
    assert sandbox_checkout.show(where.rpartition("/")[2]).state == "open"


@pytest.mark.parametrize("number", ["4242424242424242", "4242-4242-4242-4242"])
def test_numbers_are_taken_in_any_spelling(client: Client, shop: Shop, number: str) -> None:
    sent = shop.fire()
    back = client.pay_on_sandbox(client.approve(sent).headers["location"], number)
    assert back.headers["location"] == f"{sent.path}/status"
    client.open(sent, "/status")
    assert sent.charge().state == "captured"


def test_the_sandbox_page_lists_what_works(client: Client, shop: Shop) -> None:
    page = Page(client.get(client.approve(shop.fire()).headers["location"]))
    for number in ("4242 4242 4242 4242", "4000 0000 0000 0002", "4000 0025 0000 3155",
                   "4000 0000 0000 0259"):  # fmt: skip
        assert number in page.text
    assert "no real money moves" in page.text
    assert "Pay $4,500.00" in page.text
    assert "To Northlight Studio" in page.text


def test_a_session_that_is_over_offers_the_way_back(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    where = client.approve(sent).headers["location"]
    client.pay_on_sandbox(where)
    page = Page(client.get(where))
    assert "This payment is done" in page.text
    assert f'href="{sent.path}/status"' in page.html
    again = client.pay_on_sandbox(where, "4000 0000 0000 0002")
    assert again.headers["location"] == f"{sent.path}/status"
    client.open(sent, "/status")
    assert sent.charge().state == "captured"


def test_unknown_sessions_are_not_found(client: Client) -> None:
    for method, path in (
        ("GET", "/sandbox/checkout/cs_unknown"),
        ("POST", "/sandbox/checkout/cs_unknown"),
        ("POST", "/sandbox/checkout/cs_unknown/cancel"),
        ("POST", "/sandbox/checkout/cs_unknown/authenticate"),
        ("GET", "/sandbox/checkout/"),
        ("GET", "/sandbox"),
    ):
        data = {"number": "4242 4242 4242 4242"} if method == "POST" else None
        assert client.request(method, path, data=data).status_code == 404, path


def test_looking_at_the_sandbox_page_pays_nothing(client: Client, shop: Shop) -> None:
    sent = shop.fire()
    where = client.approve(sent).headers["location"]
    for _ in range(3):
        client.get(where)
        client.head(where)
    for verb in ("cancel", "authenticate"):
        assert client.get(f"{where}/{verb}").status_code == 405
    client.open(sent, "/status")
    assert sent.charge().state == "approved"
