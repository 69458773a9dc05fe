"""Pay Now as it is served: uvicorn with our own settings, in a thread, on a free port."""

from __future__ import annotations

import contextvars
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from billing_core import settings
from paynow import serve
from paynow.app import build


class _Announced(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextmanager
def running() -> Iterator[str]:
    """The address of a running Pay Now for the settings of this moment; stopped at the end."""
    # named as TCP, so that asyncio sends small answers at once, as it does on its own sockets
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    config = serve.config(settings.load())
    config.app = build(settings.load())
    server = _Announced(config)
    # the thread sees the test's own clock and gateway
    context = contextvars.copy_context()
    thread = threading.Thread(target=context.run, args=(lambda: server.run([listening]),))
    thread.start()
    try:
        assert server.up.wait(20), "Pay Now did not start"
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(30)
        listening.close()
        assert not thread.is_alive(), "Pay Now did not stop"
