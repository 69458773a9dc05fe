"""One address under a link: which token, which method, which handler. No page is drawn here.

The token is looked at before anything else, so that an unknown one gets the same 404 for every
method, address and body.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from billing_core.errors import LinkExpired
from billing_core.flows.open_link import OpenLink, open_link
from paynow import errors
from paynow.desk import desk_of, visit_of

Handler = Callable[[Request, OpenLink], Awaitable[Response]]
LinklessHandler = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class UnderLink:
    """An ASGI endpoint at ``/pay/{token}…``: looks with ``get``, acts with ``post``.

    ``post_any`` acts on links that no longer work, too (asking for a fresh one).
    """

    get: Handler | None = None
    post: Handler | None = None
    post_any: LinklessHandler | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        base, token = desk_of(request).base, token_of(request)
        if request.method == "POST":
            desk_of(request).presses.check(visit_of(request).address)
            if self.post_any is not None:
                return await self.post_any(request)
        try:
            opened = open_link(token)
        except LinkExpired:
            asked = errors.asked_language(request)
            return errors.gone(base, f"{base}/pay/{token}/renew", asked)
        if request.method in ("GET", "HEAD") and self.get is not None:
            return await self.get(request, opened)
        if request.method == "POST" and self.post is not None:
            return await self.post(request, opened)
        back, language = f"{base}/pay/{token}", opened.document["language"]
        return errors.wrong_method(base, self._allowed(), back, language=language)

    def _allowed(self) -> str:
        looks = "GET, HEAD" if self.get else ""
        acts = "POST" if self.post or self.post_any else ""
        return ", ".join(filter(None, (looks, acts)))


@dataclass(frozen=True, slots=True)
class Plain:
    """An ASGI endpoint outside any link, with the same discipline about methods."""

    get: LinklessHandler | None = None
    post: LinklessHandler | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        desk = desk_of(request)
        if request.method in ("GET", "HEAD") and self.get is not None:
            return await self.get(request)
        if request.method == "POST" and self.post is not None:
            desk.presses.check(visit_of(request).address)
            return await self.post(request)
        looks, acts = "GET, HEAD" if self.get else "", "POST" if self.post else ""
        allowed, asked = ", ".join(filter(None, (looks, acts))), errors.asked_language(request)
        return errors.wrong_method(desk.base, allowed, language=asked)


def token_of(request: Request) -> str:
    """The token in the address, as it came."""
    return str(request.path_params["token"])
