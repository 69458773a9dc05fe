"""Cases made from the served description, sent to the application, and what came back."""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import requests
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from tests.api.door import ADDRESS
from tests.api.machine import HERE, Machine

CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance,
]  # fmt: skip
#: How a case is sent: as it was made, about things that exist, or so with what is required only.
WAYS = ("as made", "about real things", "about real things, no more than needed")
_OUR_FAULT = {"INTERNAL_ERROR", "UNAVAILABLE"}
_PROBLEM = "application/problem+json"
#: Edge leaves the customer of these optional, and refuses them without one.
_OF_ONE = (
    "getCustomer", "suspendCustomer", "restoreCustomer", "setupPaymentMethod",
    "confirmPaymentMethod", "buildCustomerProfileSetup",
)  # fmt: skip
_NEEDED = {name: ["bc_id"] for name in _OF_ONE}


class Sender:
    """Sends cases with a full key; remembers what was sent where and how it was answered.

    ``real`` holds, for each field that names a thing, the ids of things that exist.
    """

    def __init__(self, robot: Machine, real: dict[str, list[Any]]) -> None:
        self._robot, self._real = robot, real
        self.sent: Counter[str] = Counter()
        self.answered: Counter[str] = Counter()
        self.succeeded: set[str] = set()

    def send(self, case: schemathesis.Case, way: str, which: int) -> None:
        """Send one case; AssertionError or a failed check for an answer that is not described."""
        told = case.operation.definition.raw
        if way != WAYS[0]:
            self._name_real_things(case, which)
        if way == WAYS[2]:
            self._take_away(case)
        bearer = {"authorization": f"Bearer {self._robot.secret}"}
        answer = self._answer(case.as_transport_kwargs(ADDRESS, bearer))
        case.validate_response(answer, checks=CHECKS)
        code = _code(answer)
        assert code in _described(told, answer), (case.operation.label, code, answer.text)
        assert code.upper() not in _OUR_FAULT, answer.text
        self.sent[told["operationId"]] += 1
        self.answered[code or str(answer.status_code)] += 1
        if not code:
            self.succeeded.add(told["operationId"])

    def _answer(self, sent: dict[str, Any]) -> httpx.Response:
        """The request as the wire would carry it."""
        whole = requests.Request(**sent).prepare()
        body = whole.body.encode() if isinstance(whole.body, str) else whole.body
        names = ((n, v) for n, v in whole.headers.items() if n.lower() != "content-length")
        return self._robot.http.request(
            str(whole.method), str(whole.url), content=body, headers=dict(names)
        )

    def _name_real_things(self, case: schemathesis.Case, which: int) -> None:
        """Every id in path, address and body is the ``which``-th that exists."""
        parts_of_path = case.path.split("/")
        noun = parts_of_path[-1] if parts_of_path[-1] in self._real else parts_of_path[2]
        if isinstance(case.path_parameters, dict) and noun in self._real:
            case.path_parameters["id"] = self._of(noun, which)
        parts = [case.query, case.body]
        for part in (part for part in parts if isinstance(part, dict)):
            for name in self._real.keys() & part.keys():
                part[name] = self._of(name, which)
        if isinstance(case.body, dict) and "edge" in case.path:
            case.body |= HERE | {"api_key": self._robot.secret}
            for name in _NEEDED.get(_endpoint(case.path), ()):
                case.body[name] = self._of(name, which)

    def _take_away(self, case: schemathesis.Case) -> None:
        schema = case.operation.body[0].definition["schema"] if case.operation.body else {}
        needed = schema.get("required", [])
        if isinstance(case.body, dict):
            kept = {"api_key", *HERE, *needed, *_NEEDED.get(_endpoint(case.path), ())}
            kept |= {
                f"{n}{end}" for n in ("unit_price", "planned_amount") for end in ("", "_minor")
            }
            case.body = {name: value for name, value in case.body.items() if name in kept}

    def _of(self, name: str, which: int) -> Any:
        found = self._real[name]
        return found[which % len(found)]


def _endpoint(path: str) -> str:
    return path.rpartition("/")[2].removesuffix(".php")


def _code(answer: httpx.Response) -> str:
    """The refusal's code as it was written, "" for none."""
    if "json" not in answer.headers["content-type"]:
        return ""
    told = answer.json()
    if answer.headers["content-type"] == _PROBLEM:
        return str(told["code"])
    return str(told["error_codes"][0]) if told.get("status") == "error" else ""


def _described(told: dict[str, Any], answer: httpx.Response) -> set[str]:
    """The codes that the description names for this operation and status; "" is success."""
    content = told["responses"][str(answer.status_code)]["content"]
    if _PROBLEM in content:
        return set(content[_PROBLEM]["examples"])
    codes = told["description"].partition("Codes: ")[2]
    return {"", *codes.replace("`", "").split()}
