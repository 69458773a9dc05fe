"""A client with the page open: what the form would send, with any field changed on purpose."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest

from billing_core.errors import Refused
from billing_core.flows.approve_charge import NextStep, approve_charge
from billing_core.flows.fire_charge import Fired
from billing_core.flows.open_link import OpenLink, open_link
from billing_core.flows.pay_again import pay_again
from billing_core.flows.render_invoice import render_invoice
from billing_core.flows.request_changes import request_changes
from tests import books as seeded_books
from tests.books import VISIT
from tests.flows import watching


@dataclass(frozen=True)
class Tab:
    """One open page: it holds the nonce and the digest that it was drawn with."""

    token: str
    page: OpenLink

    def approve(self, **fields: Any) -> NextStep:
        """Press *Approve and pay* with everything filled in, but for ``fields``."""
        form: dict[str, Any] = {
            "nonce": self.page.nonce,
            "document_sha256": self.page.document_sha256,
            "accept": "yes",
            "name": "Dana Whitfield",
            "method": "new",
            "code": "",
            "visit": VISIT,
        }
        return approve_charge(self.token, **(form | fields))

    def pay(self, **fields: Any) -> NextStep:
        """Press *Pay again*."""
        form: dict[str, Any] = {
            "nonce": self.page.nonce, "method": "new", "code": "", "visit": VISIT,
        }  # fmt: skip
        return pay_again(self.token, **(form | fields))

    def ask(self, **fields: Any) -> None:
        """Send words instead of money."""
        form: dict[str, Any] = {
            "nonce": self.page.nonce,
            "document_sha256": self.page.document_sha256,
            "kind": "changes",
            "message": "The header is too tall.",
            "visit": VISIT,
        }
        request_changes(self.token, **(form | fields))


def tab(of: Fired | str) -> Tab:
    """Open the page behind a fire's link, or behind a token."""
    token = of if isinstance(of, str) else seeded_books.token(of)
    return Tab(token, open_link(token))


def fired(amount: str = "4500.00", **customer: Any) -> Fired:
    """The recipe's charge, freshly fired in fresh books."""
    return seeded_books.fire(seeded_books.seed(**customer), amount)


def id_of(fired: Fired) -> str:
    """The id of what was fired."""
    assert fired.charge is not None
    return fired.charge.id


def rendered(open_tab: Tab) -> Tab:
    """The page with its PDF made, so that "nothing changed" can be said of everything."""
    render_invoice(open_tab.page.charge.id)
    return open_tab


def refused(open_tab: Tab, kind: type[Refused], **fields: Any) -> Refused:
    """Approve, be refused in this kind, and find that nothing at all was changed."""
    before = watching.everything()
    with watching.watched() as wall, pytest.raises(Refused) as answer:
        open_tab.approve(**fields)
    assert type(answer.value) is kind, repr(answer.value)
    assert wall.asked == []
    assert watching.changed(before) == {}
    return answer.value
