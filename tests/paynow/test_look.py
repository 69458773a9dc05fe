"""Every client page in Chromium: accessible, inside its frame, loading nothing, light and dark.

The pages are drawn from samples and served with their own headers; pictures are kept in
tests/artifacts to be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from itertools import product
from typing import TYPE_CHECKING

import pytest
from axe_playwright_python.sync_playwright import Axe

from billing_core import settings
from paynow.security import headers, policy
from tests.conftest import keep_picture
from tests.paynow import pages
from tests.paynow.reading import read

if TYPE_CHECKING:
    from playwright.sync_api import Page, Route

pytestmark = pytest.mark.browser

SITE = "http://localhost:8502"
WIDTHS = (1440, 375, 320)
#: Every page has to fit every width; axe looks at the widest and the narrowest, once in each
#: scheme. With pictures asked for (``make nightly``), at every width in both.
PICTURES = os.environ.get("COUNTERSIGN_TEST_PICTURES") == "1"
LOOKS = tuple(product(WIDTHS, ("light", "dark"))) if PICTURES else ((1440, "light"), (320, "dark"))
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LOOKED_AT = (
    *("invoice-waiting", "invoice-waiting-plain", "invoice-blocked", "invoice-declined"),
    *("invoice-awaited", "invoice-paid", "invoice-expired", "errors", "errors-changes"),
    *("code-sent", "stale", "revised", "paper-minimal", "paper-dinar", "paper-long_names"),
    *("paper-forty_phases", "status-waiting", "status-asked", "status-declined"),
    *("status-continue", "status-awaited", "status-paid", "status-void", "status-disputed", "down"),
    *("gone", "renewed", "not-found", "home", "failed", "wrong-method", "too-many"),
    *("sandbox", "sandbox-wrong", "sandbox-step", "sandbox-done"),
)
_AXE = "axe.run({runOnly: %s, resultTypes: ['violations']}).then(found => found.violations)"


@pytest.fixture(scope="module")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Every page by name, drawn once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COUNTERSIGN_DATA_DIR", str(tmp_path_factory.mktemp("data")))
        settings.forget()
        yield pages.every_page()
    settings.forget()


@pytest.fixture
def site(page: Page, drawn: dict[str, str]) -> Page:
    """A browser at a site that serves ``drawn`` with its headers, and nothing else."""
    page.route("**/*", _server(drawn))
    return page


def _server(drawn: dict[str, str]) -> Callable[[Route], None]:
    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(SITE)
        if path == "/favicon.svg":
            route.fulfill(
                body="<svg xmlns='http://www.w3.org/2000/svg'/>", content_type="image/svg"
            )
            return
        assert path[1:] in drawn, f"asked for {route.request.url}"
        html = drawn[path[1:]]
        found = dict(headers(settings.load()))
        found["content-security-policy"] = policy(settings.load(), read(html).styles[0])
        route.fulfill(body=html, content_type="text/html; charset=utf-8", headers=found)

    return serve


@pytest.mark.parametrize("name", LOOKED_AT)
def test_every_page_is_accessible_and_fits(site: Page, name: str) -> None:
    complaints: list[str] = []
    site.on("console", lambda message: complaints.append(message.text))
    site.goto(f"{SITE}/{name}")
    site.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert not complaints
    site.evaluate(Axe().axe_script)
    wrong = []
    for width, scheme in LOOKS:
        site.set_viewport_size({"width": width, "height": 900})
        site.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = site.evaluate(_AXE % RULES)
        wrong += [f"{width} {scheme}: {v['id']}: {v['nodes'][0]['html']}" for v in found]
        if PICTURES and width != 320:
            keep_picture(site, f"paynow-{name}-{width}-{scheme}")
    for width in WIDTHS:
        site.set_viewport_size({"width": width, "height": 900})
        beyond = site.evaluate("document.documentElement.scrollWidth - innerWidth")
        wrong += [f"{width}: {beyond} px too wide"] if beyond > 0 else []
    assert not wrong, "\n".join(wrong)


def test_the_sum_stands_on_the_first_screen_of_a_phone(site: Page) -> None:
    site.set_viewport_size({"width": 375, "height": 667})
    for name in ("invoice-waiting", "status-paid", "invoice-declined"):
        site.goto(f"{SITE}/{name}")
        box = site.locator(".sum").bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < 667, name


def test_touch_targets_are_large(site: Page) -> None:
    site.set_viewport_size({"width": 375, "height": 667})
    for name in ("invoice-waiting", "errors", "invoice-declined", "sandbox", "gone"):
        site.goto(f"{SITE}/{name}")
        for target in site.locator("button, .btn, summary, input[type=text]").all():
            if target.is_visible():
                box = target.bounding_box()
                assert box is not None
                assert box["height"] >= 48, (name, target.inner_text())


def test_on_paper_there_is_no_form(site: Page) -> None:
    site.goto(f"{SITE}/invoice-waiting")
    site.emulate_media(media="print")
    assert not site.locator(".sign").is_visible()
    assert not site.get_by_text("Read, then decide").is_visible()
    assert site.get_by_text("Not approved yet when this was printed.").is_visible()
    keep_picture(site, "paynow-invoice-waiting-print")


def test_choosing_another_way_needs_no_code(site: Page) -> None:
    site.goto(f"{SITE}/invoice-waiting")
    assert site.locator("#code").is_visible()
    site.get_by_label("Another way").check()
    assert not site.locator("#code").is_visible()
