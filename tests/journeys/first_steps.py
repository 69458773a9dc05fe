"""The first steps of whoever has empty books, pressed as a person presses them."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.journeys.tab import Tab


def company(tab: Tab) -> None:
    """From Overview: say who bills."""
    page = tab.page
    page.get_by_role("button", name="Fill in your company").click()
    # the page's last words are there: what is typed now is not drawn over any more
    expect(page.get_by_text("Who changed what")).to_be_visible()
    tab.settled()
    page.get_by_role("textbox", name="Company").fill("Northlight Studio")
    page.get_by_role("textbox", name="Who signs for it").fill("Maya Okafor")
    page.get_by_role("textbox", name="Email for replies").fill("billing@northlight.example")
    page.get_by_role("button", name="Save settings").click()
    expect(page.get_by_text("Settings saved.")).to_be_visible()


def item(tab: Tab) -> None:
    """The item's template, as it comes; not saved yet."""
    page = tab.page
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("button", name="Make the item").click()
    expect(page.get_by_role("textbox", name="Price")).to_have_value("5000.00")
    tab.settled()


def customer(tab: Tab) -> None:
    """Save the item, and say who is billed; not saved yet."""
    page = tab.page
    page.get_by_role("button", name="Save item").click()
    expect(page.get_by_role("button", name="New item")).to_be_visible()
    page.get_by_role("link", name="Overview").click()
    page.get_by_role("button", name="Add the customer").click()
    expect(page.get_by_role("button", name="Save customer")).to_be_visible()
    tab.settled()
    page.get_by_role("textbox", name="Name", exact=True).fill("Dana Whitfield")
    page.get_by_role("textbox", name="Company").fill("Harbor & Vine")
    page.get_by_role("textbox", name="Billing email").fill("dana@harborvine.example")


def enrolment(tab: Tab) -> None:
    """Save the customer and enrol them."""
    page = tab.page
    page.get_by_role("button", name="Save customer").click()
    page.get_by_role("button", name="Enrol", exact=True).click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
