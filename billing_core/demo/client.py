"""What a client of the demo does with an invoice: look, approve, pay, ask; through the flows."""

from __future__ import annotations

from dataclasses import dataclass

from billing_core import clock
from billing_core.flows import sandbox_checkout
from billing_core.flows.approve_charge import NextStep, approve_charge
from billing_core.flows.mint_link import token_of
from billing_core.flows.open_link import open_link
from billing_core.flows.pay_again import pay_again
from billing_core.flows.record_views import Sighting, record_views
from billing_core.flows.renew_link import renew_link
from billing_core.flows.request_changes import request_changes
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.records import db, links
from billing_core.rules.nouns import Customer, Link, Visit

PAYS, DECLINES = "4242 4242 4242 4242", "4000 0000 0000 0002"
ASKS = "4000 0025 0000 3155"
_PHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
_DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"
_SCANNER = "Mail-Security-Scanner/4.2"


@dataclass(frozen=True, slots=True)
class Client:
    """One person at a customer's: where they come from, and whether their bank asks each time."""

    customer: Customer
    number: int
    language: str
    asks_always: bool = False

    def visit(self, *, on_phone: bool = False) -> Visit:
        """Where a request of theirs comes from."""
        address = f"203.0.113.{self.number}"
        agent = _PHONE if on_phone else _DESK
        return Visit(address, "peer", address, "", agent, self.language)

    def look(self, charge_id: str, *, on_phone: bool) -> None:
        """Open the invoice's page; their mail scanner had opened it before."""
        link = _live(charge_id)
        if link is None or link.expires_at <= clock.now():
            return
        scanner = Visit("198.51.100.7", "peer", "198.51.100.7", "", _SCANNER, "")
        seen = Sighting(link.id, "person", self.visit(on_phone=on_phone), clock.now())
        scanned = Sighting(link.id, "automated", scanner, link.minted_at)
        record_views([scanned, seen] if self.number % 2 else [seen])

    def approve(self, charge_id: str, number: str = "") -> None:
        """Approve; with a card ``number`` also pay, without one leave the gateway's page open."""
        token = self._token(charge_id)
        page = open_link(token)
        saved = number == PAYS and page.customer.payment_method is not None and not page.needs_code
        step = approve_charge(
            token,
            nonce=page.nonce,
            document_sha256=page.document_sha256,
            accept="yes",
            name=self.customer.name,
            method="saved" if saved else "new",
            code="",
            visit=self.visit(on_phone=saved),
        )
        if number:
            self._pay(token, step, number)

    def pay_again(self, charge_id: str, number: str = PAYS) -> None:
        """Another card, under the approval already given."""
        token = self._token(charge_id)
        nonce = open_link(token).nonce
        step = pay_again(token, nonce=nonce, method="new", code="", visit=self.visit())
        self._pay(token, step, number)

    def ask(self, charge_id: str, message: str) -> None:
        """Ask for changes, in their own words."""
        token = self._token(charge_id)
        page = open_link(token)
        request_changes(
            token,
            nonce=page.nonce,
            document_sha256=page.document_sha256,
            kind="changes",
            message=message,
            visit=self.visit(),
        )

    def _pay(self, token: str, step: NextStep, number: str) -> None:
        if not step.to_gateway:
            return
        reference = step.url.rpartition("/")[2]
        sandbox_checkout.pay(reference, number)
        if number == ASKS:
            sandbox_checkout.authenticate(reference, succeed=True)
        attempt = open_link(token).attempt
        assert attempt is not None
        settle_attempt(attempt.id)

    def _token(self, charge_id: str) -> str:
        """Their link; an old one they have renewed first, as the page offers."""
        link = _live(charge_id)
        assert link is not None
        if link.expires_at <= clock.now():
            renew_link(token_of(link), visit=self.visit())
            link = _live(charge_id)
            assert link is not None
        return token_of(link)


def _live(charge_id: str) -> Link | None:
    with db.read_only() as connection:
        return links.find_live(connection, charge_id)
