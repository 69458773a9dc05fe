"""Edge's endpoints in the OpenAPI description: 200 always, an envelope of success or of refusal."""

from __future__ import annotations

from typing import Any

from paynow.api import edge_examples
from paynow.api.asking import FORM, JSON, LONGEST_KEY
from paynow.api.edge_operations import OPERATIONS, EdgeOperation

Json = dict[str, Any]
_REF = "#/components/schemas/"
_TEXT: Json = {"type": "string"}
_MAYBE: Json = {"type": ["string", "null"]}


def paths() -> Json:
    """Every path of every endpoint."""
    return {
        path: {"post": _operation(row, number)}
        for row in OPERATIONS
        for number, path in enumerate(row.paths)
    }


def schemas() -> Json:
    """The envelopes."""
    return {
        "EdgeSuccess": {
            "type": "object",
            "required": ["status", "data"],
            "properties": {
                "status": {"const": "success"},
                "data": {"type": ["object", "array"]},
                "existing": {"type": "boolean"},
                "count": {"type": "integer"},
            },
        },
        "EdgeFired": {
            "type": "object",
            "required": ["status", "data"],
            "properties": {
                "status": {"const": "success"},
                "data": {"oneOf": [_fired(), _not_met()]},
            },
        },
        "EdgeError": {
            "type": "object",
            "required": ["status", "errors", "error_codes"],
            "properties": {
                "status": {"const": "error"},
                "errors": {"type": "array", "items": _TEXT},
                "error_codes": {
                    "type": "array",
                    "items": {"enum": sorted({code for row in OPERATIONS for code in row.codes})},
                },
                "data": {
                    "type": "object",
                    "properties": {"success": {"const": False}, "charge_id": _TEXT},
                },
            },
        },
    }


def _operation(row: EdgeOperation, number: int) -> Json:
    alias = f"_{number}" if number else ""
    codes = " ".join(f"`{code}`" for code in row.codes)
    schema = {"$ref": f"{_REF}{row.body.__name__}"}
    shown = {"example": {"value": edge_examples.BODIES[row.name]}}
    body = {"schema": schema, "examples": shown}
    return {
        "operationId": f"edge_{row.name}{alias}",
        "tags": ["Edge"],
        "summary": row.summary,
        "description": f"{(row.act.__doc__ or '').strip()}\n\nScope: `{row.scope}`. "
        f"The key comes as `api_key` or as a bearer.\n\nCodes: {codes}",
        "security": [{}, {"bearer": [row.scope]}],
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
            }
        ],
        "requestBody": {"required": True, "content": {JSON: body, FORM: body}},
        "responses": {"200": _answers(row)},
    }


def _answers(row: EdgeOperation) -> Json:
    good = "EdgeFired" if row.name == "fire" else "EdgeSuccess"
    shown = {"success": {"value": edge_examples.ANSWERS[row.name]}}
    if row.name == "fire":
        shown["condition_not_met"] = {"value": edge_examples.NOT_MET}
    shown["error"] = {"value": edge_examples.REFUSED}
    schema = {"oneOf": [{"$ref": f"{_REF}{good}"}, {"$ref": f"{_REF}EdgeError"}]}
    return {
        "description": "The envelope: status says whether it was done.",
        "content": {JSON: {"schema": schema, "examples": shown}},
    }


def _fired() -> Json:
    told: Json = {
        "success": {"const": True},
        "status": {**_TEXT, "examples": ["captured", "pending_client_action"]},
        "amount": {"type": "number"},
        "amount_minor": {"type": "integer"},
        "currency": _TEXT,
        "gateway": _MAYBE,
        "gateway_ref": _MAYBE,
        "charge_id": _TEXT,
        "invoice_id": _TEXT,
        "captured_at": _MAYBE,
        "invoice_url": _MAYBE,
        "idempotent_replay": {"type": "boolean"},
    }
    return {"type": "object", "required": list(told), "properties": told}


def _not_met() -> Json:
    told: Json = {
        "success": {"const": False},
        "status": {"const": "condition_not_met"},
        "code": {"const": "CONDITION_NOT_MET"},
        "metric_value": _MAYBE,
        "charge_id": {"type": "null"},
        "idempotent_replay": {"type": "boolean"},
    }
    return {"type": "object", "required": list(told), "properties": told}
