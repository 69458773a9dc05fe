"""What an operation of /v1 is: method, path, scope, shapes, act, and every code it may answer.

Routes, the OpenAPI description, the page at /docs and the tests' matrix are made from these rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from paynow.api import bodies, parameters, shapes
from paynow.api.asking import JSON
from paynow.api.calling import Answer, Archive, Call
from paynow.api.problems import STATUS

ZIP = "application/zip"
#: What any call may be answered, and what a POST or a GET may be answered besides.
ALWAYS = (
    "missing_api_key", "invalid_api_key", "scope_missing", "parameter_invalid",
    "address_too_long", "too_many_requests", "internal_error", "unavailable",
)  # fmt: skip
WITH_A_BODY = (
    "body_invalid", "request_timeout", "body_too_large", "content_type_unsupported",
    "fields_invalid", "idempotency_key_invalid", "idempotency_conflict", "request_in_progress",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one path. ``makes``: a new thing is answered with 201; ``media_type``: of a
    success, where it is no JSON; ``also``: a second scope that the key must have."""

    name: str
    method: str
    path: str
    scope: str
    summary: str
    act: Callable[[Call[Any, Any]], Answer | Archive]
    answers: tuple[type[shapes.Shape], ...] = ()
    body: type[bodies.Body] = bodies.NoFields
    parameters: type[parameters.Parameters] = parameters.Parameters
    makes: bool = False
    media_type: str = JSON
    refuses: tuple[str, ...] = ()
    also: str = ""

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code it may answer, by status."""
        found = {*ALWAYS, *self.refuses, *(WITH_A_BODY if self.method == "POST" else ())}
        return tuple(sorted(found, key=lambda code: (STATUS[code], code)))

    @property
    def noun(self) -> str:
        """The noun it stands under: items, customers, enrollments …"""
        return self.path.split("/")[2]


Act = Callable[..., Answer | Archive]


def post(name: str, path: str, summary: str, act: Act, **more: Any) -> Operation:
    """A row that writes, for keys with the scope ``manage`` unless it says another."""
    more = {"scope": "manage"} | more
    return Operation(name, "POST", f"/v1/{path}", summary=summary, act=act, **more)


def get(name: str, path: str, summary: str, act: Act, **more: Any) -> Operation:
    """A row that looks, for keys with the scope ``read``."""
    return Operation(name, "GET", f"/v1/{path}", "read", summary, act, **more)
