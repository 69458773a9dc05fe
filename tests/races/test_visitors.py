"""Robots on fresh links at a real server: they look, follow and press, and approve nothing.

After each of them the person the link was meant for still pays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urljoin

import httpx
import pytest

from tests import books
from tests.races import audit, ground
from tests.races.counts import COUNTS
from tests.races.figures import tell

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

MOST_PAGES = 25
LINKS = re.compile(r'(?:href|src|action|formaction)="([^"#]+)')
Visit = Callable[[str], None]


@pytest.fixture(name="seeded")
def one_kind_of_books(request: pytest.FixtureRequest) -> books.Seeded:
    """The recipe in books of one kind: what robots do to a page is the same on both."""
    request.getfixturevalue("books")
    return books.seed()


@pytest.fixture
def server(seeded: books.Seeded, tmp_path: Path) -> Iterator[ground.PayNow]:
    """One Pay Now with the recipe's books."""
    del seeded
    with ground.pay_servers(tmp_path, 1) as (running,):
        yield running


def _after(
    server: ground.PayNow,
    seeded: books.Seeded,
    visit: Visit,
    person: Visit,
    *,
    kind: str,
    visits: int,
) -> None:
    """A robot comes to each of so many fresh links, then the person."""
    for number in range(visits):
        fired = books.fire(seeded, f"{number + 30}.00", f"Phase {number}")
        assert fired.charge is not None
        where = f"{server.address}/pay/{books.token(fired)}"
        visit(where)
        assert books.charge(fired.charge.id).state == "pending_client", "a robot moved a charge"
        assert not books.attempts_of(fired.charge.id)
        person(where)
        audit.check_one_capture(books.settle(fired.charge.id).id)
    audit.check_books()
    tell(f"robots, {kind}: {visits} visits, 0 approvals, {visits} paid by the person after them")


def _pays(where: str) -> None:
    """The person, without script: reads, ticks, types, pays with another card."""
    with httpx.Client(follow_redirects=True, timeout=30) as client:
        page = client.get(where)
        form = next(f for f in _forms(page.text) if "/approve" in f.action)
        typed = {"accept": "yes", "name": "Dana Whitfield", "method": "new"}
        address = urljoin(where, form.action)
        gateway = client.post(address, data=form.fields | typed, headers={"host": _host(where)})
        assert gateway.status_code == 200, gateway.text
    session = re.search(r"/sandbox/checkout/\w+", gateway.text)
    assert session is not None
    paid = httpx.post(urljoin(where, session.group()), data={"number": books.PAYS}, timeout=30)
    assert paid.status_code == 303


def _host(where: str) -> str:
    return httpx.URL(where).netloc.decode()


class _Form:
    def __init__(self, action: str) -> None:
        self.action = action
        self.fields: dict[str, str] = {}
        self.other_actions: list[str] = []


class _Forms(HTMLParser):
    """Every form with the values it would send as it stands."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[_Form] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(_Form(has.get("action", "")))
        if not self.found:
            return
        form = self.found[-1]
        choice = has.get("type") in ("checkbox", "radio")
        if tag in ("input", "textarea") and "name" in has and (not choice or "checked" in has):
            form.fields[has["name"]] = has.get("value", "")
        if "formaction" in has:
            form.other_actions.append(has["formaction"])


def _forms(page: str) -> list[_Form]:
    parser = _Forms()
    parser.feed(page)
    return parser.found


def _follows(method: str) -> Visit:
    """A scanner that asks for every address it finds, and for those on the pages it got."""

    def visit(where: str) -> None:
        waiting, seen = [where], set[str]()
        with httpx.Client(timeout=30, follow_redirects=True) as client:
            while waiting and len(seen) < MOST_PAGES:
                address = waiting.pop(0)
                if address in seen or not address.startswith(_origin(where)):
                    continue
                seen.add(address)
                answer = client.request(method, address)
                assert answer.status_code < 500, address
                text = client.get(address).text if method == "HEAD" else answer.text
                waiting += [urljoin(address, unescape(found)) for found in LINKS.findall(text)]
        assert len(seen) > 3, "it found no links"

    return visit


def _origin(where: str) -> str:
    return where.partition("/pay/")[0]


def _submits(where: str) -> None:
    """Sends every form of the page as it stands, to every place it could go, several times."""
    with httpx.Client(timeout=30) as client:
        for _ in range(3):
            for form in _forms(client.get(where).text):
                for action in [form.action, *form.other_actions]:
                    answer = client.post(urljoin(where, action), data=form.fields)
                    assert answer.status_code in (200, 303, 409, 422, 429), action


@pytest.mark.parametrize("visit", [_follows("HEAD"), _follows("GET"), _submits],
                         ids=["head", "get", "submit"])  # fmt: skip
def test_robots_without_script(
    server: ground.PayNow, seeded: books.Seeded, visit: Visit, request: pytest.FixtureRequest
) -> None:
    kind = request.node.callspec.id
    _after(server, seeded, visit, _pays, kind=kind, visits=COUNTS.visits)


def _strolls(page: Page) -> Visit:
    """A browser that runs scripts, waits for silence, and follows every link."""

    def visit(where: str) -> None:
        waiting, seen = [where], set[str]()
        while waiting and len(seen) < MOST_PAGES:
            address = waiting.pop(0)
            if (
                address in seen
                or address.endswith(".pdf")
                or not address.startswith(_origin(where))
            ):
                continue
            seen.add(address)
            page.goto(address, wait_until="networkidle")
            waiting += page.eval_on_selector_all("a[href]", "all => all.map(a => a.href)")
        assert len(seen) > 1

    return visit


def _presses_all(page: Page) -> Visit:
    """A browser that presses every button there is, first as a click, then past all checks."""

    def visit(where: str) -> None:
        page.goto(where)
        buttons = page.locator("button, input[type=submit], summary").count()
        assert buttons > 1
        for force in (False, True):
            for number in range(buttons):
                page.goto(where)
                page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
                button = page.locator("button, input[type=submit], summary").nth(number)
                if force:
                    # no browser's own check may be what saves us
                    page.evaluate(
                        "document.querySelectorAll('form').forEach(f => f.noValidate = true)"
                    )
                button.evaluate("b => b.click()")
                page.wait_for_load_state("networkidle")

    return visit


def _pays_in_a_browser(page: Page) -> Visit:
    def visit(where: str) -> None:
        page.goto(where)
        page.get_by_role("checkbox", name=re.compile("I have reviewed")).check()
        page.get_by_label("Your full name").fill("Dana Whitfield")
        page.get_by_label("Another way").check()
        page.get_by_role("button", name=re.compile("Approve and pay")).click()
        page.get_by_label("Test card number").fill(books.PAYS)
        page.get_by_role("button", name=re.compile(r"^Pay ")).click()
        page.get_by_role("heading", name="Paid, thank you.").wait_for()

    return visit


@pytest.fixture
def opened(browser: Browser) -> Iterator[Page]:
    """A page that runs scripts."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-US")
    page = context.new_page()
    page.set_default_timeout(30_000)
    yield page
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("robot", [_strolls, _presses_all], ids=["strolls", "presses"])
def test_robots_in_a_browser(
    server: ground.PayNow,
    seeded: books.Seeded,
    opened: Page,
    robot: Callable[[Page], Visit],
    request: pytest.FixtureRequest,
) -> None:
    person, kind = _pays_in_a_browser(opened), f"a browser that {request.node.callspec.id}"
    _after(server, seeded, robot(opened), person, kind=kind, visits=COUNTS.strolls)
