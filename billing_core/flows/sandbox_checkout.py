"""The sandbox company's own page, reached through a flow so that Pay Now never sees a gateway."""

from __future__ import annotations

from dataclasses import dataclass

from billing_core import gateway
from billing_core.gateway.sandbox import Payment
from billing_core.records import attempts, db, work

_STATES = {
    "open": "open",
    "authenticate": "authenticate",
    "complete": "complete",
    "declined": "complete",
    "expired": "expired",
    "cancelled": "cancelled",
}


@dataclass(frozen=True, slots=True)
class SandboxPage:
    """What the hosted page shows; ``state`` is open, authenticate, complete, expired, cancelled."""

    id: str
    merchant: str
    description: str
    amount_minor: int
    currency: str
    state: str
    problem: str
    return_url: str


def show(session_id: str) -> SandboxPage:
    """The page of one session; NotFound for unknown ones."""
    return _page(gateway.sandbox().show(session_id))


def pay(session_id: str, number: str) -> str:
    """The client typed a card number; returns where to go next. FieldsRefused for other numbers."""
    return _next(gateway.sandbox().pay(session_id, number))


def authenticate(session_id: str, *, succeed: bool) -> str:
    """The client answered the bank's question; returns where to go next."""
    return _next(gateway.sandbox().authenticate(session_id, succeed=succeed))


def cancel(session_id: str) -> str:
    """The client went back without paying; returns where to go next."""
    company = gateway.sandbox()
    company.show(session_id)
    company.cancel(session_id)
    return _next(company.show(session_id))


def _next(payment: Payment) -> str:
    if payment.state == "authenticate":
        return f"/sandbox/checkout/{payment.id}"
    _ring(payment.id)
    return payment.order.return_url


def _ring(reference: str) -> None:
    """The doorbell a real gateway rings by webhook: look at this object now."""
    disputed = gateway.sandbox().dispute_to_come(reference)
    with db.begin() as connection:
        attempt = attempts.find_by_reference(connection, gateway.Sandbox.name, reference)
        if attempt is None:
            return
        work.hasten(connection, f"settle:{attempt.id}")
        if disputed is not None:
            about = {"dispute": disputed[0], "attempt": attempt.id}
            name = f"dispute:{disputed[0]}"
            work.enqueue(connection, "take_dispute", name, about, due_at=disputed[1])


def _page(payment: Payment) -> SandboxPage:
    order = payment.order
    return SandboxPage(
        id=payment.id,
        merchant=order.merchant,
        description=order.description,
        amount_minor=order.amount_minor,
        currency=order.currency,
        state=_STATES[payment.state],
        problem=payment.problem,
        return_url=order.return_url,
    )
