"""The client in a real browser: over to the gateway and back, under our own policy."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from billing_core import jobs, settings
from tests import books
from tests.paynow import server
from tests.stripe.till import Till
from tests.stripe_fake.running import ASKS, PAYS

pytestmark = pytest.mark.browser


@pytest.fixture
def shop(till: Till, monkeypatch: pytest.MonkeyPatch) -> Iterator[Till]:
    """A running Pay Now that clients and the stand-in reach under its own address."""
    with server.running() as address:
        monkeypatch.setenv("COUNTERSIGN_PUBLIC_URL", address)
        settings.forget()
        till.fake.control("webhooks", url=f"{address}/stripe/webhook", hold=False)
        yield till.open()


@pytest.mark.parametrize("number", [PAYS, ASKS])
def test_approve_pay_and_come_back(shop: Till, page: Page, number: str) -> None:
    fired = shop.fire()
    assert fired.charge
    assert fired.url
    page.goto(fired.url)
    page.locator('input[name="accept"]').check()
    page.locator('input[name="name"]').fill("Dana Whitfield")
    page.get_by_role("button", name="Approve and pay").first.click()
    expect(page.get_by_text("This is not Stripe.")).to_be_visible()
    page.get_by_label("Card or account number").fill(number)
    page.get_by_role("button", name="Pay").click()
    if number == ASKS:
        page.get_by_role("button", name="Complete").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Paid")
    assert "/status" in page.url
    assert books.charge(fired.charge.id).state == "captured"
    jobs.drain()
    shop.check()
