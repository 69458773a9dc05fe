"""A layer around everything: what is raised under an address of the API is answered in its words.

Limits and the router know nothing of problems and envelopes; without this they would answer a
machine with a page.
"""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from paynow.api import edge_operations, edge_words
from paynow.api.problems import Problem, as_response, problem_of

_V1 = "/v1"
_EDGE = ("/apis", "/public/edge")
_EDGE_PATHS = frozenset(path for row in edge_operations.OPERATIONS for path in row.paths)


class Answering:
    """Turns exceptions below into problems (/v1) or envelopes (Edge); leaves the rest alone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "") if scope["type"] == "http" else ""
        if not _is_under(path, _V1, *_EDGE):
            await self._app(scope, receive, send)
            return
        started = False

        async def send_noted(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self._app(scope, receive, send_noted)
        except Exception as error:
            if started:
                raise
            await _answer(path, problem_of(error))(scope, receive, send)


def _answer(path: str, problem: Problem) -> Response:
    if _is_under(path, _V1):
        return as_response(problem)
    status = 200 if path in _EDGE_PATHS else problem.status
    response = edge_words.as_response(edge_words.failure(problem), status=status)
    if problem.retry_after_s:
        response.headers["retry-after"] = str(problem.retry_after_s)
    return response


def _is_under(path: str, *roots: str) -> bool:
    return any(path == root or path.startswith(f"{root}/") for root in roots)
