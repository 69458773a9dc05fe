"""Example values for the description, one for each shape. A test sends and checks every one."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

ITEM_ID = "bi_01m3x5c7kq2v9t4w8r6n0p1z2a"
CUSTOMER_ID = "bc_01m3x5d2hs7y3b5f9g8j6k4q1c"
ENROLLMENT_ID = "ts_01m3x5e8vn4r6t2w0z9x7c5b3a"
PROJECT_ID = "prj_01m3x5fb2k9m7p5s3v1y8d6g4h"
MILESTONE_ID = "ms_01m3x5gq6w4t2r0p8n6k4h2f0d"
CHARGE_ID = "sc_01m3x5hz9a7c5e3g1j8m6p4r2t"
INVOICE_ID = "inv_01m3x5hz9b8d6f4h2k0n7q5s3v"
_MADE = "2026-03-16T14:00:00Z"
_URL = "https://pay.northlight.example/pay/9mJ0uQ2Xv7Kd3sT5bN8rLwZ1cF4hG6yP0aE2iO8uM3k"

BODIES: dict[str, Example] = {
    "NewItem": {
        "name": "Project milestone",
        "description": "Project milestone — client reviews and pays",
        "unit_price": "5000.00",
        "currency": "USD",
        "trigger_mode": "event",
        "capture_mode": "client_confirm",
        "allow_override": True,
        "max_capture": "25000.00",
    },
    "NewCustomer": {
        "name": "Dana Whitfield",
        "email": "dana@harborvine.example",
        "company": "Harbor & Vine",
        "address": {
            "line1": "8 Orchard Lane",
            "city": "New York",
            "postal_code": "10001",
            "state": "NY",
            "country": "US",
        },
        "timezone": "America/New_York",
        "currency": "USD",
        "contact_id": "crm-1042",
        "allow_trigger": True,
        "payment_method": "pm_card_visa",
    },
    "NewEnrollment": {"customer": CUSTOMER_ID, "item": ITEM_ID},
    "NewProject": {
        "customer": CUSTOMER_ID,
        "name": "New website",
        "currency": "USD",
        "po_number": "PO-7781",
        "contract_sum": "18000.00",
    },
    "NewMilestone": {
        "project": PROJECT_ID,
        "title": "Phase 2: Homepage designs",
        "planned_amount": "4500.00",
        "due_on": "2026-03-15",
        "scope": "Two directions for the homepage, one worked out for desktop and phone.",
    },
    "NewCharge": {
        "customer": CUSTOMER_ID,
        "item": ITEM_ID,
        "amount": "4500.00",
        "description": "Phase 2: Homepage designs — delivered March 15",
        "milestone": MILESTONE_ID,
    },
    "Void": {"reason": "Sent with the wrong PO number."},
    "Payment": {
        "method": "bank_transfer",
        "paid_on": "2026-03-16",
        "reference": "Statement 12, line 4",
    },
    "NoFields": {},
}

_ITEM: Example = {
    "id": ITEM_ID,
    "name": "Project milestone",
    "description": "Project milestone — client reviews and pays",
    "unit_price": "5000.00",
    "unit_price_minor": 500000,
    "currency": "USD",
    "billing_type": "trigger",
    "trigger_mode": "event",
    "capture_mode": "client_confirm",
    "allow_override": True,
    "max_capture": "25000.00",
    "max_capture_minor": 2500000,
    "condition": None,
    "threshold": None,
    "floor": None,
    "tax_name": "",
    "tax_rate_ppm": 0,
    "tax_included": False,
    "active": True,
    "advice": "",
    "created_at": _MADE,
}
_CUSTOMER: Example = {
    "id": CUSTOMER_ID,
    "name": "Dana Whitfield",
    "email": "dana@harborvine.example",
    "cc": [],
    "company": "Harbor & Vine",
    "address": {
        "line1": "8 Orchard Lane",
        "line2": "",
        "city": "New York",
        "postal_code": "10001",
        "state": "NY",
        "country": "US",
    },
    "tax_id": "",
    "language": "en",
    "timezone": "America/New_York",
    "currency": "USD",
    "contact_id": "crm-1042",
    "allow_trigger": True,
    "require_initial": False,
    "initial_amount": None,
    "initial_amount_minor": None,
    "notes": "",
    "payment_method": {
        "brand": "Visa",
        "last4": "4242",
        "exp_month": 12,
        "exp_year": 2030,
        "saved_on": "2026-03-16",
    },
    "standing": "active",
    "created_at": _MADE,
}
_ENROLLMENT: Example = {
    "id": ENROLLMENT_ID,
    "customer": CUSTOMER_ID,
    "item": ITEM_ID,
    "status": "active",
    "consecutive_failures": 0,
    "last_fired_at": None,
    "last_result": "",
    "created_at": _MADE,
}
_PROJECT: Example = {
    "id": PROJECT_ID,
    "customer": CUSTOMER_ID,
    "name": "New website",
    "currency": "USD",
    "number": "",
    "po_number": "PO-7781",
    "contract_sum": "18000.00",
    "contract_sum_minor": 1800000,
    "created_at": _MADE,
}
_MILESTONE: Example = {
    "id": MILESTONE_ID,
    "project": PROJECT_ID,
    "position": 2,
    "title": "Phase 2: Homepage designs",
    "scope": "Two directions for the homepage, one worked out for desktop and phone.",
    "planned_amount": "4500.00",
    "planned_amount_minor": 450000,
    "currency": "USD",
    "due_on": "2026-03-15",
    "delivered_on": "2026-03-15",
    "state": "delivered",
    "charge": None,
}
_CHARGE: Example = {
    "id": CHARGE_ID,
    "state": "pending_client",
    "amount": "4500.00",
    "amount_minor": 450000,
    "net_minor": 450000,
    "tax_minor": 0,
    "currency": "USD",
    "description": "Phase 2: Homepage designs — delivered March 15",
    "capture_mode": "client_confirm",
    "origin": "api",
    "customer": CUSTOMER_ID,
    "item": ITEM_ID,
    "enrollment": ENROLLMENT_ID,
    "project": PROJECT_ID,
    "milestone": MILESTONE_ID,
    "po_number": "PO-7781",
    "metric_value": None,
    "invoice": {
        "id": INVOICE_ID,
        "number": "CS-2026-00042",
        "document_sha256": "5b1e0f" + "0" * 58,
    },
    "due_on": "2026-04-15",
    "created_at": _MADE,
    "approved_at": None,
    "captured_at": None,
    "revises": None,
    "revised_by": None,
}
_TOLD: Example = {"idempotent_replay": False}
_MADE_NOW: Example = {"existing": False} | _TOLD
SHAPES: dict[str, Example] = {
    "ItemTold": _ITEM | _TOLD,
    "Item": _ITEM,
    "ItemList": {"data": [_ITEM], "next_cursor": None},
    "CustomerMade": _CUSTOMER | _MADE_NOW,
    "Customer": _CUSTOMER,
    "CustomerList": {"data": [_CUSTOMER], "next_cursor": CUSTOMER_ID},
    "EnrollmentMade": _ENROLLMENT | _MADE_NOW,
    "EnrollmentTold": _ENROLLMENT | {"status": "paused"} | _TOLD,
    "Enrollment": _ENROLLMENT,
    "EnrollmentList": {"data": [_ENROLLMENT], "next_cursor": None},
    "ProjectTold": _PROJECT | _TOLD,
    "Project": _PROJECT,
    "ProjectList": {"data": [_PROJECT], "next_cursor": None},
    "MilestoneTold": _MILESTONE | _TOLD,
    "Milestone": _MILESTONE,
    "MilestoneList": {"data": [_MILESTONE], "next_cursor": None},
    "ChargeWithLink": _CHARGE | _TOLD | {"invoice_url": _URL},
    "ChargeTold": _CHARGE | {"state": "void"} | _TOLD,
    "Charge": _CHARGE,
    "ChargeList": {"data": [_CHARGE], "next_cursor": None},
    "NotMet": {
        "id": None,
        "code": "condition_not_met",
        "customer": CUSTOMER_ID,
        "item": ITEM_ID,
        "metric_value": "94",
        **_TOLD,
    },
}
