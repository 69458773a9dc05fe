"""The server process of Pay Now: uvicorn on h11, bounded, telling nothing about itself.

What the server answers on its own, before any application is asked, carries the same headers.
"""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from billing_core import settings
from paynow.security import headers

MOST_CONNECTIONS = 1024
FIRST_REQUEST_WITHIN_S = 15.0
KEEP_ALIVE_S = 15
SHUTDOWN_WITHIN_S = 10
MOST_HEADER_BYTES = 16 * 1024


def serve() -> None:
    """Serve Pay Now at the settings' host and port until the process is told to stop."""
    uvicorn.Server(config(settings.load())).run()


def config(found: settings.Settings) -> uvicorn.Config:
    """How uvicorn is run: no access log (addresses carry tokens), no proxy headers believed."""
    return uvicorn.Config(
        "paynow.app:app",
        host=found.pay_host,
        port=found.pay_port,
        http=partial(CarefulProtocol, always=headers(found)),  # type: ignore[arg-type]
        ws="none",
        loop="asyncio",
        lifespan="on",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level=found.log_level.lower(),
        backlog=256,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_WITHIN_S,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
    )


class CarefulProtocol(H11Protocol):
    """uvicorn's h11 protocol with bounds on connections and waiting, and our headers on its 400."""

    def __init__(self, *args: Any, always: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._always = always
        # whatever logging is set up around us: its lines would carry tokens
        self.access_log = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take a connection in, unless there are too many; give it a time to ask."""
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.close()
            return
        self.loop.call_later(FIRST_REQUEST_WITHIN_S, self._close_if_silent)

    def send_400_response(self, msg: str) -> None:
        """Answer what is no HTTP, with the headers every answer has."""
        found = [(name.encode(), value.encode()) for name, value in self._always]
        found += [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
        parts = (
            h11.Response(status_code=400, headers=found, reason=b"Bad Request"),
            h11.Data(data=msg.encode("ascii")),
            h11.EndOfMessage(),
        )
        for part in parts:
            self.transport.write(self.conn.send(part) or b"")
        self.transport.close()

    def _close_if_silent(self) -> None:
        asked: object = self.cycle
        if asked is None and not self.transport.is_closing():
            self.transport.close()
