"""A browser tab on the console whose socket can be cut, and books that can be held still."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from playwright.sync_api import Locator, Page, WebSocketRoute, expect
from playwright.sync_api import TimeoutError as TimedOut

PATIENCE_MS = 30_000
# three processes and a browser on a busy machine: what comes late is not what is wrong
expect.set_options(timeout=PATIENCE_MS)
_APP = '[data-testid="stApp"]'


class Tab:
    """A tab. ``cut`` drops its socket as a tunnel does; Streamlit comes back by itself."""

    def __init__(self, page: Page, base: str) -> None:
        self.page, self.base = page, base
        self.hears = self.speaks = True
        self._sockets: list[tuple[WebSocketRoute, WebSocketRoute]] = []
        page.set_default_timeout(PATIENCE_MS)
        page.route_web_socket("**/_stcore/stream", self._between)

    def open(self, path: str) -> Tab:
        """Load an address of the console."""
        self.page.goto(f"{self.base}{path}")
        return self.settled()

    def settled(self) -> Tab:
        """Wait until the script has run and its picture is there."""
        app = self.page.locator(_APP)
        expect(app).to_have_attribute(
            "data-test-connection-state", "CONNECTED", timeout=PATIENCE_MS
        )
        expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=PATIENCE_MS)
        return self

    def running(self) -> Tab:
        """Wait until the server is at work on what was just done here."""
        expect(self.page.locator(_APP)).to_have_attribute(
            "data-test-script-state", "running", timeout=PATIENCE_MS
        )
        return self

    def cut(self) -> None:
        """Cut the socket; a later one works again, and nothing of the old one arrives any more."""
        cut, self._sockets = self._sockets, []
        for ours, theirs in cut:
            ours.close()
            theirs.close()

    @property
    def dialog(self) -> Locator:
        """The open dialog."""
        return self.page.get_by_role("dialog")

    def button(self, words: str | re.Pattern[str]) -> Locator:
        """A button of the dialog."""
        return self.dialog.get_by_role("button", name=words)

    def field(self, label: str) -> Locator:
        """A text field of the dialog."""
        return self.dialog.get_by_role("textbox", name=label)

    def choose(self, label: str, option: str) -> None:
        """Choose an option of a select box, in the dialog or on the page."""
        self.page.get_by_role("combobox", name=label).click()
        self.page.get_by_role("option", name=option).click()

    def press_page_button(self, words: str) -> Tab:
        """Press a button on the page and wait for its dialog."""
        self.page.get_by_role("button", name=words, exact=True).first.click()
        expect(self.dialog).to_be_visible(timeout=PATIENCE_MS)
        return self.settled()

    def read(self) -> Tab:
        """Leave the button's words standing until the server takes them as read."""
        self.settled()
        self.page.wait_for_timeout(600)
        return self

    @property
    def acts(self) -> Locator:
        """The button of the dialog that acts, whatever it says at this moment."""
        return self.dialog.locator('[class*="st-key-press-"] button')

    def finish(self, receipt: Locator) -> None:
        """Wait for the receipt; a press that came too early is made again, as people do."""
        for _ in range(4):
            expect(receipt.or_(self.acts).first).to_be_visible(timeout=PATIENCE_MS)
            self.read()
            if receipt.is_visible():
                return
            if self.acts.is_visible() and self.acts.is_enabled():
                with suppress(TimedOut):  # the receipt may take its place just now
                    self.acts.click(timeout=3_000)
        expect(receipt).to_be_visible(timeout=PATIENCE_MS)

    def until(self, holds: Callable[[], object]) -> None:
        """Let the browser live on until something is true in the books."""
        for _ in range(300):
            if holds():
                return
            self.page.wait_for_timeout(100)
        raise AssertionError("it never happened")

    def expect_words(self, words: str) -> None:
        """Wait until these words stand in the dialog."""
        expect(self.dialog.get_by_text(words, exact=False).first).to_be_visible(timeout=PATIENCE_MS)

    def _between(self, ours: WebSocketRoute) -> None:
        theirs = ours.connect_to_server()
        pair = (ours, theirs)
        self._sockets.append(pair)

        def up(message: str | bytes) -> None:
            if self.speaks and pair in self._sockets:
                theirs.send(message)

        def down(message: str | bytes) -> None:
            # as on a real line: what was lost is never followed by what came after it
            if self.hears and pair in self._sockets:
                ours.send(message)

        ours.on_message(up)
        theirs.on_message(down)


@contextmanager
def held(file: Path) -> Iterator[None]:
    """Hold the only writer's place of an SQLite file: whoever wants to write waits."""
    connection = sqlite3.connect(file, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")
    finally:
        connection.close()
