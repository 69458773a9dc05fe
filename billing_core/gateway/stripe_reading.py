"""Stripe's objects in the port's words. Reads what it is handed; asks nobody."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from billing_core.gateway.port import Seen, SeenDispute, SeenRefund, SeenSetup
from billing_core.gateway.stripe_amounts import from_stripe
from billing_core.rules.nouns import Line, PaymentMethod

#: What has to come along with a payment intent, and with a session.
WITH_INTENT = ["latest_charge.balance_transaction"]
WITH_SESSION = ["payment_intent.latest_charge.balance_transaction"]
_PENDING = {
    "requires_action": "requires_action",
    "requires_confirmation": "requires_action",
    "requires_capture": "processing",
    "processing": "processing",
    "canceled": "cancelled",
    "succeeded": "succeeded",
}
_KINDS = {"charge": "payment", "payment": "payment", "refund": "refund",
          "payment_refund": "refund", "refund_failure": "refund_failure",
          "payment_failure_refund": "refund_failure"}  # fmt: skip
_DISPUTES = {
    "won": "won",
    "lost": "lost",
    "warning_closed": "closed",
    "prevented": "closed",
    "under_review": "under_review",
    "warning_under_review": "under_review",
}


def intent(found: Any, *, reference: str | None = None, metadata: Any = None) -> Seen:
    """A payment intent; ``reference`` names the session around it, where there is one."""
    currency = str(found.currency).upper()
    problem = found.last_payment_error
    outcome = _PENDING.get(found.status, "declined")
    if found.status == "requires_payment_method" and problem is None:
        outcome = "requires_action"
    if outcome == "declined" and _part(problem, "code") == "authentication_required":
        # nobody was there to answer the bank: that is a question, not a no
        outcome = "requires_action"
    charge = found.latest_charge if outcome in ("succeeded", "processing") else None
    told = _line_of(charge, found.id) if outcome == "succeeded" else None
    paid = found.amount_received if outcome == "succeeded" else found.amount
    redirect = _part(getattr(found.next_action, "redirect_to_url", None), "url")
    return Seen(
        reference=reference or found.id,
        outcome=outcome,
        amount_minor=from_stripe(paid, currency),
        currency=currency,
        url=redirect or None if outcome == "requires_action" else None,
        payment_reference=found.id,
        method_label=_label(charge),
        problem=_part(problem, "message") if problem and outcome != "succeeded" else "",
        # a bank's money comes days after its charge was made: the line says when
        booked_at=told.booked_at if told else moment(charge.created) if charge else None,
        line=told,
        metadata=_metadata(metadata or found.metadata),
    )


def session(found: Any) -> Seen:
    """A Checkout Session in payment mode, with its payment intent expanded."""
    currency = str(found.currency).upper()
    inner = found.payment_intent
    if found.status == "complete" and inner is not None:
        return intent(inner, reference=found.id, metadata=found.metadata)
    return Seen(
        reference=found.id,
        outcome="requires_action" if found.status == "open" else "expired",
        amount_minor=from_stripe(found.amount_total or 0, currency),
        currency=currency,
        url=found.url if found.status == "open" else None,
        payment_reference=inner.id if inner is not None else None,
        metadata=_metadata(found.metadata),
    )


def setup(found: Any) -> SeenSetup:
    """A Checkout Session in setup mode, with ``setup_intent.payment_method`` expanded."""
    inner, outcome = found.setup_intent, "open"
    done = inner is not None and inner.status == "succeeded"
    if found.status != "open":
        outcome = "succeeded" if done else "expired"
    return SeenSetup(
        reference=found.id,
        outcome=outcome,
        url=found.url if found.status == "open" else None,
        gateway_customer=str(found.customer or ""),
        method=method(inner.payment_method) if outcome == "succeeded" else None,
        metadata=_metadata(found.metadata),
    )


def method(found: Any) -> PaymentMethod:
    """A stored method: brand, last four and expiry, never a number."""
    details = getattr(found, str(found.type))
    return PaymentMethod(
        reference=found.id,
        brand=_brand(found.type, details),
        last4=_part(details, "last4"),
        exp_month=int(getattr(details, "exp_month", 0) or 0),
        exp_year=int(getattr(details, "exp_year", 0) or 0),
        saved_on=_day(found.created),
    )


def refund(found: Any) -> SeenRefund:
    """A refund, with its balance transactions expanded."""
    currency = str(found.currency).upper()
    outcomes = {"succeeded": "succeeded", "failed": "failed", "canceled": "cancelled"}
    paid = str(found.payment_intent or "")
    lines = [found.balance_transaction, getattr(found, "failure_balance_transaction", None)]
    return SeenRefund(
        reference=found.id,
        outcome=outcomes.get(str(found.status), "pending"),
        amount_minor=from_stripe(found.amount, currency),
        currency=currency,
        payment_reference=paid,
        problem=_part(found, "failure_reason"),
        booked_at=moment(found.created),
        lines=tuple(line(one, paid) for one in lines if one is not None),
        metadata=_metadata(found.metadata),
    )


def dispute(found: Any) -> SeenDispute:
    """A dispute; one that only warns is an inquiry: no money has moved."""
    currency, status = str(found.currency).upper(), str(found.status)
    paid, due = str(found.payment_intent or ""), found.evidence_details.due_by
    lines = tuple(line(one, paid) for one in found.balance_transactions)
    warns = status.startswith("warning") and not lines
    return SeenDispute(
        reference=found.id,
        payment_reference=paid,
        kind="inquiry" if warns else "chargeback",
        status=_DISPUTES.get(status, "open"),
        reason=str(found.reason),
        amount_minor=from_stripe(found.amount, currency),
        currency=currency,
        due_by=moment(due) if due else None,
        opened_at=moment(found.created),
        lines=lines,
    )


def line(found: Any, paid: str = "") -> Line:
    """A balance transaction, in the currency that the account settles in."""
    currency = str(found.currency).upper()
    source = found.source
    behind = getattr(source, "payment_intent", None) if not isinstance(source, str) else None
    kind = _KINDS.get(found.type, "other")
    if found.type == "adjustment" and "dispute" in str(found.reporting_category):
        kind = "dispute" if found.amount < 0 else "dispute_reversal"
    return Line(
        id=found.id,
        kind=kind,
        amount_minor=from_stripe(found.amount, currency),
        fee_minor=from_stripe(found.fee, currency),
        currency=currency,
        source=source if isinstance(source, str) else str(getattr(source, "id", "") or ""),
        payment_reference=paid or str(behind or ""),
        booked_at=moment(found.created),
    )


def moment(seconds: int) -> datetime:
    """Stripe's seconds since 1970, aware."""
    return datetime.fromtimestamp(seconds, UTC)


def _metadata(found: Any) -> dict[str, str]:
    return dict(found.to_dict()) if found else {}


def _part(found: Any, name: str) -> str:
    """One text of an object, "" where it has none: the SDK leaves absent fields out."""
    return str(getattr(found, name, None) or "")


def _day(seconds: int) -> date:
    return moment(seconds).date()


def _line_of(charge: Any, paid: str) -> Line | None:
    found = charge.balance_transaction if charge is not None else None
    return None if found is None or isinstance(found, str) else line(found, paid)


def _label(charge: Any) -> str:
    details = charge.payment_method_details if charge is not None else None
    if details is None:
        return ""
    inner = getattr(details, str(details.type), None)
    last4 = _part(inner, "last4")
    brand = _brand(str(details.type), inner)
    return f"{brand} •••• {last4}" if last4 else brand


def _brand(kind: str, details: Any) -> str:
    """As people know it: the card's brand, the bank's name, or the kind of method."""
    brand = getattr(details, "brand", None) or getattr(details, "bank_name", None) or kind
    text = str(brand).replace("_", " ")
    return text.title() if text.islower() else text
