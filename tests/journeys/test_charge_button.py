"""Charge Now in a real browser: the races of document 8 for the button that matters most."""

from __future__ import annotations

import itertools
import os
import re
import signal

import pytest
from playwright.sync_api import expect

from billing_core.flows.enroll_customer import enroll_customer
from billing_core.reports import lists
from tests import books
from tests.books import OPERATOR, Seeded
from tests.journeys.tab import PATIENCE_MS, Tab, held
from tests.support.processes import Running

pytestmark = [
    pytest.mark.browser,
    pytest.mark.processes,
    pytest.mark.timeout(300),
]

_NUMBERS = itertools.count(1)
_SEND = re.compile(r"^Send invoice for \$")
_CHARGE = re.compile(r"^Charge Visa")


@pytest.fixture(scope="module")
def seeded(firm: Running) -> Seeded:
    """The recipe's company, item and customer in the running books."""
    return books.seed()


@pytest.fixture(autouse=True)
def charge_now(tab: Tab, seeded: Seeded) -> None:
    """Every test starts with the open dialog over the customer's profile."""
    tab.open(f"/customers?customer={seeded.customer}").press_page_button("Charge Now")


@pytest.fixture
def phase() -> str:
    """Words that no other charge of this file has."""
    return f"Phase {next(_NUMBERS)}: drawings"


def written(tab: Tab, phase: str, amount: str) -> None:
    """Type the charge and leave the label standing until it counts as read."""
    tab.field("Amount, USD").fill(amount)
    tab.field("Description").fill(phase)
    expect(tab.button(_SEND)).to_have_text(f"Send invoice for ${amount}", timeout=PATIENCE_MS)
    tab.read()


def charged(phase: str) -> list[int]:
    """The sums of every charge with these words."""
    return [r.charge.total_minor for r in lists.charges() if r.charge.description == phase]


def finished(tab: Tab) -> None:
    """Press until the receipt is there."""
    tab.finish(tab.dialog.get_by_role("button", name="Open the charge"))


def test_a_double_click_charges_once(tab: Tab, phase: str) -> None:
    written(tab, phase, "4,500.00")
    tab.button(_SEND).dblclick()
    finished(tab)
    assert charged(phase) == [450000]


def test_six_impatient_clicks_charge_once(tab: Tab, phase: str, firm: Running) -> None:
    written(tab, phase, "4,501.00")
    box = tab.button(_SEND).bounding_box()
    assert box
    with held(firm.data_dir / "countersign.db"):
        for _ in range(6):
            tab.page.mouse.click(box["x"] + 20, box["y"] + 15)
            tab.page.wait_for_timeout(100)
    finished(tab)
    assert charged(phase) == [450100]


@pytest.mark.parametrize("round_", range(2))
def test_typed_and_pressed_at_once_it_never_charges_an_unread_sum(
    tab: Tab, phase: str, round_: int
) -> None:
    written(tab, phase, "1,000.00")
    tab.field("Amount, USD").fill("")
    tab.field("Amount, USD").press_sequentially("4502.00", delay=10)
    tab.acts.click()
    finished(tab)
    assert charged(phase) == [450200]


def test_seventy_letters_at_speed_are_all_there(tab: Tab, phase: str) -> None:
    written(tab, "Phase", "4,503.00")
    words = f"{phase} ".ljust(70, "x")
    tab.field("Description").fill("")
    tab.field("Description").press_sequentially(words, delay=5)
    tab.button(_SEND).click()
    finished(tab)
    assert charged(words) == [450300]


def test_reloaded_in_the_middle_it_charges_once(tab: Tab, phase: str, firm: Running) -> None:
    written(tab, phase, "4,504.00")
    with held(firm.data_dir / "countersign.db"):
        tab.button(_SEND).click()
        tab.running()
        tab.page.reload()
    tab.until(lambda: charged(phase))
    finished(tab)
    assert charged(phase) == [450400]


def test_a_press_lost_on_the_way_up_is_pressed_again(tab: Tab, phase: str) -> None:
    written(tab, phase, "4,505.00")
    tab.speaks = False
    tab.button(_SEND).click()
    tab.cut()
    tab.speaks = True
    tab.settled()
    assert charged(phase) == []
    expect(tab.field("Description")).to_have_value(phase)
    tab.read()
    tab.button(_SEND).click()
    finished(tab)
    assert charged(phase) == [450500]


@pytest.mark.parametrize("round_", range(3))
def test_an_answer_lost_on_the_way_down_still_ends_in_the_receipt(
    tab: Tab, phase: str, round_: int
) -> None:
    """Three rounds, as the cut falls at another place of the run each time."""
    broken: list[str] = []
    tab.page.on("pageerror", lambda error: broken.append(str(error)))
    written(tab, phase, "4,506.00")
    tab.hears = False
    tab.button(_SEND).click()
    tab.until(lambda: charged(phase))
    tab.cut()
    tab.hears = True
    finished(tab)
    assert charged(phase) == [450600]
    assert not broken, "the browser got a drawing without its beginning"


def test_typed_on_a_dead_line_it_is_caught_up(tab: Tab, phase: str) -> None:
    written(tab, phase, "1,000.00")
    tab.speaks = False
    tab.field("Amount, USD").fill("4507.00")
    tab.cut()
    tab.speaks = True
    tab.settled()
    tab.field("Amount, USD").press("End")
    tab.field("Amount, USD").press_sequentially(" ")
    expect(tab.button(_SEND)).to_have_text("Send invoice for $4,507.00", timeout=PATIENCE_MS)
    tab.read()
    tab.button(_SEND).click()
    finished(tab)
    assert charged(phase) == [450700]


def test_two_tabs_of_one_draft_charge_once(tab: Tab, phase: str, firm: Running) -> None:
    written(tab, phase, "4,508.00")
    other = Tab(tab.page.context.new_page(), firm.console)
    other.page.goto(tab.page.evaluate("location.href"))
    other.settled()
    other.read()
    tab.button(_SEND).click()
    finished(tab)
    other.button(_SEND).click()
    finished(other)
    assert charged(phase) == [450800]


def test_what_was_typed_is_there_after_a_reload(tab: Tab, phase: str) -> None:
    written(tab, phase, "4,509.00")
    tab.page.reload()
    tab.settled()
    expect(tab.field("Amount, USD")).to_have_value("4,509.00")
    expect(tab.field("Description")).to_have_value(phase)
    assert charged(phase) == []


def test_refused_above_the_cap_then_reloaded_and_corrected(tab: Tab, phase: str) -> None:
    tab.field("Amount, USD").fill("99000.00")
    tab.field("Description").fill(phase)
    tab.expect_words("is above this item's cap")
    expect(tab.acts).to_be_disabled()
    tab.page.reload()
    tab.settled()
    expect(tab.field("Amount, USD")).to_have_value("99000.00")
    written(tab, phase, "4,510.00")
    tab.button(_SEND).click()
    finished(tab)
    assert charged(phase) == [451000]


def test_escape_and_a_click_beside_it_do_not_tear_the_dialog_down(tab: Tab, phase: str) -> None:
    written(tab, phase, "4,511.00")
    tab.page.keyboard.press("Escape")
    tab.page.mouse.click(5, 5)
    tab.settled()
    expect(tab.field("Description")).to_have_value(phase)


def test_the_server_killed_in_the_middle_shows_interrupted_and_finishes_once(
    tab: Tab, firm: Running, seeded: Seeded, phase: str
) -> None:
    """The gateway is held: the press is sealed and its outcome open when the server dies."""
    item = books.add_item(name="Extra hours", capture_mode="off_session")
    enroll_customer(seeded.customer, item.id, actor=OPERATOR)
    tab.open(f"/customers?customer={seeded.customer}").press_page_button("Charge Now")
    tab.choose("Item", "Extra hours")
    tab.settled()
    tab.field("Amount, USD").fill("200.00")
    tab.field("Description").fill(phase)
    expect(tab.button(_CHARGE)).to_be_enabled(timeout=PATIENCE_MS)
    tab.read()
    with held(firm.data_dir / "sandbox.db"):
        tab.button(_CHARGE).click()
        tab.until(lambda: charged(phase))
        os.kill(firm.children()["console"], signal.SIGKILL)
    tab.settled()
    finish = tab.dialog.get_by_role("button", name="Finish it")
    expect(finish).to_be_visible(timeout=90_000)
    finish.click()
    finished(tab)
    assert charged(phase) == [20000]
    (row,) = [r for r in lists.charges() if r.charge.description == phase]
    assert row.charge.state == "captured"
    assert len(books.attempts_of(row.charge.id)) == 1
