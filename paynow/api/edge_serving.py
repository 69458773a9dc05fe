"""One of Edge's endpoints as an ASGI endpoint: JSON or form in, Edge's envelope out, 200 always.

The order of checks is Edge's: key, organisation, brand, then the fields, then the gate.
"""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from billing_core import settings
from billing_core.flows.create_key import admit
from paynow.api import asking, edge_words, wire
from paynow.api.asking import Asked
from paynow.api.calling import Call
from paynow.api.checking import checked
from paynow.api.edge_operations import EdgeOperation
from paynow.api.parameters import Parameters
from paynow.api.problems import Problem, problem_of
from paynow.api.turns import Turns
from paynow.desk import desk_of, visit_of

Fields = dict[str, Any]


class EdgeResource:
    """One endpoint of Edge's, at each of its paths."""

    def __init__(self, operation: EdgeOperation, turns: Turns) -> None:
        self._operation = operation
        self._turns = turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        try:
            response = await self._answer(request)
        except Exception as error:
            response = refused(problem_of(error))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method != "POST":
            problem = Problem("method_not_allowed", "This address takes POST.")
            response = edge_words.as_response(edge_words.failure(problem), status=405)
            response.headers["allow"] = "POST"
            return response
        desk_of(request).calls.check(visit_of(request).address)
        asked = await asking.take(request)
        fields = asking.json_or_form_fields(asked)
        secret = _secret(fields, asked)
        async with self._turns.taken(secret, asked.keys[0] if asked.keys else None):
            run = desk_of(request).pool.run
            return await run(serve, self._operation, asked, fields, secret)


def serve(operation: EdgeOperation, asked: Asked, fields: Fields, secret: str) -> Response:
    """Let the caller in, check what was sent, act, answer. Blocks: runs in the pool."""
    caller = admit(secret, operation.scope)
    _check_place(operation, fields)
    key = asking.idempotency_key(asked)
    body = checked(operation.body, fields)
    call = Call(caller=caller, key=key, id="", body=body, parameters=Parameters())
    return edge_words.as_response(operation.act(call))


def refused(problem: Problem) -> Response:
    """The envelope of a refusal."""
    response = edge_words.as_response(edge_words.failure(problem))
    if problem.retry_after_s:
        response.headers["retry-after"] = str(problem.retry_after_s)
    if problem.status in (408, 413):
        # the rest of the body is not read: nothing can follow on this connection
        response.headers["connection"] = "close"
    return response


def _secret(fields: Fields, asked: Asked) -> str:
    """The key from the body or from the header; two that differ are no key."""
    inside, outside = fields.get("api_key"), asking.bearer(asked)
    if not inside and outside is None:
        raise Problem("missing_api_key", "Send your API key as api_key, or as a bearer.")
    if inside and (not isinstance(inside, str) or outside not in (None, inside)):
        raise asking.invalid_key()
    return asking.check_secret(inside or outside or "")


def _check_place(operation: EdgeOperation, fields: Fields) -> None:
    """The organisation and the brand are this installation's own."""
    here = settings.load()
    ours = {"org_id": here.org_id, "brand_id": here.brand_id}
    sent = {name: wire.number_text(fields.get(name)) for name in ours}
    for name in operation.needs:
        if sent[name] in (None, ""):
            raise Problem(f"missing_{name.removesuffix('_id')}", f"Send {name}.")
    for name, own in ours.items():
        if sent[name] not in (None, "", own):
            raise Problem("org_mismatch", f"The {name} is not the one of this installation.")
