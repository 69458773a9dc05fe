"""A newcomer with empty books: from the first page to the first paid charge, every click counted.

Nobody reads anything on the way. The clicks are the measure; the seconds are printed, because a
machine types faster than people and waits longer on a busy day.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from billing_core.reports import lists
from billing_core.reports.trial_balance import trial_balance
from tests.books import PAYS, PHASE_2
from tests.journeys.tab import PATIENCE_MS, Tab

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(180)]

#: What the operator and the client click, writing not counted.
MOST_CLICKS, MOST_FIELDS = 7, 6
Keep = Callable[[Page, str], Path]


class Hand:
    """Clicks and fills as one person, and counts both."""

    def __init__(self) -> None:
        self.clicks, self.fields, self.since = 0, 0, time.monotonic()

    def click(self, what: Locator) -> None:
        """One click on the first of ``what``."""
        self.clicks += 1
        what.first.click()

    def fill(self, what: Locator, text: str) -> None:
        """One field; people come from one to the next with Tab."""
        self.fields += 1
        what.fill(text)

    def said(self, who: str) -> str:
        """What was counted so far."""
        gone = time.monotonic() - self.since
        return f"{who}: {self.clicks} clicks, {self.fields} fields, {gone:.1f} s\n"


def test_from_the_first_page_to_a_paid_charge(
    tab: Tab, browser: Browser, keep: Keep, capsys: pytest.CaptureFixture[str]
) -> None:
    hand = Hand()
    page = tab.open("/").page
    hand.fill(page.get_by_role("textbox", name="Your company"), "Northlight Studio")
    hand.fill(page.get_by_role("textbox", name="Your client"), "Harbor & Vine")
    hand.fill(page.get_by_role("textbox", name="Client's email"), "dana@harborvine.example")
    keep(page, "newcomer 1 overview")
    hand.click(page.get_by_role("button", name="Write the first charge"))
    hand.fill(tab.field("Description"), PHASE_2)
    expect(tab.acts).to_have_text("Send invoice for $5,000.00", timeout=PATIENCE_MS)
    tab.read()
    hand.click(tab.acts)
    expect(tab.button("Read the mail")).to_be_visible(timeout=PATIENCE_MS)
    told = hand.said("fired")
    keep(page, "newcomer 2 sent")
    hand.click(tab.button("Read the mail"))
    pay_now = page.frame_locator("iframe").get_by_role("link", name="Review and Pay Now")
    expect(pay_now).to_be_visible(timeout=PATIENCE_MS)
    keep(page, "newcomer 3 mail")
    with page.context.expect_page() as opened:
        hand.click(pay_now)
    client = opened.value
    client.set_default_timeout(PATIENCE_MS)
    hand.click(client.get_by_role("checkbox"))
    hand.fill(client.locator('input[name="name"]'), "Dana Whitfield")
    hand.click(client.get_by_role("button", name="Approve and pay"))
    hand.fill(client.locator("#number"), PAYS)
    hand.click(client.get_by_role("button", name="Pay $"))
    tab.until(lambda: lists.charges()[0].charge.state == "captured")
    told += hand.said("paid")
    with capsys.disabled():
        print(f"\n{told}", end="")
    assert trial_balance().balanced
    assert hand.clicks <= MOST_CLICKS, told
    assert hand.fields <= MOST_FIELDS, told
    tab.open("/")
    expect(page.get_by_role("heading", name="Needs you now")).to_be_visible(timeout=PATIENCE_MS)
    assert not page.get_by_text("Your first charge").count(), "the guide is done"
