"""A machine in front of the API: one key, one connection, and the books it charges in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx

from billing_core import clock
from billing_core.errors import SecondPersonNeeded
from billing_core.flows import save_company
from billing_core.flows.create_key import create_key
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.take_dispute import record_dispute
from billing_core.gateway.port import SeenDispute
from billing_core.rules.nouns import Actor
from paynow.api import example_ids
from tests import books as seeded_books
from tests.api.door import Door, opened
from tests.books import OPERATOR, Plan, Seeded

EVERYTHING = ("fire", "read", "manage", "refund", "links")
FIRE = "/apis/edge/trigger/fire.php"
HERE = {"org_id": "org_local", "brand_id": "brand_local"}


def make_key(*scopes: str) -> str:
    """The secret of a new key with these scopes; all of them without any."""
    return create_key("Deploy bot", scopes or EVERYTHING, actor=OPERATOR).secret


class Machine:
    """Calls as ``machine.post("charges", customer=…)``; every answer is an httpx response."""

    def __init__(self, http: Door | httpx.Client, secret: str) -> None:
        self.http = http
        self.secret = secret

    def with_key(self, secret: str) -> Machine:
        """The same way in, with another key."""
        return Machine(self.http, secret)

    def post(
        self,
        path: str,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **body: Any,
    ) -> httpx.Response:
        """POST /v1/``path`` with ``body`` as JSON and ``key`` as its idempotency key."""
        named = {"idempotency-key": key} if key is not None else {}
        sent = self._bearer() | named | (headers or {})
        return self.http.post(f"/v1/{path}", json=body, headers=sent)

    def send(self, path: str, content: bytes, **headers: str) -> httpx.Response:
        """POST raw bytes."""
        kind = {"content-type": "application/json"} | headers
        return self.http.post(f"/v1/{path}", content=content, headers=self._bearer() | kind)

    def get(self, path: str, **parameters: Any) -> httpx.Response:
        """GET /v1/``path``."""
        return self.http.get(f"/v1/{path}", params=parameters, headers=self._bearer())

    def edge(
        self, path: str = FIRE, *, key: str | None = None, form: bool = False, **fields: Any
    ) -> httpx.Response:
        """POST one of Edge's endpoints with the key in the body, as JSON or as a form."""
        body = {"api_key": self.secret} | HERE | fields
        body = {name: value for name, value in body.items() if value is not None}
        named = {"idempotency-key": key} if key is not None else {}
        way: dict[str, Any] = {"data": body} if form else {"json": body}
        return self.http.post(path, headers=named, **way)

    def edge_raw(self, content: bytes, path: str = FIRE, **headers: str) -> httpx.Response:
        """POST raw bytes to one of Edge's endpoints, with the key as a bearer."""
        kind = {"content-type": "application/json"} | headers
        return self.http.post(path, content=content, headers=self._bearer() | kind)

    def _bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.secret}"} if self.secret else {}


@contextmanager
def machine(*scopes: str) -> Iterator[Machine]:
    """A machine with a new key, at an application of its own."""
    with opened() as http:
        yield Machine(http, make_key(*scopes))


@dataclass(frozen=True, slots=True)
class Things:
    """One of everything, so that the examples of the description can be sent as they stand."""

    seeded: Seeded
    plan: Plan
    charge: str
    paid: str = ""
    dispute: str = ""
    request: str = ""

    def ids(self) -> dict[str, str]:
        """Each example's id → the id of the real thing."""
        return {
            example_ids.ITEM_ID: self.seeded.item,
            example_ids.CUSTOMER_ID: self.seeded.customer,
            example_ids.ENROLLMENT_ID: self.seeded.enrolment,
            example_ids.PROJECT_ID: self.plan.project,
            example_ids.MILESTONE_ID: self.plan.milestones[0],
            example_ids.CHARGE_ID: self.charge,
        }

    def real(self, value: Any) -> Any:
        """An example with the real ids in it."""
        if isinstance(value, dict):
            return {name: self.real(inner) for name, inner in value.items()}
        if isinstance(value, list):
            return [self.real(inner) for inner in value]
        return self.ids().get(value, value) if isinstance(value, str) else value

    def path(self, path: str) -> str:
        """A path of an operation with the real id of its noun."""
        if path.endswith("/refunds"):
            return path.replace("{id}", self.paid)
        found = {
            "disputes": self.dispute,
            "requests": self.request,
            "items": self.seeded.item,
            "customers": self.seeded.customer,
            "enrollments": self.seeded.enrolment,
            "projects": self.plan.project,
            "milestones": self.plan.milestones[-1],
            "charges": self.charge,
        }
        return path.replace("{id}", found.get(path.split("/")[2], ""))


def one_of_everything(planned: Iterable[str] = ("4500.00", "1000.00")) -> Things:
    """The recipe's books with a project, two delivered milestones and a charge that waits."""
    seeded = seeded_books.seed()
    plan = seeded_books.plan(seeded.customer, *planned)
    fired = seeded_books.fire(seeded, "100.00", "A deposit").charge
    assert fired is not None
    return Things(seeded, plan, fired.id)


def with_money_moved(things: Things) -> Things:
    """Besides: one charge that is paid, and one whose payer's bank objects."""
    paid = seeded_books.paid(things.seeded, "2500.00", "A prototype")
    lost = seeded_books.paid(things.seeded, "50.00", "A workshop")
    (attempt,) = seeded_books.attempts_of(lost.id)
    dispute = record_dispute(
        SeenDispute(
            reference="dp_of_the_bank",
            payment_reference=attempt.payment_reference or "",
            kind="chargeback",
            status="open",
            reason="product_not_received",
            amount_minor=lost.total_minor,
            currency=lost.currency,
            due_by=clock.now() + timedelta(days=9),
            opened_at=clock.now(),
        )
    )
    return replace(things, paid=paid.id, dispute=dispute.id, request=asked_for(paid.id))


def asked_for(charge_id: str, amount: str = "75.00", *, actor: Actor = OPERATOR) -> str:
    """A refund of a part that waits for a second person, the operator's if not another's."""
    save_company.save_company({"second_refund_above": "0"}, actor=seeded_books.OPERATOR)
    try:
        refund_charge(charge_id, amount=amount, reason="other", actor=actor)
    except SecondPersonNeeded as needed:
        save_company.save_company({"second_refund_above": ""}, actor=seeded_books.OPERATOR)
        return needed.request_id
    raise AssertionError("one person did it alone")
