"""One tab of the console, driven through Streamlit's own test runner: no browser, real books."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from streamlit.testing.v1 import AppTest

from billing_core.reports import lists
from console import cache, places
from tests.books import Seeded
from tests.support import scripts

scripts.keep()

LONG_AGO = 0.0
NOT_YET = 10.0**12


class Screen:
    """A tab showing ``page`` with ``query`` in its address."""

    def __init__(self, page: str = "overview", **query: str) -> None:
        cache.clear()
        self.at = AppTest.from_file(places.ROOT / "console" / "app.py", default_timeout=60)
        if page != "overview":
            self.at.switch_page(places.path(page))
        for name, value in query.items():
            self.at.query_params[name] = value
        self.run()

    def run(self) -> Screen:
        """Draw again; a traceback on the screen fails the test."""
        cache.clear()
        self.at.run()
        assert not self.at.exception, [each.value for each in self.at.exception]
        return self

    def click(self, key: str) -> Screen:
        """Press the button with this key."""
        button = self.at.button(key=key)
        assert not button.disabled, f"{key} is disabled"
        button.click()
        return self.run()

    def fill(self, key: str, value: str) -> Screen:
        """Type into the text field with this key."""
        self.at.text_input(key=key).set_value(value)
        return self.run()

    def choose(self, key: str, value: Any) -> Screen:
        """Choose an option of a select box, by its value."""
        self.at.selectbox(key=key).set_value(value)
        return self.run()

    def has(self, key: str) -> bool:
        """True when a button with this key is drawn."""
        return key in {button.key for button in self.at.button}

    def address(self, name: str) -> str:
        """What the address says for ``name``."""
        return str(self.at.query_params.get(name, ""))

    def said(self) -> str:
        """All words on the screen, one per line, as a reader sees them."""
        at = self.at
        words = [str(e.value) for kind in _SPOKEN for e in getattr(at, kind)]
        words += [_plain(e.body) for e in at.get("html") if not e.body.startswith("<style")]
        words += [e.label for e in at.button] + [f"{m.label} {m.value}" for m in at.metric]
        return "\n".join(words).replace("\\$", "$")

    # a money dialog ---------------------------------------------------------------------------

    @property
    def cmd(self) -> str:
        """The command in the address."""
        return self.address("cmd")

    def field(self, name: str) -> str:
        """The key of a field of the open dialog, whatever its generation."""
        widgets = [*self.at.text_input, *self.at.selectbox, *self.at.toggle, *self.at.date_input]
        keys = [str(w.key) for w in widgets if str(w.key).startswith(f"{name}:{self.cmd}:")]
        assert len(keys) == 1, (name, keys)
        return keys[0]

    def money_button(self) -> Any:
        """The one button of the open dialog that acts."""
        return self.at.button(key=f"press:{self.cmd}")

    def label(self) -> str:
        """What the money button says."""
        return str(self.money_button().label).replace("\\$", "$")

    def press(self, *, drawn_at: float = LONG_AGO) -> Screen:
        """Press the money button after its words had stood there since ``drawn_at``."""
        slot = f"drawn:{self.cmd}"
        self.at.session_state[slot] = (self.at.session_state[slot][0], drawn_at)
        self.run()
        return self.click(f"press:{self.cmd}")


_SPOKEN = ("text", "markdown", "caption", "info", "code", "header")


def _plain(body: str) -> str:
    return unescape(re.sub(r"<[^>]+>", "\n", body))


def opened(seeded: Seeded) -> Screen:
    """The dialog over the customer's profile."""
    return Screen("customers", customer=seeded.customer).click("charge-now")


def fired() -> list[tuple[int, str]]:
    """What the books hold: total and description of every charge."""
    return [(row.charge.total_minor, row.charge.description) for row in lists.charges()]


def typed(screen: Screen, **values: str) -> Screen:
    """Type into the dialog's text fields."""
    for name, value in values.items():
        screen.fill(screen.field(name), value)
    return screen
