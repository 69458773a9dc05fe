"""Does a request have the shape that Stripe's published description gives it?

``shapes.json`` is made by ``shapes_extract`` from a package; what it says of the endpoints is older
than the API version that Countersign pins, so names that came since stand in ``NEWER``.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

Obj = dict[str, Any]
_SHAPES: Obj = json.loads(Path(__file__).with_name("shapes.json").read_text(encoding="utf-8"))
REQUESTS: dict[str, Obj] = _SHAPES["requests"]
_RANGE: Obj = {name: {"type": "integer"} for name in ("gt", "gte", "lt", "lte")}
#: Endpoint → what it takes since the description was written, each with the reason we need it.
NEWER: dict[str, dict[str, Obj]] = {
    # sessions can be listed by date, like everything else: reconciliation reads thirty days back
    "GET /v1/checkout/sessions": {"created": {"type": "object", "fields": _RANGE}},
    # since 2024 a page may offer the client's own currency unless it is told not to
    "POST /v1/checkout/sessions": {"adaptive_pricing": {
        "type": "object", "fields": {"enabled": {"type": "boolean"}}}},
    # since 2023 an intent may leave to a bank's page unless it is told that nobody is there
    "POST /v1/payment_intents": {"automatic_payment_methods": {
        "type": "object", "required": ["enabled"], "fields": {
            "enabled": {"type": "boolean"},
            "allow_redirects": {"type": "string", "enum": ["always", "never"]}}}},
}  # fmt: skip
_PLAIN = {"integer": r"-?\d{1,18}", "number": r"-?\d+(\.\d+)?", "boolean": "true|false"}


def misfit(endpoint: str, given: Obj) -> str:
    """What is wrong with the parameters of a request, "" when they have the described shape."""
    described = REQUESTS[endpoint]
    fields = described.get("fields", {}) | NEWER.get(endpoint, {})
    return _object(described | {"fields": fields}, given, "")


def _value(shape: Obj, given: Any, name: str) -> str:
    if "any" in shape:
        found = [_value(each, given, name) for each in shape["any"]]
        # of several complaints the longest is told: it says most about what came
        return "" if "" in found else max(found, key=len)
    if shape["type"] == "object":
        return _object(shape, given, name)
    if shape["type"] == "array":
        if not isinstance(given, list):
            return f"{name} must be a list"
        found = [_value(shape["each"], one, f"{name}[{n}]") for n, one in enumerate(given)]
        return next((problem for problem in found if problem), "")
    return _text(shape, given, name)


def _object(shape: Obj, given: Any, name: str) -> str:
    if not isinstance(given, dict):
        return f"{name} must be an object"
    fields = shape.get("fields", {})
    for wanted in shape.get("required", []):
        if wanted not in given:
            return f"{_inside(name, wanted)} is missing"
    for key, value in given.items():
        inner = fields.get(key, shape.get("values"))
        if inner is None:
            return f"{_inside(name, key)} is unknown"
        if problem := _value(inner, value, _inside(name, key)):
            return problem
    return ""


def _inside(name: str, key: str) -> str:
    return f"{name}[{key}]" if name else key


def _text(shape: Obj, given: Any, name: str) -> str:
    if isinstance(given, bytes) and shape["type"] == "string":
        return ""
    if not isinstance(given, str):
        return f"{name} must be a {shape['type']}"
    pattern = _PLAIN.get(shape["type"])
    if pattern and not re.fullmatch(pattern, given):
        return f"{name} must be a {shape['type']}"
    if "enum" in shape and given not in shape["enum"]:
        return f"{name} must be one of {', '.join(shape['enum'])}"
    if len(given) > shape.get("longest", len(given)):
        return f"{name} is longer than {shape['longest']}"
    return ""
