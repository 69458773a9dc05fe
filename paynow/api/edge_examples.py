"""Example bodies and answers of Edge's endpoints for the description. A test checks every one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from paynow.api.example_ids import (
    CHARGE_ID,
    CUSTOMER_ID,
    ENROLLMENT_ID,
    INVOICE_ID,
    ITEM_ID,
    SETUP_ID,
    SETUP_URL,
)

Example = dict[str, Any]

_KEY: Example = {"api_key": "csk_your_key"}
_HERE: Example = _KEY | {"org_id": "org_local", "brand_id": "brand_local"}
_AT = "2026-03-16 14:00:00"
BODIES: dict[str, Example] = {
    "fire": _HERE
    | {
        "billable_item_id": ITEM_ID,
        "billing_customer_id": CUSTOMER_ID,
        "override_amount": "4500.00",
        "override_description": "Phase 2: Homepage designs — delivered March 15",
    },
    "createCustomer": _HERE
    | {
        "contact_id": "crm-1043",
        "name": "Dana Whitfield",
        "email": "dana@harborvine.example",
        "currency": "USD",
        "allow_trigger": 1,
    },
    "getCustomer": _KEY | {"bc_id": CUSTOMER_ID},
    "enroll": _HERE | {"billing_customer_id": CUSTOMER_ID, "billable_item_id": ITEM_ID},
    "getEnrollments": _KEY | {"org_id": "org_local", "status": "active"},
    "getItems": _HERE,
    "setupPaymentMethod": _KEY | {"bc_id": CUSTOMER_ID, "payment_data": {"pm_id": "pm_card_visa"}},
    "confirmPaymentMethod": _KEY | {"bc_id": CUSTOMER_ID},
    "buildCustomerProfileSetup": _KEY | {"bc_id": CUSTOMER_ID},
    "suspendCustomer": _KEY | {"bc_id": CUSTOMER_ID},
    "restoreCustomer": _KEY | {"bc_id": CUSTOMER_ID},
}
_CUSTOMER: Example = {
    "bc_dt": _AT,
    "bc_id": CUSTOMER_ID,
    "bc_orgid": "org_local",
    "bc_contid": "crm-1043",
    "bc_status": "active",
    "bc_gateway": "sandbox",
    "bc_allow_trigger": 1,
    "bc_require_initial": 0,
    "bc_initial_charged": 0,
}
_ENROLLMENT: Example = {
    "ts_dt": _AT,
    "ts_id": ENROLLMENT_ID,
    "ts_contid": "crm-1043",
    "ts_status": "active",
    "ts_billable_item_id": ITEM_ID,
    "ts_billing_customer_id": CUSTOMER_ID,
    "ts_last_triggered_at": None,
    "ts_last_charge_status": None,
    "ts_consecutive_failures": 0,
}
_FIRED: Example = {
    "success": True,
    "status": "pending_client_action",
    "amount": Decimal("4500.00"),
    "amount_minor": 450000,
    "currency": "USD",
    "gateway": "sandbox",
    "gateway_ref": None,
    "charge_id": CHARGE_ID,
    "invoice_id": INVOICE_ID,
    "captured_at": None,
    "invoice_url": "https://pay.northlight.example/pay/9mJ0uQ2Xv7Kd3sT5bN8rLwZ1cF4hG6yP0aE2iO8uM3k",
    "idempotent_replay": False,
}
_ITEM: Example = {
    "bi_id": ITEM_ID,
    "bi_name": "Project milestone",
    "bi_description": "Project milestone — client reviews and pays",
    "bi_unit_price": Decimal("5000.00"),
    "bi_currency": "USD",
    "bi_billing_type": "trigger",
    "bi_trigger_mode": "event",
    "bi_capture_mode": "client_confirm",
    "bi_trigger_condition": None,
    "bi_trigger_threshold": None,
    "bi_trigger_floor": None,
    "bi_allow_amount_override": 1,
    "bi_max_capture_amount": Decimal("25000.00"),
    "api_sample": {
        "endpoint": "POST /apis/public/edge/fire.php",
        "body": {
            "api_key": "{your_api_key}",
            "org_id": "org_local",
            "brand_id": "brand_local",
            "billable_item_id": ITEM_ID,
            "billing_customer_id": "{bc_id}",
            "override_amount": Decimal("5000.00"),
        },
    },
}
_REPLAY: Example = {"idempotent_replay": False}
_METHOD: Example = {
    "pm_id": "pm_01m3x5d2hs8a6c4e2g0j9m7p5r",
    "pm_label": "Visa •••• 4242",
    "customer_id": None,
}
_STORED: Example = {
    "bc_id": CUSTOMER_ID,
    "bc_contid": "crm-1043",
    "bc_status": "active",
    "bc_payment_data": _METHOD,
    "setup_id": None,
    "setup_status": None,
    "setup_url": None,
}
_ASKED: Example = _STORED | {
    "bc_payment_data": None,
    "setup_id": SETUP_ID,
    "setup_status": "open",
    "setup_url": SETUP_URL,
}
ANSWERS: dict[str, Example] = {
    name: {"data": data, "status": "success", **beside}
    for name, data, beside in (
        ("fire", _FIRED, {}),
        (
            "createCustomer",
            _CUSTOMER,
            {"existing": False, "billing_customer_id": CUSTOMER_ID, **_REPLAY},
        ),
        (
            "getCustomer",
            _CUSTOMER | {"bc_payment_data": _METHOD},
            {"enrollments": [_ENROLLMENT]},
        ),
        ("enroll", _ENROLLMENT, {"ts_id": ENROLLMENT_ID, "existing": False, **_REPLAY}),
        ("getEnrollments", [_ENROLLMENT], {"count": 1}),
        ("getItems", [_ITEM], {"count": 1}),
        ("setupPaymentMethod", _STORED, _REPLAY),
        (
            "confirmPaymentMethod",
            _STORED | {"setup_id": SETUP_ID, "setup_status": "succeeded"},
            {},
        ),
        ("buildCustomerProfileSetup", _ASKED, _REPLAY),
        ("suspendCustomer", _CUSTOMER | {"bc_status": "suspended"}, _REPLAY),
        ("restoreCustomer", _CUSTOMER, _REPLAY),
    )
}
NOT_MET: Example = {
    "data": {
        "success": False,
        "status": "condition_not_met",
        "code": "CONDITION_NOT_MET",
        "metric_value": "94",
        "charge_id": None,
        "idempotent_replay": False,
    },
    "status": "success",
}
REFUSED: Example = {
    "status": "error",
    "errors": ["There is no such item."],
    "error_codes": ["ITEM_NOT_FOUND"],
}
