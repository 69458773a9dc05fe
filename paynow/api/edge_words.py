"""Edge's envelope and Edge's names for our nouns. Amounts are JSON numbers made from Decimal."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from starlette.responses import Response

from billing_core import settings
from billing_core.flows.fire_charge import Fired
from billing_core.rules import money
from billing_core.rules.charge_states import SETTLED
from billing_core.rules.nouns import Charge, Customer, Enrolment, Item, Setup
from paynow.api import telling, wire
from paynow.api.asking import JSON
from paynow.api.problems import Problem

Envelope = dict[str, Any]


def success(data: object, **beside: object) -> Envelope:
    """What went well; ``beside`` stands next to ``data``."""
    return {"data": data, "status": "success", **beside}


def failure(problem: Problem) -> Envelope:
    """What was refused, in words and in a code."""
    told: Envelope = {
        "status": "error",
        "errors": [problem.sentence],
        "error_codes": [problem.code.upper()],
    }
    if "charge" in problem.more:
        more = {name: value for name, value in problem.more.items() if name != "charge"}
        told["data"] = {"success": False, "charge_id": problem.more["charge"], **more}
    if "request" in problem.more:
        told["data"] = {"success": False, "request_id": problem.more["request"]}
    return told


def as_response(envelope: Envelope, *, status: int = 200) -> Response:
    """The envelope, with 200 as Edge does whatever it says."""
    return Response(wire.write(envelope), status_code=status, media_type=JSON)


def fired(found: Fired, charge: Charge) -> Envelope:
    """The data of a fire that made or found a charge."""
    attempt = found.attempt
    settled = attempt is not None and attempt.outcome in SETTLED
    reference = (attempt.payment_reference or attempt.reference) if attempt and settled else None
    return {
        "success": True,
        "status": _status(charge.state),
        "amount": money.to_decimal(charge.total_minor, charge.currency),
        "amount_minor": charge.total_minor,
        "currency": charge.currency,
        "gateway": _gateway(found, charge),
        "gateway_ref": reference,
        "charge_id": charge.id,
        "invoice_id": charge.invoice_id,
        "captured_at": telling.moment(charge.captured_at),
        "invoice_url": found.url,
        "idempotent_replay": found.replay,
    }


def _gateway(found: Fired, charge: Charge) -> str | None:
    """Where it was collected or will be; None where it was paid elsewhere."""
    if found.attempt is not None:
        return found.attempt.gateway
    return settings.load().gateway if charge.captured_at is None else None


def not_met(metric_value: str | None) -> Envelope:
    """The data of a fire whose condition did not hold: no error, and no charge."""
    return {
        "success": False,
        "status": "condition_not_met",
        "code": "CONDITION_NOT_MET",
        "metric_value": metric_value,
        "charge_id": None,
        "idempotent_replay": False,
    }


def customer(found: Customer) -> Envelope:
    """A customer by Edge's names."""
    here = settings.load()
    waits = found.require_initial and found.standing == "pending"
    return {
        "bc_dt": _moment(found.created_at),
        "bc_id": found.id,
        "bc_orgid": here.org_id,
        "bc_contid": found.contact_id,
        "bc_status": found.standing,
        "bc_gateway": here.gateway,
        "bc_allow_trigger": int(found.allow_trigger),
        "bc_require_initial": int(found.require_initial),
        "bc_initial_charged": int(found.require_initial and not waits),
    }


def payment_data(found: Customer) -> Envelope | None:
    """The stored payment method by Edge's names, None when there is none."""
    method = found.payment_method
    if method is None:
        return None
    return {
        "pm_id": method.reference,
        "pm_label": method.label(),
        "customer_id": found.gateway_customer,
    }


def setup(found: Customer, asked: Setup | None) -> Envelope:
    """A customer's stored method, and how far the client is on the gateway's page."""
    return {
        "bc_id": found.id,
        "bc_contid": found.contact_id,
        "bc_status": found.standing,
        "bc_payment_data": payment_data(found),
        "setup_id": asked.id if asked else None,
        "setup_status": asked.state if asked else None,
        "setup_url": asked.url if asked else None,
    }


def enrollment(found: Enrolment, contact_id: str | None) -> Envelope:
    """An enrollment by Edge's names."""
    return {
        "ts_dt": _moment(found.created_at),
        "ts_id": found.id,
        "ts_contid": contact_id,
        "ts_status": found.status,
        "ts_billable_item_id": found.item_id,
        "ts_billing_customer_id": found.customer_id,
        "ts_last_triggered_at": _moment(found.last_fired_at),
        "ts_last_charge_status": found.last_result or None,
        "ts_consecutive_failures": found.consecutive_failures,
    }


def item(found: Item) -> Envelope:
    """An item by Edge's names, with a sample of the call that fires it."""
    cap = found.max_capture_minor
    return {
        "bi_id": found.id,
        "bi_name": found.name,
        "bi_description": found.description,
        "bi_unit_price": money.to_decimal(found.unit_price_minor, found.currency),
        "bi_currency": found.currency,
        "bi_billing_type": found.billing_type,
        "bi_trigger_mode": found.trigger_mode,
        "bi_capture_mode": found.capture_mode,
        "bi_trigger_condition": found.condition,
        "bi_trigger_threshold": found.threshold,
        "bi_trigger_floor": found.floor,
        "bi_allow_amount_override": int(found.allow_override),
        "bi_max_capture_amount": None if cap is None else money.to_decimal(cap, found.currency),
        "api_sample": _sample(found),
    }


def _sample(found: Item) -> Envelope:
    here = settings.load()
    body: Envelope = {
        "api_key": "{your_api_key}",
        "org_id": here.org_id,
        "brand_id": here.brand_id,
        "billable_item_id": found.id,
        "billing_customer_id": "{bc_id}",
    }
    if found.allow_override and found.trigger_mode in ("variable", "event"):
        body["override_amount"] = money.to_decimal(found.unit_price_minor, found.currency)
    if found.trigger_mode == "threshold":
        body["metric_value"] = found.threshold
    return {"endpoint": "POST /apis/public/edge/fire.php", "body": body}


def _status(state: str) -> str:
    return "pending_client_action" if state == "pending_client" else state


def _moment(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else None
