"""From the domain's nouns to the fields of the shapes that /v1 answers. Reads nothing, decides
nothing.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from billing_core.reports.pages import PlannedMilestone
from billing_core.rules import amounts, money
from billing_core.rules.nouns import (
    Charge,
    Customer,
    Dispute,
    Enrolment,
    Item,
    PaymentMethod,
    Project,
    Refund,
    Revenue,
    Setup,
)

Fields = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """A moment in UTC, to the second."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def day(on: date | None) -> str | None:
    """A calendar day."""
    return on.isoformat() if on else None


def item(found: Item) -> Fields:
    """The fields of ``shapes.Item``."""
    return {
        "id": found.id,
        "name": found.name,
        "description": found.description,
        **both("unit_price", found.unit_price_minor, found.currency),
        "currency": found.currency,
        "billing_type": found.billing_type,
        "trigger_mode": found.trigger_mode,
        "capture_mode": found.capture_mode,
        "allow_override": found.allow_override,
        **both("max_capture", found.max_capture_minor, found.currency),
        "condition": found.condition,
        "threshold": found.threshold,
        "floor": found.floor,
        "tax_name": found.tax_name,
        "tax_rate_ppm": found.tax_rate_ppm,
        "tax_included": found.tax_included,
        "active": found.active,
        "advice": amounts.advice(found),
        "created_at": moment(found.created_at),
    }


def customer(found: Customer) -> Fields:
    """The fields of ``shapes.Customer``."""
    place = found.address
    return {
        "id": found.id,
        "name": found.name,
        "email": found.email,
        "cc": list(found.cc),
        "company": found.company,
        "address": {
            "line1": place.line1,
            "line2": place.line2,
            "city": place.city,
            "postal_code": place.postal_code,
            "state": place.state,
            "country": place.country,
        },
        "tax_id": found.tax_id,
        "language": found.language,
        "timezone": found.time_zone,
        "currency": found.currency,
        "contact_id": found.contact_id,
        "allow_trigger": found.allow_trigger,
        "require_initial": found.require_initial,
        **both("initial_amount", found.initial_minor, found.currency),
        "notes": found.notes,
        "payment_method": _method(found.payment_method),
        "standing": found.standing,
        "created_at": moment(found.created_at),
    }


def setup(found: Setup) -> Fields:
    """The fields of ``shapes.SetupTold``, but whether it is a replay."""
    return {
        "id": found.id,
        "customer": found.customer_id,
        "state": found.state,
        "url": found.url,
        "created_at": moment(found.created_at),
    }


def enrollment(found: Enrolment) -> Fields:
    """The fields of ``shapes.Enrollment``."""
    return {
        "id": found.id,
        "customer": found.customer_id,
        "item": found.item_id,
        "status": found.status,
        "consecutive_failures": found.consecutive_failures,
        "last_fired_at": moment(found.last_fired_at),
        "last_result": found.last_result,
        "created_at": moment(found.created_at),
    }


def project(found: Project) -> Fields:
    """The fields of ``shapes.Project``."""
    return {
        "id": found.id,
        "customer": found.customer_id,
        "name": found.name,
        "currency": found.currency,
        "number": found.number,
        "po_number": found.po_number,
        **both("contract_sum", found.contract_sum_minor, found.currency),
        "created_at": moment(found.created_at),
    }


def milestone(planned: PlannedMilestone) -> Fields:
    """The fields of ``shapes.Milestone``."""
    found = planned.row.milestone
    return {
        "id": found.id,
        "project": found.project_id,
        "position": found.position,
        "title": found.title,
        "scope": found.scope,
        **both("planned_amount", found.planned_minor, planned.currency),
        "currency": planned.currency,
        "due_on": day(found.due_on),
        "delivered_on": day(found.delivered_on),
        "state": planned.row.shown_state,
        "charge": planned.row.charge_id,
    }


def charge(found: Charge) -> Fields:
    """The fields of ``shapes.Charge``."""
    return {
        "id": found.id,
        "state": found.state,
        **both("amount", found.total_minor, found.currency),
        "net_minor": found.net_minor,
        "tax_minor": found.tax_minor,
        "currency": found.currency,
        "description": found.description,
        "capture_mode": found.capture_mode,
        "origin": found.origin,
        "customer": found.customer_id,
        "item": found.item_id,
        "enrollment": found.enrolment_id,
        "project": found.project_id,
        "milestone": found.milestone_id,
        "po_number": found.po_number,
        "metric_value": found.metric_value,
        "invoice": {
            "id": found.invoice_id,
            "number": found.invoice_number,
            "document_sha256": found.document_sha256,
        },
        "due_on": day(found.due_on),
        "created_at": moment(found.fired_at),
        "approved_at": moment(found.approved_at),
        "captured_at": moment(found.captured_at),
        "revises": found.revises,
        "revised_by": found.revised_by,
    }


def refund(found: Refund) -> Fields:
    """The fields of ``shapes_money.Refund``."""
    return {
        "id": found.id,
        "charge": found.charge_id,
        "state": found.state,
        **both("amount", found.amount_minor, found.currency),
        "tax_minor": found.tax_minor,
        "currency": found.currency,
        "reason": found.reason,
        "note": found.note,
        "reference": found.reference,
        "credit_note": found.number,
        "problem": found.problem,
        "created_at": moment(found.requested_at),
        "settled_at": moment(found.settled_at),
    }


def dispute(found: Dispute) -> Fields:
    """The fields of ``shapes_money.Dispute``."""
    return {
        "id": found.id,
        "charge": found.charge_id,
        "kind": found.kind,
        "status": found.status,
        "reason": found.reason,
        **both("amount", found.amount_minor, found.currency),
        **both("held", found.held_minor, found.currency),
        "currency": found.currency,
        "reference": found.reference,
        "due_by": moment(found.due_by),
        "opened_at": moment(found.opened_at),
        "closed_at": moment(found.closed_at),
    }


def revenue(found: Revenue) -> Fields:
    """The fields of ``shapes_money.Revenue``."""
    return {
        "id": found.id,
        "charge": found.charge_id,
        "customer": found.customer_id,
        "item": found.item_id,
        "project": found.project_id,
        "kind": found.kind,
        **both("gross", found.gross_minor, found.currency),
        **both("tax", found.tax_minor, found.currency),
        **both("fee", found.fee_minor, found.currency),
        **both("net", found.net_minor, found.currency),
        "currency": found.currency,
        "method": found.method,
        "gateway": found.gateway,
        "reference": found.reference,
        "source": found.source,
        "booked_at": moment(found.booked_at),
        "recorded_at": moment(found.recorded_at),
    }


def both(name: str, amount_minor: int | None, currency: str) -> Fields:
    """An amount twice: as text and in minor units."""
    text = None if amount_minor is None else money.to_text(amount_minor, currency)
    return {name: text, f"{name}_minor": amount_minor}


def _method(found: PaymentMethod | None) -> Fields | None:
    if found is None:
        return None
    return {
        "brand": found.brand,
        "last4": found.last4,
        "exp_month": found.exp_month,
        "exp_year": found.exp_year,
        "saved_on": day(found.saved_on),
    }
