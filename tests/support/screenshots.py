"""`make screenshots`: the README's pictures, taken of the demo in a real browser.

Run as a module. It makes the demo in a folder of its own, opens each screen, and writes small PNGs
to data/pictures. Nothing here is a test.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from tests.support import chromium, processes

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

PICTURES = processes.ROOT / "data" / "pictures"
_APP = '[data-testid="stApp"][data-test-script-state="notRunning"]'
_DRAWN = """() => !document.querySelector('[data-testid="stSkeleton"], [data-stale="true"]')"""
_SCREENS = ("overview", "projects", "revenue", "receivables")
#: The first screen has no name in its address.
_PATHS = {"overview": ""}
_COLOURS = 128


def take() -> None:
    """Take all of them."""
    from playwright.sync_api import sync_playwright

    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="countersign-pictures-") as folder:
        data = Path(folder) / "data"
        made = processes.clean_environment(DATA_DIR=str(data))
        subprocess.run([*processes.COUNTERSIGN, "demo"], env=made, cwd=processes.ROOT, check=True)
        with processes.running(data, "--demo") as running, sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=chromium.find(), args=list(chromium.ARGUMENTS)
            )
            for screen in _SCREENS:
                _console(browser, running, screen)
            _pay(browser, running)
            browser.close()


def _console(browser: Browser, running: processes.Running, screen: str) -> None:
    page = _page(browser, 1440, 900, "light")
    page.goto(f"{running.console}/{_PATHS.get(screen, screen)}")
    _drawn(page)
    _keep(page, screen)


def _pay(browser: Browser, running: processes.Running) -> None:
    """The client's page on a phone, reached as a client reaches it: by the link in a mail."""
    desk = _page(browser, 1440, 1400, "light")
    desk.goto(f"{running.console}/charges?state=Waiting&q=Harbor")
    _drawn(desk)
    desk.get_by_role("button", name="Open").first.click()
    link = desk.get_by_text(f"{running.pay}/pay/").first.inner_text(timeout=60_000)
    _drawn(desk)
    _keep(desk, "charge")
    phone = _page(browser, 375, 760, "dark")
    phone.goto(link.strip())
    _keep(phone, "pay-now")


def _drawn(page: Page) -> None:
    page.wait_for_selector(_APP, timeout=60_000)
    page.wait_for_function(_DRAWN, timeout=60_000)
    page.wait_for_timeout(1500)  # charts draw themselves after the script has ended


def _page(browser: Browser, width: int, height: int, scheme: str) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
        locale="en-US",
    )
    return context.new_page()


def _keep(page: Page, name: str) -> None:
    """A picture of few colours is a quarter of the size, and looks the same."""
    from PIL import Image

    picture = Image.open(BytesIO(page.screenshot())).convert("RGB")
    picture.quantize(_COLOURS).save(PICTURES / f"{name}.png", optimize=True)
    page.context.close()
    sys.stdout.write(f"data/pictures/{name}.png\n")


if __name__ == "__main__":
    take()
