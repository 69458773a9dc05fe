"""A page that was drawn before is served again only while everything on it is the same."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from billing_core import settings
from billing_core.flows.open_link import OpenLink
from billing_core.flows.suspend_customer import suspend_customer
from paynow import client_pages
from tests.paynow.conftest import OPERATOR, Client, Shop


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The invoices whose page was drawn anew."""
    found: list[str] = []
    really = client_pages.invoice_values

    def watched(opened: OpenLink, *rest: Any) -> dict[str, Any]:
        found.append(opened.charge.id)
        return really(opened, *rest)

    monkeypatch.setattr(client_pages, "invoice_values", watched)
    return found


def test_the_same_page_has_a_nonce_of_its_own_each_time(
    client: Client, shop: Shop, drawn: list[str]
) -> None:
    sent = shop.fire()
    client.get(f"{sent.path}/invoice.pdf")
    first, second = client.open(sent), client.open(sent)
    assert drawn == [sent.id]
    nonces = [page.hidden("approve").pop("nonce") for page in (first, second)]
    assert nonces[0] != nonces[1]
    assert first.html.replace(nonces[0], "") == second.html.replace(nonces[1], "")
    same = ("content-security-policy", "content-type", "content-length", "cache-control")
    assert all(first.response.headers[h] == second.response.headers[h] for h in same)
    assert client.approve(sent).status_code == 303, "a nonce of a page served again acts"


def test_what_others_write_is_on_the_next_page(
    client: Client, shop: Shop, drawn: list[str]
) -> None:
    sent = shop.fire()
    client.get(f"{sent.path}/invoice.pdf")
    assert "not available at the moment" not in client.open(sent).text
    suspend_customer(shop.customer, actor=OPERATOR)
    assert "not available at the moment" in client.open(sent).text
    file = settings.load().database.removeprefix("sqlite:///")
    with sqlite3.connect(file) as another_process:
        another_process.execute("UPDATE customers SET standing = 'active'")
    another_process.close()
    assert "not available at the moment" not in client.open(sent).text
    with sqlite3.connect(file) as another_process:
        another_process.execute("UPDATE links SET replaced_at = minted_at")
    another_process.close()
    assert client.open(sent).status == 410
    assert len(drawn) >= 3
