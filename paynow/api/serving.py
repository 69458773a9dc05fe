"""One path of /v1 as an ASGI endpoint: limits, then the key, then the fields, then the act.

Everything that may block runs in the bounded pool, in one turn for a request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from billing_core.flows.create_key import Caller, admit
from billing_core.rules.scopes import check_has
from paynow.answers import archive
from paynow.api import asking, wire
from paynow.api.asking import Asked
from paynow.api.calling import Answer, Archive, Call
from paynow.api.checking import checked, checked_parameters
from paynow.api.operation import Operation
from paynow.api.problems import Problem, as_response, problem_of
from paynow.api.turns import Turns
from paynow.desk import desk_of, visit_of


class Resource:
    """The operations at one path."""

    def __init__(self, operations: tuple[Operation, ...], turns: Turns) -> None:
        self._by_method = {operation.method: operation for operation in operations}
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await guarded(Request(scope, receive), self._answer)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        method = "GET" if request.method == "HEAD" else request.method
        operation = self._by_method.get(method)
        if operation is None:
            return wrong_method(self._by_method)
        desk_of(request).calls.check(visit_of(request).address)
        asked = await asking.take(request)
        secret = _secret(asked)
        async with self._turns.taken(secret, asked.keys[0] if asked.keys else None):
            return await desk_of(request).pool.run(serve, operation, asked, secret)


def serve(operation: Operation, asked: Asked, secret: str) -> Response:
    """Let the caller in, read what was sent, act, answer. Blocks: runs in the pool."""
    caller = admit(secret, operation.scope)
    if operation.also:
        check_has(caller.scopes, operation.also)
    return _as_response(operation, operation.act(_call(operation, asked, caller)))


async def guarded(request: Request, answer: Callable[[Request], Awaitable[Response]]) -> Response:
    """The answer, or the problem that was raised instead."""
    try:
        return await answer(request)
    except Exception as error:
        return as_response(problem_of(error))


def wrong_method(allowed: Mapping[str, object]) -> Response:
    """405 with what is allowed."""
    names = [
        m for m in ("GET", "HEAD", "POST") if m in allowed or (m == "HEAD" and "GET" in allowed)
    ]
    sentence = f"This address takes {' and '.join(names)}."
    response = as_response(Problem("method_not_allowed", sentence))
    response.headers["allow"] = ", ".join(names)
    return response


def _secret(asked: Asked) -> str:
    secret = asking.bearer(asked)
    if secret is None:
        sentence = "Send your API key as “Authorization: Bearer csk_…”."
        raise Problem("missing_api_key", sentence)
    return asking.check_secret(secret)


def _call(operation: Operation, asked: Asked, caller: Caller) -> Call[Any, Any]:
    writes = operation.method == "POST"
    return Call(
        caller=caller,
        key=asking.idempotency_key(asked) if writes else None,
        id=asked.path_id,
        body=checked(operation.body, asking.json_fields(asked) if writes else {}),
        parameters=checked_parameters(operation.parameters, asking.query_fields(asked)),
    )


def _as_response(operation: Operation, answer: Answer | Archive) -> Response:
    if isinstance(answer, Archive):
        return archive(answer.content, answer.name)
    told = answer.shape.model_dump(exclude_unset=True)
    status = 201 if operation.makes and answer.new else 200
    return Response(wire.write(told), status_code=status, media_type=asking.JSON)
