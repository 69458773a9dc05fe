"""The Pay Now application: its layers, its routes, and what runs beside the requests.

``app`` is what a server loads. The settings are read when the server starts it, never while it is
imported. No page and no rule is here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import asdict
from functools import lru_cache, partial

import anyio
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, Router
from starlette.types import ASGIApp, Receive, Scope, Send

from billing_core import settings
from billing_core.errors import NotFound
from billing_core.flows.check_health import check_health
from billing_core.rules.sentences import Sentence
from paynow import client_pages, client_presses, errors, sandbox_pages
from paynow.answers import data
from paynow.api.answering import Answering
from paynow.api.routes import routes as api_routes
from paynow.desk import AtDesk, Desk, desk_of, open_desk
from paynow.drawing import icon
from paynow.gateway_messages import Messages
from paynow.limits import Bounded, Refusal
from paynow.routing import Plain, UnderLink
from paynow.security import Hardened, headers

READY_WITHIN_S = 5.0


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The application for this process's settings."""
    await _of_this_process()(scope, receive, send)


def build(found: settings.Settings) -> ASGIApp:
    """The application for ``found``, from the outermost layer to the routes."""
    desk = open_desk(found)

    @asynccontextmanager
    async def beside(_app: object) -> AsyncIterator[None]:
        async with anyio.create_task_group() as tasks:
            desk.pool.open(tasks)
            tasks.start_soon(desk.views.run)
            try:
                yield
            finally:
                await desk.views.flush()
                tasks.cancel_scope.cancel()

    router = Router(_routes(desk), redirect_slashes=False, default=_nowhere, lifespan=beside)
    return Hardened(
        Answering(Bounded(AtDesk(router, desk))),
        always=headers(found),
        explain=partial(errors.explain, base=desk.base),
    )


@lru_cache(maxsize=1)
def _of_this_process() -> ASGIApp:
    return build(settings.load())


def _routes(desk: Desk) -> list[Route]:
    link = "/pay/{token}"
    found = [
        Route(link, UnderLink(get=client_pages.invoice)),
        Route(f"{link}/status", UnderLink(get=client_pages.status)),
        Route(f"{link}/invoice.pdf", UnderLink(get=client_pages.invoice_pdf)),
        Route(f"{link}/receipt.pdf", UnderLink(get=client_pages.receipt_pdf)),
        Route(f"{link}/evidence.zip", UnderLink(get=client_pages.evidence_zip)),
        Route(f"{link}/files/{{number}}", UnderLink(get=client_pages.deliverable)),
        Route(f"{link}/approve", UnderLink(post=client_presses.approve)),
        Route(f"{link}/pay", UnderLink(post=client_presses.pay)),
        Route(f"{link}/changes", UnderLink(post=client_presses.changes)),
        Route(f"{link}/code", UnderLink(post=client_presses.code)),
        Route(f"{link}/renew", UnderLink(post_any=client_presses.renew)),
        Route("/stripe/webhook", Messages()),
        Route("/healthz", Plain(get=_alive)),
        Route("/readyz", Plain(get=_ready)),
        Route("/favicon.svg", Plain(get=_icon)),
        Route("/favicon.ico", Plain(get=_icon)),
        Route("/", Plain(get=_home)),
        Route("/stored", Plain(get=_stored)),
        *api_routes(),
    ]
    return found + _sandbox_routes() if desk.settings.gateway == "sandbox" else found


def _sandbox_routes() -> list[Route]:
    session = "/sandbox/checkout/{session}"
    return [
        Route(session, Plain(get=sandbox_pages.checkout, post=sandbox_pages.pay)),
        Route(f"{session}/authenticate", Plain(post=sandbox_pages.authenticate)),
        Route(f"{session}/cancel", Plain(post=sandbox_pages.cancel)),
    ]


async def _alive(request: Request) -> Response:
    return data({"status": "ok"})


async def _ready(request: Request) -> Response:
    with anyio.move_on_after(READY_WITHIN_S):
        pool = desk_of(request).pool
        health = await pool.run(check_health)
        sound = pool.broken == 0
        said = asdict(health) | {"books_broken": pool.broken, "ready": health.ready and sound}
        return data(said, status=200 if said["ready"] else 503)
    raise Refusal(503, Sentence("The database does not answer."), retry_after_s=5)


async def _icon(request: Request) -> Response:
    return Response(icon(), media_type="image/svg+xml")


async def _home(request: Request) -> Response:
    return errors.home(desk_of(request).base, errors.asked_language(request))


async def _stored(request: Request) -> Response:
    return errors.stored(desk_of(request).base, errors.asked_language(request))


async def _nowhere(scope: Scope, receive: Receive, send: Send) -> None:
    raise NotFound("There is nothing at this address.")
