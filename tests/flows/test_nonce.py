"""The nonce: one use, one day, one link, one document."""

from __future__ import annotations

from datetime import timedelta

import pytest

from billing_core import clock
from billing_core.errors import (
    FieldsRefused,
    StaleDocument,
)
from billing_core.flows.mint_link import mint_link
from tests import books as seeded_books
from tests.books import OPERATOR
from tests.conftest import Clock
from tests.flows.visiting import Tab, fired, id_of, refused, rendered, tab

pytestmark = pytest.mark.usefixtures("books", "driven_clock")
OTHER_DIGEST = "0" * 64


# --- the nonce


def _forgeries(open_tab: Tab) -> list[str]:
    until, name, signature = open_tab.page.nonce.split(".")
    later = str(int(until) + 3600)
    return [
        "", "x", "..", f"{until}.{name}.", f"{later}.{name}.{signature}",
        f"{until}.{name}.{signature[:-1]}", f"{until}.other.{signature}", f"{until}.{name}.é",
        open_tab.page.nonce + "\n", "9" * 5000, "NaN.x.y", "\x00", "\ud800",
    ]  # fmt: skip


def test_a_forged_nonce_is_a_stale_page() -> None:
    open_tab = rendered(tab(fired()))
    for nonce in _forgeries(open_tab):
        refused(open_tab, StaleDocument, nonce=nonce)
    assert open_tab.approve().to_gateway, "the true one still works"


def test_a_nonce_lives_for_a_day(driven_clock: Clock) -> None:
    open_tab = rendered(tab(fired()))
    driven_clock.advance(hours=24, seconds=1)
    refused(open_tab, StaleDocument)
    driven_clock.set(clock.now() - timedelta(seconds=1))
    assert open_tab.approve().to_gateway


def test_a_nonce_of_another_link_does_not_fit() -> None:
    seeded = seeded_books.seed()
    one, other = seeded_books.fire(seeded), seeded_books.fire(seeded, description="Other")
    refused(rendered(tab(one)), StaleDocument, nonce=tab(other).page.nonce)


def test_a_nonce_of_the_same_charges_older_link_does_not_fit() -> None:
    charge = fired()
    old = tab(charge)
    url = mint_link(id_of(charge), actor=OPERATOR)
    refused(rendered(tab(url.rpartition("/")[2])), StaleDocument, nonce=old.page.nonce)


def test_a_nonce_of_another_document_does_not_fit() -> None:
    """The page's digest is replaced by the right one, its nonce still tells of the wrong one."""
    from billing_core.flows import read_link

    open_tab = rendered(tab(fired()))
    forged = read_link.new_nonce(open_tab.page.link, OTHER_DIGEST)
    refused(open_tab, StaleDocument, nonce=forged)
    refused(open_tab, StaleDocument, nonce=forged, document_sha256=OTHER_DIGEST)


def test_a_refused_form_does_not_spend_its_nonce() -> None:
    open_tab = rendered(tab(fired()))
    refused(open_tab, FieldsRefused, accept="")
    assert open_tab.approve().to_gateway
