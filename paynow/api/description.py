"""The OpenAPI 3.1 description, made from the tables: operations, shapes, codes."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, models_json_schema

from paynow.api import edge_description, examples, operations, wire
from paynow.api.asking import JSON, LONGEST_KEY
from paynow.api.edge_operations import OPERATIONS as EDGE_OPERATIONS
from paynow.api.example_ids import CHARGE_ID, REFUND_ID, REQUEST_ID
from paynow.api.operation import Operation
from paynow.api.problems import MEDIA_TYPE, STATUS, TITLE

Json = dict[str, Any]
_REF = "#/components/schemas/"
_ABOUT = (
    "Everything a machine may ask of Countersign. Amounts go in as decimal text or as whole minor "
    "units and come out as both. Every POST takes an Idempotency-Key: the same key and request "
    "give the same answer, flagged as a replay; another request under it is refused. Refusals are "
    "RFC 9457 problems with a stable code."
)


class _Plain(GenerateJsonSchema):
    """Fields are known by their names; titles made from them say nothing more."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


@lru_cache(maxsize=2)
def as_json(base_url: str) -> bytes:
    """The description of the API served at ``base_url``, as it is sent."""
    return wire.write(as_value(base_url))


@lru_cache(maxsize=2)
def as_value(base_url: str) -> Json:
    """The description as a value; treat it as frozen."""
    return {
        "openapi": "3.1.0",
        "info": {"title": "Countersign", "version": "1", "description": _ABOUT},
        "servers": [{"url": base_url}],
        "paths": _paths() | edge_description.paths(),
        "components": {
            "schemas": _schemas() | {"Problem": _problem_schema()} | edge_description.schemas(),
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "An API key, made with “countersign keys create”.",
                }
            },
        },
    }


def _paths() -> Json:
    return {
        path: {row.method.lower(): _operation(row) for row in rows}
        for path, rows in operations.by_path().items()
    }


def _operation(row: Operation) -> Json:
    told: Json = {
        "operationId": row.name,
        "tags": [row.noun],
        "summary": row.summary,
        "description": f"{(row.act.__doc__ or '').strip()}\n\nScope: `{_scopes(row)}`.",
        "security": [{"bearer": _scopes(row).split(", ")}],
        "parameters": _parameters(row),
        "responses": _successes(row) | _refusals(row),
    }
    if row.method == "POST":
        name = row.body.__name__
        told["requestBody"] = {
            "required": any(field.is_required() for field in row.body.model_fields.values()),
            "content": {JSON: _content([name], {name: examples.BODIES[name]})},
        }
    return told


def _scopes(row: Operation) -> str:
    return f"{row.scope}, {row.also}" if row.also else row.scope


def _parameters(row: Operation) -> list[Json]:
    found: list[Json] = []
    if "{id}" in row.path:
        schema = {"type": "string", "minLength": 1}
        found.append({"name": "id", "in": "path", "required": True, "schema": schema})
    properties = row.parameters.model_json_schema(schema_generator=_Plain).get("properties", {})
    for name, schema in properties.items():
        given = {k: v for k, v in schema.items() if k != "default" or v != ""}
        found.append({"name": name, "in": "query", "required": False, "schema": given})
    if row.method == "POST":
        schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY}
        told = "The same key and request give the same answer; kept for seven days."
        found.append(
            {"name": "Idempotency-Key", "in": "header", "schema": schema, "description": told}
        )
    return found


def _successes(row: Operation) -> Json:
    if row.media_type != JSON:
        binary = {"schema": {"type": "string", "contentMediaType": row.media_type}}
        return {"200": {"description": "The file.", "content": {row.media_type: binary}}}
    names = [shape.__name__ for shape in row.answers]
    answer = {"content": {JSON: _content(names, {n: examples.SHAPES[n] for n in names})}}
    if not row.makes:
        return {"200": {"description": "Done."} | answer}
    made = {"content": {JSON: _content(names[:1], {names[0]: examples.SHAPES[names[0]]})}}
    return {
        "201": {"description": "New."} | made,
        "200": {"description": "There was one already: existing, or a replay."} | answer,
    }


def _refusals(row: Operation) -> Json:
    by_status: dict[str, list[str]] = {}
    for code in row.codes:
        by_status.setdefault(str(STATUS[code]), []).append(code)
    return {status: _refusal(int(status), codes) for status, codes in by_status.items()}


def _refusal(status: int, codes: list[str]) -> Json:
    shown = {code: {"value": example_problem(code)} for code in codes}
    told: Json = {
        "description": " · ".join(f"`{code}` {TITLE[code]}" for code in codes),
        "content": {MEDIA_TYPE: {"schema": {"$ref": f"{_REF}Problem"}, "examples": shown}},
    }
    if status in (429, 503):
        told["headers"] = {"Retry-After": {"schema": {"type": "integer"}, "required": False}}
    if status == 401:
        told["headers"] = {"WWW-Authenticate": {"schema": {"type": "string"}}}
    return told


def example_problem(code: str) -> Json:
    """A problem with this code, as it could be answered."""
    told: Json = {
        "type": f"/docs#{code}",
        "title": TITLE[code],
        "status": STATUS[code],
        "detail": f"{TITLE[code]}.",
        "code": code,
    }
    if code in ("fields_invalid", "amount_invalid"):
        name = "email" if code == "fields_invalid" else "amount"
        told["errors"] = [{"field": name, "detail": "This field is missing."}]
    if code in ("milestone_not_billable", "refund_failed"):
        told["charge"] = CHARGE_ID
    if code == "refund_failed":
        told["refund"] = REFUND_ID
    if code == "second_person_needed":
        told["request"] = REQUEST_ID
    return told


def _content(names: list[str], shown: dict[str, Json]) -> Json:
    refs = [{"$ref": f"{_REF}{name}"} for name in names]
    return {
        "schema": refs[0] if len(refs) == 1 else {"oneOf": refs},
        "examples": {name: {"value": value} for name, value in shown.items()},
    }


def _schemas() -> Json:
    bodies = {row.body for row in operations.OPERATIONS if row.method == "POST"}
    bodies |= {row.body for row in EDGE_OPERATIONS}
    answers = {shape for row in operations.OPERATIONS for shape in row.answers}
    asked = sorted(bodies, key=lambda model: model.__name__)
    told = sorted(answers, key=lambda model: model.__name__)
    _, found = models_json_schema(
        [(m, "validation") for m in asked] + [(m, "serialization") for m in told],
        ref_template=f"{_REF}{{model}}",
        schema_generator=_Plain,
    )
    return dict(found["$defs"])


def _problem_schema() -> Json:
    text, whole = {"type": "string"}, {"type": "integer"}
    field = {"type": "object", "properties": {"field": text, "detail": text}}
    return {
        "type": "object",
        "description": "RFC 9457, with a stable code.",
        "required": ["type", "title", "status", "detail", "code"],
        "properties": {
            "type": text,
            "title": text,
            "status": whole,
            "detail": text,
            "code": {"type": "string", "enum": sorted(STATUS)},
            "errors": {"type": "array", "items": field},
            "charge": text,
            "refund": text,
            "request": text,
            "idempotent_replay": {"type": "boolean"},
        },
    }
