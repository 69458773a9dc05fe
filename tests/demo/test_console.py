"""Every screen of the console in Chromium, over a demo: nothing serious for axe, in both themes, at
the desk and on a phone, and nothing wider than its window.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.conftest import SECRET
from tests.demo.conftest import Made
from tests.journeys.tab import Tab
from tests.support import processes

if TYPE_CHECKING:
    from playwright.sync_api import Browser

pytestmark = [pytest.mark.browser, pytest.mark.processes, pytest.mark.timeout(600)]

SCREENS = sorted(file.stem for file in (processes.ROOT / "pages").glob("[a-z]*.py"))
#: What is looked at behind a list or a button as well: the button, and what then is in the address.
BEHIND = {
    "overview": ("Charge Now", "cmd="),
    "projects": ("Open", "project="),
    "charges": ("Open", "charge="),
    "customers": ("Open", "customer="),
}
LOOKS = ((1440, "light"), (375, "dark"))
_AXE = """axe.run({resultTypes: ['violations'], iframes: false}).then(found => found.violations
  .filter(each => ['serious', 'critical'].includes(each.impact))
  .map(each => `${each.id}: ${each.nodes.map(node => node.html.slice(0, 200)).join(' ')}`))"""
_DRAWN = """() => !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')"""


@pytest.fixture(scope="module")
def tab(
    small_demo: Made, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Tab]:
    """A tab on the console over a copy of the small demo."""
    folder: Path = tmp_path_factory.mktemp("console") / "data"
    shutil.copytree(small_demo.folder, folder)
    with processes.running(folder, "--demo", SECRET_KEY=SECRET) as running:
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
        yield Tab(context.new_page(), running.console)
        context.close()


def problems(tab: Tab, where: str) -> list[str]:
    """What is serious on the screen as it stands, in each of LOOKS."""
    page, found = tab.page, []
    page.evaluate(Axe().axe_script)
    for width, scheme in LOOKS:
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        tab.settled()
        page.wait_for_function(_DRAWN)
        found += [f"{where} {width} {scheme}: {each}" for each in page.evaluate(_AXE)]
        beyond = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{where} {width}: {beyond} px too wide"] if beyond > 0 else []
    return found


def test_no_screen_has_anything_serious_for_axe(tab: Tab) -> None:
    wrong = []
    for screen in SCREENS:
        tab.page.set_viewport_size({"width": 1440, "height": 900})
        tab.open("/" if screen == "overview" else f"/{screen}")
        wrong += problems(tab, screen)
        if screen in BEHIND:
            button, address = BEHIND[screen]
            tab.page.get_by_role("button", name=button, exact=True).first.click()
            tab.page.wait_for_url(f"**{address}**")
            tab.settled()
            wrong += problems(tab, f"{screen}, {button}")
    assert not wrong, "\n".join(wrong)


def test_on_a_phone_choosing_a_screen_closes_the_menu(tab: Tab) -> None:
    tab.page.set_viewport_size({"width": 375, "height": 812})
    tab.open("/")
    menu = tab.page.get_by_test_id("stSidebar")
    expect(menu).to_have_attribute("data-collapsed", "true")
    tab.page.get_by_test_id("stExpandSidebarButton").click()
    expect(menu).to_have_attribute("data-collapsed", "false")
    menu.get_by_role("link", name="Projects").click()
    expect(tab.page.get_by_role("heading", name="Projects")).to_be_visible()
    expect(menu).to_have_attribute("data-collapsed", "true")
