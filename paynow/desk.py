"""What one Pay Now process holds between requests: settings, pool, view queue, limits.

Made once when the application is built, reached by handlers through ``desk_of``. No handler keeps
anything of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from billing_core.flows.record_views import Sighting, record_views
from billing_core.rules.nouns import Visit
from billing_core.settings import Settings
from paynow.address import Network, derive, networks
from paynow.limits import PressLimit
from paynow.pool import Pool
from paynow.same_pages import SamePages
from paynow.views import ViewQueue

_LONGEST_AGENT = 512
_LONGEST_LANGUAGE = 256


@dataclass(frozen=True, slots=True)
class Desk:
    """The process's own things."""

    settings: Settings
    trusted: tuple[Network, ...]
    pool: Pool
    views: ViewQueue
    presses: PressLimit
    calls: PressLimit
    pages: SamePages

    @property
    def base(self) -> str:
        """The path this process is published under, "" at the root of its host."""
        return urlsplit(self.settings.pay_base).path.rstrip("/")

    def local(self, url: str) -> str:
        """``url`` without our own origin, so that a form may lead there under any of our names."""
        if url.startswith("/"):
            return self.base + url
        origin = self.settings.pay_base.removesuffix(self.base)
        rest = url.removeprefix(origin)
        return rest if rest != url and rest.startswith("/") else url


def open_desk(settings: Settings) -> Desk:
    """A desk for ``settings``."""
    pool = Pool()

    async def write(sightings: Sequence[Sighting]) -> None:
        await pool.run(record_views, sightings)

    return Desk(
        settings=settings,
        trusted=networks(settings.trusted_proxies),
        pool=pool,
        views=ViewQueue(write),
        presses=PressLimit(),
        # machines may ask faster than people press
        calls=PressLimit(burst=600, per_second=50.0),
        pages=SamePages(),
    )


class AtDesk:
    """An ASGI layer that hands the desk to the handlers below it."""

    def __init__(self, app: ASGIApp, desk: Desk) -> None:
        self._app = app
        self._desk = desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["paynow.desk"] = self._desk
        await self._app(scope, receive, send)


def desk_of(request: Request) -> Desk:
    """The desk of the application that serves ``request``."""
    desk = request.scope["paynow.desk"]
    assert isinstance(desk, Desk)
    return desk


def visit_of(request: Request) -> Visit:
    """Where ``request`` came from, with the derivation, for the evidence."""
    peer = request.client.host if request.client else None
    found = derive(peer, request.headers.getlist("x-forwarded-for"), desk_of(request).trusted)
    return Visit(
        address=found.address,
        rule=found.rule,
        peer=found.peer,
        forwarded=_printable(found.forwarded),
        user_agent=_printable(request.headers.get("user-agent", ""))[:_LONGEST_AGENT],
        accept_language=_printable(request.headers.get("accept-language", ""))[:_LONGEST_LANGUAGE],
    )


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
