"""The page at /docs: the description, drawn. One file, no script, nothing loaded from anyone."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from starlette.responses import Response

from billing_core.rules.scopes import SCOPES
from paynow.api import description, wire
from paynow.api.asking import JSON
from paynow.api.problems import STATUS, TITLE
from paynow.desk import Desk
from paynow.drawing import draw

Json = dict[str, Any]
_WHAT_SCOPES_DO = {
    "fire": "fire charges, try failed ones again, and see the client's address of them",
    "read": "show and list everything",
    "manage": "add items, customers, enrollments, projects and milestones; void, send again, "
    "record payments; ask clients for a payment method; change settings",
    "refund": "refund charges, and decide what waits for a second person",
    "links": "mint Pay Now links and see them",
}
_MOST_LISTED = 8


def page(desk: Desk) -> Response:
    """The page as an answer."""
    values = _values(desk.settings.pay_base) | {"base": desk.base}
    return draw("docs.html", values, styles=("docs",))


@lru_cache(maxsize=2)
def _values(base_url: str) -> Json:
    told = description.as_value(base_url)
    groups: dict[str, list[Json]] = {}
    for path, methods in told["paths"].items():
        for method, row in methods.items():
            if not row["operationId"].startswith("edge_") or not _is_alias(row):
                shown = _operation(told, path, method, row)
                groups.setdefault(row["tags"][0], []).append(shown)
    return {
        "url": base_url,
        "about": told["info"]["description"],
        "groups": groups,
        "scopes": [(scope, _WHAT_SCOPES_DO[scope]) for scope in SCOPES],
        "codes": sorted((status, code, TITLE[code]) for code, status in STATUS.items()),
    }


def _is_alias(row: Json) -> bool:
    return str(row["operationId"])[-1].isdigit()


def _operation(told: Json, path: str, method: str, row: Json) -> Json:
    says, _, codes = row["description"].partition("Codes: ")
    says, _, scope = says.partition("Scope: `")
    body = row.get("requestBody", {}).get("content", {}).get(JSON, {})
    good = [row["responses"][status] for status in ("201", "200") if status in row["responses"]]
    return {
        "id": row["operationId"],
        "method": method.upper(),
        "path": path,
        "summary": row["summary"],
        "says": says.strip(),
        "scope": scope.partition("`")[0],
        "parameters": [_parameter(p) for p in row["parameters"] if p["in"] == "query"],
        "fields": _fields(told, body.get("schema", {})),
        "request": _request(path, method, body),
        "answers": _answers(good),
        "refusals": [codes] if codes else _refusals(row),
    }


def _parameter(parameter: Json) -> tuple[str, str, str]:
    schema = parameter["schema"]
    return parameter["name"], _kind(schema), schema.get("description", "")


def _fields(told: Json, schema: Json) -> list[tuple[str, str, str]]:
    """Name, type and note of each field; nested objects with a point."""
    model = _resolved(told, schema)
    needed, found = model.get("required", []), []
    for name, inner in model.get("properties", {}).items():
        nested = _resolved(told, _without_null(inner))
        if nested.get("properties"):
            below = _fields(told, nested)
            found += [(f"{name}.{sub}", kind, note) for sub, kind, note in below]
            continue
        said = inner.get("description") or _without_null(inner).get("description", "")
        note = ["required"] if name in needed else []
        found.append((name, _kind(inner), ". ".join(filter(None, (*note, said)))))
    return found


def _resolved(told: Json, schema: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    found: Json = told["components"]["schemas"][name] if name else schema
    return found


def _without_null(schema: Json) -> Json:
    choices = [one for one in schema.get("anyOf", []) if one.get("type") != "null"]
    return choices[0] if len(choices) == 1 else schema


def _kind(schema: Json) -> str:
    """The type of a field in a word or two."""
    plain = _without_null(schema)
    if "enum" in plain or "const" in plain:
        listed = [str(one) for one in plain.get("enum", [plain.get("const")])]
        return " · ".join(listed) if len(listed) <= _MOST_LISTED else "code"
    if "anyOf" in plain:
        kinds = (_kind(one) for one in plain["anyOf"] if one.get("type") != "null")
        return " or ".join(dict.fromkeys(kinds))
    if plain.get("type") == "array":
        return f"list of {_kind(plain['items'])}"
    if plain.get("format") == "date":
        return "date"
    return {"string": "text", "integer": "whole number", "boolean": "true or false"}.get(
        plain.get("type", ""), str(plain.get("type", "object"))
    )


def _request(path: str, method: str, body: Json) -> str:
    """The call as one would type it."""
    lines = [f"{method.upper()} {path}", "Authorization: Bearer csk_your_key"]
    shown = [example["value"] for example in body.get("examples", {}).values()]
    if shown and "api_key" in shown[0]:
        lines.pop()
    if shown and shown[0]:
        lines += [f"Content-Type: {JSON}", "Idempotency-Key: a-key-of-your-own", ""]
        lines.append(wire.pretty(shown[0]))
    return "\n".join(lines)


def _answers(good: list[Json]) -> list[str]:
    shown: dict[str, str] = {}
    for answer in good:
        if JSON not in answer["content"]:
            shown.setdefault("file", "A file.")
            continue
        for name, example in answer["content"][JSON]["examples"].items():
            shown.setdefault(name, wire.pretty(example["value"]))
    return list(shown.values())


def _refusals(row: Json) -> list[str]:
    return [
        f"{status} {' '.join(code for code in answer['content'][kind]['examples'])}"
        for status, answer in row["responses"].items()
        if status == "202" or status >= "400"
        for kind in answer["content"]
    ]
