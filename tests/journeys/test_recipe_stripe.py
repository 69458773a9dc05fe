"""The recipe in Stripe mode: the operator's console, the client's phone, and a gateway outside that
knocks. Real processes and a real browser; the gateway is the stand-in, which says so on its pages.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from billing_core.reports import lists, outbox
from billing_core.reports.dossier import dossier
from tests.books import PHASE_2
from tests.journeys import first_steps
from tests.journeys.conftest import attached
from tests.journeys.tab import PATIENCE_MS, Tab
from tests.journeys.test_recipe import PHASE_3, latest, phone, sent
from tests.stripe_fake import running as stand_in
from tests.stripe_fake.running import ASKS, KEY, PAYS, SECRET, Fake
from tests.support import processes
from tests.support.processes import Running

__all__ = ["phone"]
pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(300)]
Keep = Callable[[Page, str], Path]


@pytest.fixture(scope="module")
def bank() -> Iterator[Fake]:
    """The stand-in, on the world's clock; all that was asked of it had the described shape."""
    with stand_in.running() as fake:
        yield fake
        assert fake.look("misfits") == []


@pytest.fixture(scope="module")
def firm(bank: Fake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Console, Pay Now and worker of an agency with a Stripe account of its own."""
    folder = tmp_path_factory.mktemp("firm") / "data"
    stripe = {"GATEWAY": "stripe", "STRIPE_SECRET_KEY": KEY, "STRIPE_WEBHOOK_SECRET": SECRET}
    with (
        processes.running(folder, STRIPE_API_BASE=bank.address, **stripe) as running,
        attached(running),
    ):
        bank.control("webhooks", url=f"{running.pay}/stripe/webhook", hold=False)
        yield running


def charge_now(tab: Tab, amount: str, description: str, total: str) -> str:
    """Press *Charge Now* on the customer's page until the receipt is there; the charge's id."""
    customer = lists.customers()[0].customer
    tab.open(f"/customers?customer={customer.id}").press_page_button("Charge Now")
    tab.field("Amount, USD").fill(amount)
    tab.field("Description").fill(description)
    expect(tab.acts).to_have_text(f"Send invoice for {total}", timeout=PATIENCE_MS)
    return sent(tab)


def sign(phone: Page, charge_id: str) -> None:
    """The client follows the mail's link, ticks and types a name."""
    (mail,) = [m for m in outbox.mails(charge_id) if m.kind == "invoice"]
    phone.goto(outbox.mail(mail.id).pay_url)
    phone.get_by_role("checkbox").first.check()
    phone.locator('input[name="name"]').fill("Dana Whitfield")


def type_card(phone: Page, number: str) -> None:
    """The client types a card on the gateway's page, and answers the bank where it asks."""
    expect(phone.get_by_text("This is not Stripe.")).to_be_visible()
    phone.get_by_label("Card or account number").fill(number)
    phone.get_by_role("button", name="Pay").click()
    if number == ASKS:
        phone.get_by_role("button", name="Complete").click()


def test_item_customer_and_enrolment(tab: Tab) -> None:
    tab.open("/")
    first_steps.company(tab)
    first_steps.item(tab)
    first_steps.customer(tab)
    first_steps.enrolment(tab)


def test_phase_two_from_charge_now_to_revenue(tab: Tab, phone: Page, keep: Keep) -> None:
    charge_id = charge_now(tab, "4,500.00", PHASE_2, "$4,500.00")
    tab.until(lambda: [m for m in outbox.mails(charge_id) if outbox.mail(m.id).attachments])
    sign(phone, charge_id)
    phone.get_by_role("button", name="Approve and pay $4,500.00").click()
    type_card(phone, PAYS)
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Paid")
    keep(phone, "recipe stripe 01 paid on a phone")
    tab.until(lambda: dossier(charge_id).charge.state == "captured")
    shown = dossier(charge_id)
    assert [(r.gross_minor, r.fee_minor, r.method) for r in shown.revenue] == [
        (450_000, 13_080, "Visa •••• 4242")
    ]
    page = tab.open(f"/charges?charge={charge_id}").page
    for words in ("Client approved", "Paid", "Dana Whitfield", "chain intact"):
        expect(page.get_by_text(words).first).to_be_visible()
    keep(page, "recipe stripe 02 charge paid")
    tab.open("/revenue")
    expect(page.get_by_text("$4,500.00").first).to_be_visible()
    expect(page.get_by_text("$4,369.20").first).to_be_visible()
    keep(page, "recipe stripe 03 revenue less fees")


def test_the_client_stores_a_card_and_pays_phase_three_with_one_press(
    tab: Tab, phone: Page, firm: Running, keep: Keep
) -> None:
    customer = lists.customers()[0].customer
    done = firm.countersign("setup-link", customer.id)
    assert done.returncode == 0, done.stderr
    phone.goto(done.stdout.strip())
    type_card(phone, ASKS)
    expect(phone.get_by_text("Nothing was charged, and you can close this page.")).to_be_visible()
    tab.until(lambda: lists.customers()[0].customer.payment_method)
    charge_id = charge_now(tab, "900.00", PHASE_3, "$900.00")
    tab.until(lambda: [m for m in outbox.mails(charge_id) if outbox.mail(m.id).attachments])
    sign(phone, charge_id)
    phone.locator('input[name="method"][value="saved"]').check()
    keep(phone, "recipe stripe 04 the stored card")
    phone.get_by_role("button", name="Approve and pay $900.00").click()
    expect(phone.get_by_role("heading", level=1)).to_contain_text("Paid")
    tab.until(lambda: dossier(charge_id).charge.state == "captured")
    assert [a.via for a in dossier(charge_id).attempts] == ["saved"]


def test_a_refund_and_the_books_agree_to_the_cent(firm: Running, bank: Fake, tab: Tab) -> None:
    done = firm.countersign("refund", latest(), "--amount", "100.00", "--json")
    assert (done.returncode, json.loads(done.stdout)["state"]) == (0, "succeeded")
    told = json.loads(firm.countersign("reconcile", "--json").stdout)
    assert (told["clean"], told["differences"]) == (True, {})
    accounts = json.loads(firm.countersign("ledger", "--json").stdout)["accounts"]
    cash = {a["currency"]: a["balance_minor"] for a in accounts if a["account"] == "cash:stripe"}
    ledger = bank.look("ledger")
    assert cash == {"USD": ledger["totals"]["usd"]["net"]}
    assert set(ledger["captures"].values()) == {1}
