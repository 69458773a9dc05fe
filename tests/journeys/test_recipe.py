"""The recipe, to the letter, as three people see it: the operator's console, the client's page on a
phone, the sandbox's checkout. Real processes, a real browser; the pictures stay in tests/artifacts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from billing_core.reports import lists, outbox
from billing_core.reports.dossier import dossier
from billing_core.reports.trial_balance import trial_balance
from tests.books import DECLINES, PAYS, PHASE_2
from tests.journeys import first_steps
from tests.journeys.tab import PATIENCE_MS, Tab

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.timeout(300),
]

Keep = Callable[[Page, str], Path]
PHASE_3 = "Phase 3: Inner page templates — delivered today"


@pytest.fixture(scope="module")
def phone(browser: Browser) -> Iterator[Page]:
    """The client's phone."""
    context = browser.new_context(viewport={"width": 375, "height": 812}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    yield page
    context.close()


def latest() -> str:
    """The id of the newest charge."""
    return lists.charges()[0].charge.id


def approve_and_pay(phone: Page, charge_id: str, number: str) -> None:
    """The client follows the link of the mail, ticks, types a name, and pays."""
    (mail,) = [m for m in outbox.mails(charge_id) if m.kind == "invoice"]
    phone.goto(outbox.mail(mail.id).pay_url)
    expect(phone.get_by_role("checkbox").first).not_to_be_checked()
    phone.get_by_role("checkbox").first.check()
    phone.locator('input[name="name"]').fill("Dana Whitfield")
    pay_another_way(phone, "Approve and pay", number)


def pay_another_way(phone: Page, button: str, number: str) -> None:
    """Not with the saved card: press ``button`` and type a number on the sandbox's page."""
    phone.locator('input[name="method"][value="new"]').check()
    phone.get_by_role("button", name=button).click()
    phone.locator("#number").fill(number)
    phone.get_by_role("button", name="Pay $").click()


def sent(tab: Tab) -> str:
    """Press the money button until the receipt is there; returns the charge."""
    tab.finish(tab.dialog.get_by_role("button", name="Open the charge"))
    return latest()


def test_a_newcomer_comes_to_the_first_charge(tab: Tab, keep: Keep) -> None:
    page = tab.open("/").page
    keep(page, "recipe 01 overview empty")
    first_steps.company(tab)
    first_steps.item(tab)
    keep(page, "recipe 02 item template")
    first_steps.customer(tab)
    tab.choose("Stored payment method", "Test Visa •••• 4242, always pays")
    first_steps.enrolment(tab)
    keep(page, "recipe 03 customer enrolled")
    (item,) = lists.items()
    assert (item.trigger_mode, item.capture_mode) == ("event", "client_confirm")
    assert (item.unit_price_minor, item.max_capture_minor) == (500000, 2500000)


def test_phase_two_is_sent(tab: Tab, keep: Keep) -> None:
    tab.press_page_button("Charge Now")
    tab.field("Amount, USD").fill("4,500.00")
    tab.field("Description").fill(PHASE_2)
    expect(tab.acts).to_have_text("Send invoice for $4,500.00", timeout=PATIENCE_MS)
    tab.read()
    keep(tab.page, "recipe 04 charge now")
    charge_id = sent(tab)
    keep(tab.page, "recipe 05 sent")
    charge = dossier(charge_id).charge
    assert (charge.total_minor, charge.description) == (450000, PHASE_2)
    assert charge.state == "pending_client"


def test_the_mail_has_invoice_amount_words_and_pay_now(tab: Tab, keep: Keep) -> None:
    (mail,) = outbox.mails(latest())
    tab.until(lambda: outbox.mail(mail.id).html)
    shown = outbox.mail(mail.id)
    assert "$4,500.00" in shown.mail.subject
    assert "Phase 2: Homepage designs" in shown.mail.subject
    assert "Pay Now" in shown.html
    assert [name.endswith(".pdf") for name, _ in shown.attachments] == [True]
    tab.open(f"/outbox?mail={mail.id}")
    link = tab.page.get_by_role("link", name="Open its Pay Now link")
    expect(link).to_have_attribute("href", shown.pay_url)
    keep(tab.page, "recipe 06 mail in the outbox")


def test_the_client_reviews_approves_and_pays(tab: Tab, phone: Page, keep: Keep) -> None:
    charge_id = latest()
    phone.goto(dossier(charge_id).pay_url or "")
    expect(phone.get_by_role("heading", name="Phase 2: Homepage designs")).to_be_visible()
    keep(phone, "recipe 07 pay page on a phone")
    approve_and_pay(phone, charge_id, PAYS)
    tab.until(lambda: dossier(charge_id).charge.state == "captured")
    phone.goto(f"{dossier(charge_id).pay_url}/status")
    keep(phone, "recipe 08 paid on a phone")


def test_the_charge_stands_in_history_revenue_and_trail(tab: Tab, keep: Keep) -> None:
    shown = dossier(latest())
    page = tab.open(f"/charges?charge={shown.charge.id}").page
    for words in ("Client approved", "Paid", "127.0.0.1", "Dana Whitfield", "chain intact"):
        expect(page.get_by_text(words).first).to_be_visible()
    keep(page, "recipe 09 charge paid")
    tab.open(f"/customers?customer={shown.customer.id}")
    expect(page.get_by_text("Phase 2: Homepage designs").first).to_be_visible()
    tab.open("/revenue")
    expect(page.get_by_text("$4,500.00").first).to_be_visible()
    expect(page.locator(".js-plotly-plot").nth(2)).to_be_visible()
    keep(page, "recipe 10 revenue")
    assert [(r.gross_minor, r.source) for r in shown.revenue] == [(450000, "gateway")]
    assert trial_balance().balanced


def test_phase_three_follows_on_the_same_enrolment_after_a_decline(
    tab: Tab, phone: Page, keep: Keep
) -> None:
    customer = lists.customers()[0].customer
    tab.open(f"/customers?customer={customer.id}").press_page_button("Charge Now")
    tab.field("Amount, USD").fill("6000.00")
    tab.field("Description").fill(PHASE_3)
    expect(tab.acts).to_have_text("Send invoice for $6,000.00", timeout=PATIENCE_MS)
    charge_id = sent(tab)
    tab.until(lambda: dossier(charge_id).charge.pdf_sha256)
    approve_and_pay(phone, charge_id, DECLINES)
    tab.until(lambda: [a.outcome for a in dossier(charge_id).attempts] == ["declined"])
    phone.goto(dossier(charge_id).pay_url or "")
    keep(phone, "recipe 11 declined on a phone")
    pay_another_way(phone, "Pay $6,000.00", PAYS)
    tab.until(lambda: dossier(charge_id).charge.state == "captured")
    shown = dossier(charge_id)
    kinds = [row.event.kind for row in shown.events]
    assert (kinds.count("charge.approved"), kinds.count("charge.captured")) == (1, 1)
    assert len({row.charge.enrolment_id for row in lists.charges()}) == 1


def test_a_fixed_item_locks_the_amount_and_frees_the_words(tab: Tab, keep: Keep) -> None:
    page = tab.open("/items?item=new").page
    tab.choose("How it is triggered", "Fixed")
    page.get_by_role("textbox", name="Name", exact=True).fill("Care retainer")
    page.get_by_role("textbox", name="Price").fill("1450.00")
    page.get_by_role("button", name="Save item").click()
    expect(page.get_by_role("button", name="New item")).to_be_visible()
    customer = lists.customers()[0].customer
    tab.open(f"/customers?customer={customer.id}")
    page.get_by_role("button", name="Enrol", exact=True).click()
    expect(page.get_by_text("Fixed, client confirms", exact=False)).to_be_visible()
    tab.press_page_button("Charge Now")
    tab.choose("Item", "Care retainer · client confirms")
    expect(tab.field("Amount, USD")).to_be_disabled()
    expect(tab.field("Amount, USD")).to_have_value("1450.00")
    tab.field("Description").fill("Retainer for March")
    expect(tab.acts).to_have_text("Send invoice for $1,450.00", timeout=PATIENCE_MS)
    tab.read()
    keep(page, "recipe 12 fixed item")
    charge = dossier(sent(tab)).charge
    assert (charge.total_minor, charge.description) == (145000, "Retainer for March")
