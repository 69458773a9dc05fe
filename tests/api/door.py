"""The application reached without a socket: its lifespan runs, each request is one call to it.

A request sees the clock and the gateway of the test that makes it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from functools import partial
from typing import Any

import anyio
import httpx
from anyio.from_thread import BlockingPortal, start_blocking_portal
from starlette.types import ASGIApp, Message

from billing_core import settings
from paynow.app import build

ADDRESS = "http://127.0.0.1:8502"


class Door:
    """Requests to the application, from any thread; redirects are not followed."""

    def __init__(self, portal: BlockingPortal, client: httpx.AsyncClient) -> None:
        self._portal = portal
        self._client = client

    def request(self, method: str, url: str, **how: Any) -> httpx.Response:
        """One request, answered whole. What the application lets through is raised here."""
        return self._portal.call(partial(self._client.request, method, url, **how))

    def get(self, url: str, **how: Any) -> httpx.Response:
        """GET ``url``."""
        return self.request("GET", url, **how)

    def post(self, url: str, **how: Any) -> httpx.Response:
        """POST to ``url``."""
        return self.request("POST", url, **how)


@contextmanager
def opened(app: ASGIApp | None = None, *, peer: str = "127.0.0.1") -> Iterator[Door]:
    """A door to ``app``, or to Pay Now as the settings of this moment make it."""
    found = app or build(settings.load())
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(_living(found)),
        portal.wrap_async_context_manager(_client(found, peer)) as client,
    ):
        yield Door(portal, client)


@asynccontextmanager
async def _client(app: ASGIApp, peer: str) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=app, client=(peer, 50000))
    async with httpx.AsyncClient(transport=transport, base_url=ADDRESS, timeout=60) as client:
        yield client


@asynccontextmanager
async def _living(app: ASGIApp) -> AsyncIterator[None]:
    """The application between its start-up and its shut-down."""
    to_app, from_us = anyio.create_memory_object_stream[Message](2)
    to_us, from_app = anyio.create_memory_object_stream[Message](2)
    async with to_app, from_us, to_us, from_app, anyio.create_task_group() as tasks:
        tasks.start_soon(app, {"type": "lifespan"}, from_us.receive, to_us.send)
        await to_app.send({"type": "lifespan.startup"})
        started = await from_app.receive()
        assert started["type"] == "lifespan.startup.complete", started
        yield
        await to_app.send({"type": "lifespan.shutdown"})
        assert (await from_app.receive())["type"] == "lifespan.shutdown.complete"
