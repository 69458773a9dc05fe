"""Example values of what happened and of the settings. As ``examples`` has it."""

from __future__ import annotations

from typing import Any

from paynow.api.example_ids import (
    CHARGE_ID,
    CUSTOMER_ID,
    ENROLLMENT_ID,
    INVOICE_ID,
    ITEM_ID,
    MADE,
    MILESTONE_ID,
)

Example = dict[str, Any]

BODIES: dict[str, Example] = {"NewSettings": {"terms_days": 14, "reminder_days": [3, 7]}}
_EVENT: Example = {
    "event_id": "ev_3c9a41f07be25d68a1c4e7902b5f8d31",
    "event_type": "trigger.client_paid",
    "api_version": "1",
    "created_at": MADE,
    "org_id": "org_local",
    "data": {
        "kind": "charge.captured",
        "seq": 9,
        "hash": "3c9a41f07be25d68a1c4e7902b5f8d31" + "0" * 32,
        "actor": {"kind": "gateway", "id": "sandbox"},
        "charge_id": CHARGE_ID,
        "invoice_id": INVOICE_ID,
        "billing_customer_id": CUSTOMER_ID,
        "billable_item_id": ITEM_ID,
        "ts_id": ENROLLMENT_ID,
        "milestone_id": MILESTONE_ID,
        "amount": "4500.00",
        "amount_minor": 450000,
        "currency": "USD",
        "payload": {"gross_minor": 450000, "currency": "USD", "gateway": "sandbox"},
    },
}
_SETTINGS: Example = {
    "name": "Northlight Studio",
    "operator_name": "Ada Reyes",
    "email": "billing@northlight.example",
    "address": {
        "line1": "12 Wharf Street",
        "line2": "",
        "city": "Portland",
        "postal_code": "97204",
        "state": "OR",
        "country": "US",
    },
    "tax_id": "",
    "bank": [{"label": "IBAN", "text": "DE00 1234 5678"}],
    "statement_descriptor": "NORTHLIGHT",
    "refund_policy": "",
    "terms_text": "",
    "terms_days": 14,
    "invoice_prefix": "CS-",
    "reporting_zone": "America/New_York",
    "reporting_currency": "USD",
    "cooldown_s": 60,
    "max_consecutive_failures": 3,
    "minimum_initial": "15.00",
    "minimum_initial_minor": 1500,
    "default_cap": "500.00",
    "default_cap_minor": 50000,
    "link_life_days": 30,
    "reminder_days": [3, 7],
    "default_capture_mode": "off_session",
    "code_above_major": 1000,
    "second_refund_above_major": None,
    "second_charge_above_major": None,
    "gateway": "sandbox",
    "org_id": "org_local",
    "brand_id": "brand_local",
}
SHAPES: dict[str, Example] = {
    "EventList": {"data": [_EVENT], "next_cursor": f"{CHARGE_ID}.9"},
    "Settings": _SETTINGS,
    "SettingsTold": _SETTINGS | {"idempotent_replay": False},
}
