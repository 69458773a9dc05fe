"""Pay Now over real flows and real books: the seed recipe, fired, and a client that presses."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from billing_core.flows import mint_link
from billing_core.flows.enroll_customer import enroll_customer
from billing_core.flows.fire_charge import FireCommand, fire_charge
from billing_core.flows.save_company import save_company
from billing_core.flows.save_customer import save_customer
from billing_core.flows.save_item import save_item
from billing_core.records import attempts, charges, db, evidence, links, mails
from billing_core.reports import outbox
from billing_core.rules.nouns import Actor, Attempt, Charge
from tests.paynow import server

OPERATOR = Actor("staff", "st_local", "Maya Okafor")
BROWSER = {
    "user-agent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/146 Safari/537.36",
    "accept": "text/html,application/xhtml+xml,*/*;q=0.8",
    "accept-language": "en-US,en;q=0.9",
}


@dataclass
class Shop:
    """The books of the seed recipe, with one customer enrolled in one item."""

    customer: str
    item: str

    def fire(self, amount: str = "4500.00", **more: Any) -> Sent:
        """Send an invoice; every call is a charge of its own."""
        description = more.pop("description", "Phase 2: Homepage designs — delivered March 15")
        command = FireCommand(
            self.customer, self.item, amount, description=description, again=True, **more
        )
        charge = fire_charge(command, actor=OPERATOR).charge
        assert charge is not None
        return Sent(charge.id)


@dataclass
class Sent:
    """One charge as the tests look at it: through the books, not through the page."""

    id: str
    token: str = field(init=False)

    def __post_init__(self) -> None:
        self.token = self.live_token()

    def live_token(self) -> str:
        """The token of the link that works now."""
        with db.read_only() as connection:
            link = links.find_live(connection, self.id)
        assert link is not None
        return mint_link.token_of(link)

    @property
    def path(self) -> str:
        """The path of the client's page."""
        return f"/pay/{self.token}"

    def charge(self) -> Charge:
        """The charge as it is now."""
        with db.read_only() as connection:
            return charges.get(connection, self.id)

    def attempts(self) -> list[Attempt]:
        """All tries to collect."""
        with db.read_only() as connection:
            return list(attempts.of_charge(connection, self.id))

    def code(self) -> str:
        """The six digits of the newest code mail."""
        with db.read_only() as connection:
            sent = [m for m in mails.search(connection, self.id, 50) if m.kind == "code"]
            return outbox.fill(connection, sent[0], (outbox.CODE_PLACE,))[1][0]

    def mailed(self) -> list[str]:
        """The kinds of all mails about this charge, newest first."""
        with db.read_only() as connection:
            return [mail.kind for mail in mails.search(connection, self.id, 50)]

    def events(self, kind: str = "") -> list[dict[str, Any]]:
        """The chain: each event's kind, payload and opened personal values."""
        with db.read_only() as connection:
            found = evidence.of_stream(connection, self.id)
            openings = evidence.openings_of(connection, self.id)
        return [
            {"kind": e.kind, **e.payload}
            | {o.path.removeprefix("/payload/"): o.value for o in openings if o.seq == e.seq}
            for e in found
            if kind in ("", e.kind)
        ]


class Client(httpx.Client):
    """A person at a browser: no redirects followed unasked, forms filled from the page."""

    def open(self, sent: Sent, where: str = "") -> Page:
        """GET the page of ``sent``."""
        return Page(self.get(f"{sent.path}{where}"))

    def approve(self, sent: Sent, **changed: str) -> Any:
        """Read the page, tick, type a name, choose another way to pay, press."""
        fields = self.open(sent).hidden("approve")
        typed = {"accept": "yes", "name": "Alma Reyes", "method": "new"}
        return self.post(f"{sent.path}/approve", data=fields | typed | changed)

    def ask(self, sent: Sent, message: str, **changed: str) -> Any:
        """Read the page and send a request for changes."""
        fields = self.open(sent).hidden("changes")
        typed = {"kind": "changes", "message": message}
        return self.post(f"{sent.path}/changes", data=fields | typed | changed)

    def pay_on_sandbox(self, where: str, number: str = "4242 4242 4242 4242") -> Any:
        """Type a card number on the gateway's page at ``where``."""
        return self.post(where, data={"number": number})


class Page:
    """An answer as a person reads it."""

    def __init__(self, response: Any) -> None:
        self.response = response
        self.status: int = response.status_code
        self.html: str = response.text

    @property
    def text(self) -> str:
        """What is read, without style and marks."""
        body = re.sub(r"<(style|title)>.*?</\1>", "", self.html, flags=re.DOTALL)
        return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())

    def hidden(self, verb: str) -> dict[str, str]:
        """The hidden fields of the first form that is sent to ``verb``."""
        form = re.search(
            rf'<form[^>]*action="[^"]*/{verb}(?:\?[^"]*)?#said".*?</form>', self.html, re.DOTALL
        )
        assert form is not None, f"no form for {verb}"
        found = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form.group())
        return {name: html.unescape(value) for name, value in found}


@pytest.fixture
def shop(books: str) -> Shop:
    """The seed recipe: item, customer with a stored Visa, enrolment."""
    return make_shop()


def make_shop() -> Shop:
    """The seed recipe in the books that are open."""
    save_company(
        {
            "name": "Northlight Studio",
            "operator_name": "Maya Okafor",
            "email": "billing@northlight.example",
            "line1": "14 Quay Street",
            "city": "Portland",
            "statement_descriptor": "NORTHLIGHT STUDIO",
            "bank": "Bank: Casco Savings Bank\nAccount: 0000 4417 20",
        },
        actor=OPERATOR,
    )
    item = save_item(
        None,
        {
            "name": "Project milestone",
            "description": "Project milestone — client reviews and pays",
            "unit_price": "5000.00",
            "currency": "USD",
            "trigger_mode": "event",
            "capture_mode": "client_confirm",
            "allow_override": True,
            "max_capture": "25000.00",
        },
        actor=OPERATOR,
    )
    customer = save_customer(
        None,
        {
            "name": "Alma Reyes",
            "company": "Harbor & Vine",
            "email": "accounts@harborandvine.example",
            "currency": "USD",
            "time_zone": "America/New_York",
            "allow_trigger": True,
            "payment_method": "pm_card_visa",
        },
        actor=OPERATOR,
    )
    enroll_customer(customer.id, item.id, actor=OPERATOR)
    return Shop(customer.id, item.id)


@pytest.fixture
def client(shop: Shop) -> Iterator[Client]:
    """A browser in front of a running Pay Now."""
    with server.running() as address, new_client(address) as found:
        yield found


def new_client(address: str, **headers: str) -> Client:
    """A person's browser at the Pay Now of ``address``; follows no redirect unasked."""
    return Client(base_url=address, headers=BROWSER | headers, timeout=30)
