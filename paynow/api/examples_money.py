"""Example values about money that moved, for the description. As ``examples`` has it."""

from __future__ import annotations

from typing import Any

from paynow.api.example_ids import (
    CHARGE_ID,
    CUSTOMER_ID,
    DISPUTE_ID,
    ITEM_ID,
    MADE,
    PROJECT_ID,
    REFUND_ID,
    REQUEST_ID,
)

Example = dict[str, Any]

BODIES: dict[str, Example] = {
    "Refusal": {"reason": "The client has been credited by hand already."},
    "NewRefund": {
        "amount": "500.00",
        "reason": "requested_by_customer",
        "note": "One page less than agreed.",
    },
}
_REQUEST: Example = {
    "id": REQUEST_ID,
    "verb": "refund",
    "state": "waiting",
    "amount": "2500.00",
    "amount_minor": 250000,
    "currency": "USD",
    "customer": CUSTOMER_ID,
    "charge": CHARGE_ID,
    "refund": None,
    "asked_by": "st_local",
    "asked_at": MADE,
    "decided_by": None,
    "decided_at": None,
    "reason": "",
    "problem": "",
}
_REFUND: Example = {
    "id": REFUND_ID,
    "charge": CHARGE_ID,
    "state": "succeeded",
    "amount": "500.00",
    "amount_minor": 50000,
    "tax_minor": 0,
    "currency": "USD",
    "reason": "requested_by_customer",
    "note": "One page less than agreed.",
    "reference": "re_3PqX7L2eZvKYlo2C0b5f9d1h",
    "credit_note": "CS-CN-2026-00003",
    "problem": "",
    "created_at": MADE,
    "settled_at": MADE,
}
_DISPUTE: Example = {
    "id": DISPUTE_ID,
    "charge": CHARGE_ID,
    "kind": "chargeback",
    "status": "open",
    "reason": "product_not_received",
    "amount": "4500.00",
    "amount_minor": 450000,
    "held": "4500.00",
    "held_minor": 450000,
    "currency": "USD",
    "reference": "dp_1PqX8M2eZvKYlo2C7a3c5e9g",
    "due_by": "2026-06-01T23:59:59Z",
    "opened_at": "2026-05-22T08:10:00Z",
    "closed_at": None,
}
_REVENUE: Example = {
    "id": "rev_01m3x5mf4g0h6k8n2q4s7v9x1z",
    "charge": CHARGE_ID,
    "customer": CUSTOMER_ID,
    "item": ITEM_ID,
    "project": PROJECT_ID,
    "kind": "capture",
    "gross": "4500.00",
    "gross_minor": 450000,
    "tax": "0.00",
    "tax_minor": 0,
    "fee": "130.80",
    "fee_minor": 13080,
    "net": "4369.20",
    "net_minor": 436920,
    "currency": "USD",
    "method": "Visa •••• 4242",
    "gateway": "sandbox",
    "reference": "pi_3PqX7L2eZvKYlo2C1k4m8p0s",
    "source": "gateway",
    "booked_at": MADE,
    "recorded_at": MADE,
}
SHAPES: dict[str, Example] = {
    "Request": _REQUEST,
    "RequestTold": _REQUEST | {"idempotent_replay": False},
    "RequestList": {"data": [_REQUEST], "next_cursor": None},
    "RefundTold": _REFUND | {"idempotent_replay": False},
    "RefundList": {"data": [_REFUND], "next_cursor": None},
    "Dispute": _DISPUTE,
    "DisputeList": {"data": [_DISPUTE], "next_cursor": None},
    "RevenueList": {"data": [_REVENUE], "next_cursor": None},
}
