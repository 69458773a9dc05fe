"""The client's way in a real browser with script switched off, over real HTTP and real flows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import expect

from tests.paynow import server
from tests.paynow.conftest import Shop

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

pytestmark = pytest.mark.browser
Keep = Callable[["Page", str], Path]


@pytest.fixture
def phone(browser: Browser, shop: Shop) -> Iterator[Page]:
    """A phone without script at a running Pay Now; nothing may be loaded from elsewhere."""
    with server.running() as address:
        context = browser.new_context(
            viewport={"width": 375, "height": 740},
            locale="en-US",
            java_script_enabled=False,
            base_url=address,
        )
        page = context.new_page()
        page.set_default_timeout(15_000)
        elsewhere, complaints = [], []

        def asked(request: Request) -> None:
            if not request.url.startswith(address):
                elsewhere.append(request.url)

        def complained(message: ConsoleMessage) -> None:
            complaints.append(message.text)

        page.on("request", asked)
        page.on("console", complained)
        yield page
        context.close()
        assert not elsewhere
        assert not [c for c in complaints if "status of 4" not in c], complaints


def test_the_recipe_on_a_phone(phone: Page, shop: Shop, keep: Keep) -> None:
    sent = shop.fire()
    phone.goto(sent.path)
    keep(phone, "paynow-real-invoice-375")
    phone.get_by_role("link", name="Read, then decide").click()
    phone.get_by_role("checkbox", name=re.compile("I have reviewed")).check()
    phone.get_by_label("Your full name").fill("Alma Reyes")
    phone.get_by_label("Another way").check()
    phone.get_by_role("button", name="Approve and pay $4,500.00").click()
    phone.wait_for_url(re.compile("/sandbox/checkout/"))
    keep(phone, "paynow-real-sandbox-375")
    phone.get_by_label("Test card number").fill("4000 0025 0000 3155")
    phone.get_by_role("button", name="Pay $4,500.00").click()
    phone.get_by_role("button", name="Yes, approve the payment").click()
    phone.wait_for_url(re.compile("/status"))
    phone.get_by_role("heading", name="Paid, thank you.").wait_for()
    keep(phone, "paynow-real-paid-375")
    assert sent.charge().state == "captured"
    assert [e["name"] for e in sent.events("charge.approved")] == ["Alma Reyes"]


def test_what_is_wrong_is_in_view_with_everything_typed(phone: Page, shop: Shop) -> None:
    sent = shop.fire()
    phone.goto(sent.path)
    # the browser's own check stops an empty name: three spaces get past it, and are no name
    phone.get_by_role("checkbox", name=re.compile("I have reviewed")).check()
    phone.get_by_label("Your full name").fill("   ")
    phone.get_by_label("Another way").check()
    phone.get_by_role("button", name="Approve and pay").click()
    summary = phone.get_by_role("alert")
    expect(summary).to_be_in_viewport(ratio=0.9)  # the page glides there
    assert phone.url.endswith("/approve#said")
    assert phone.get_by_label("Another way").is_checked()
    phone.get_by_role("link", name="Your full name is missing.").click()
    phone.get_by_label("Your full name").fill("Alma Reyes")
    phone.get_by_role("button", name="Approve and pay").click()
    phone.wait_for_url(re.compile("/sandbox/checkout/"))
    phone.get_by_role("button", name="Cancel and go back").click()
    phone.get_by_text("The payment was not completed. Nothing was charged.").wait_for()
    assert phone.get_by_role("button", name="Pay $4,500.00").is_visible()


def test_a_double_click_on_the_button_is_one_approval(phone: Page, shop: Shop) -> None:
    sent = shop.fire()
    phone.goto(sent.path)
    phone.get_by_role("checkbox", name=re.compile("I have reviewed")).check()
    phone.get_by_label("Your full name").fill("Alma Reyes")
    phone.get_by_label("Another way").check()
    phone.get_by_role("button", name="Approve and pay").dblclick(no_wait_after=True)
    # the second click ends the first one's way there, which is no failure
    expect(phone).to_have_url(re.compile("/sandbox/checkout/|/status"))
    assert len(sent.events("charge.approved")) == len(sent.attempts()) == 1
    phone.goto(f"{sent.path}/status")
    assert phone.get_by_role("link", name="Continue to payment").is_visible()


def test_a_code_for_the_saved_card(phone: Page, shop: Shop, keep: Keep) -> None:
    sent = shop.fire()
    phone.goto(sent.path)
    phone.get_by_label("Your full name").fill("Alma Reyes")
    phone.get_by_role("button", name="Mail me the code").click()
    phone.get_by_text("A code is on its way to ac•••@harborandvine.example.").wait_for()
    keep(phone, "paynow-real-code-375")
    assert phone.get_by_label("Your full name").input_value() == "Alma Reyes"
    phone.get_by_role("checkbox", name=re.compile("I have reviewed")).check()
    phone.get_by_label("A sum of this size").fill(sent.code())
    phone.get_by_role("button", name="Approve and pay").click()
    phone.get_by_role("heading", name="Paid, thank you.").wait_for()


def test_asking_for_changes(phone: Page, shop: Shop, keep: Keep) -> None:
    sent = shop.fire()
    phone.goto(sent.path)
    phone.get_by_text("Ask for changes").click()
    phone.get_by_label("What should be different?").fill("Please move the <b>booking bar</b>.")
    phone.get_by_role("button", name="Send my request").click()
    phone.get_by_role("heading", name="You asked for changes").wait_for()
    assert phone.get_by_text("Please move the <b>booking bar</b>.").is_visible()
    keep(phone, "paynow-real-asked-375")


def test_an_old_link_on_a_phone(phone: Page, shop: Shop) -> None:
    from billing_core.flows.mint_link import mint_link
    from tests.paynow.conftest import OPERATOR

    sent = shop.fire()
    mint_link(sent.id, actor=OPERATOR)
    phone.goto(sent.path)
    phone.get_by_role("button", name="Mail a fresh link").click()
    phone.get_by_role("heading", name="Look into your mail").wait_for()
    phone.goto(f"/pay/{sent.live_token()}")
    assert phone.get_by_role("button", name="Approve and pay $4,500.00").is_visible()
