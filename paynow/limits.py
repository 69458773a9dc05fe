"""How much anybody may ask of this process: bodies, fields, addresses, requests at one time.

Everything here is bounded in memory and time, and refuses with a ``Refusal`` that carries its HTTP
status. Nothing here knows what a form means.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from urllib.parse import parse_qsl

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from billing_core import clock
from billing_core.errors import LinkUnknown
from billing_core.rules.sentences import Sentence
from paynow.address import is_loopback, site

MOST_BODY_BYTES = 64 * 1024
MOST_FIELDS = 20
MOST_QUERY_BYTES = 2048
MOST_PATH_BYTES = 512
_UNDER_LINKS = "/pay/"
BODY_WITHIN_S = 15.0
MOST_AT_ONCE = 512
_FORM = "application/x-www-form-urlencoded"


class Refusal(Exception):
    """A request we do not take in. ``status`` is HTTP's, ``sentence`` is for people."""

    def __init__(self, status: int, sentence: str, *, retry_after_s: int = 0) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence
        self.retry_after_s = retry_after_s


async def read_form(request: Request) -> dict[str, str]:
    """The fields of a posted form, each name once, values exactly as typed.

    Raises Refusal 408, 413, 415 (no form) or 400 (no UTF-8, a field twice, too many fields).
    """
    body = await read_body(request)
    if body or request.headers.get("content-type"):
        _check_type(request.headers.get("content-type", ""))
    try:
        pairs = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MOST_FIELDS,
        )
    except UnicodeDecodeError:
        raise Refusal(400, Sentence("What was sent is not valid text (UTF-8).")) from None
    except ValueError:
        raise Refusal(400, Sentence("What was sent has more fields than our forms have.")) from None
    if len(dict(pairs)) != len(pairs):
        raise Refusal(400, Sentence("What was sent names a field twice."))
    return dict(pairs)


async def read_body(request: Request, *, most: int = MOST_BODY_BYTES) -> bytes:
    """The whole body, ``most`` bytes of it. Raises Refusal 400, 408 or 413."""
    _check_length(request, most)
    return await _read_body(request, most)


def _check_length(request: Request, most: int) -> None:
    declared = request.headers.get("content-length", "0")
    if declared.isascii() and declared.isdigit() and int(declared[:12]) > most:
        raise _too_large()


def _check_type(content_type: str) -> None:
    kind, _, parameters = content_type.partition(";")
    charset = parameters.strip().lower().replace('"', "")
    if kind.strip().lower() != _FORM or charset not in ("", "charset=utf-8", "charset=utf8"):
        raise Refusal(415, Sentence("Only a form can be sent here."))


async def _read_body(request: Request, most: int) -> bytes:
    """The body, counted while it arrives: chunked bodies declare no length."""
    body = bytearray()
    try:
        with anyio.fail_after(BODY_WITHIN_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > most:
                    raise _too_large()
    except TimeoutError:
        raise Refusal(408, Sentence("The form took too long to arrive.")) from None
    except ClientDisconnect:
        raise Refusal(400, Sentence("The form did not arrive whole.")) from None
    return bytes(body)


def _too_large() -> Refusal:
    return Refusal(413, Sentence("What was sent is larger than any of our forms."))


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at_s: float


class PressLimit:
    """A token bucket for each address that posts forms; forgets the longest silent first.

    This machine's own address gets a far larger bucket: it is either local work, or everybody at
    once behind a proxy that the settings do not name.
    """

    def __init__(self, *, burst: int = 60, per_second: float = 1.0, most: int = 10_000) -> None:
        self._burst = burst
        self._per_second = per_second
        self._most = most
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()

    def check(self, address: str) -> None:
        """Take one token for ``address``; Refusal 429 says how long to wait for the next."""
        scale = 50 if is_loopback(address) else 1
        bucket = self._filled(site(address), scale)
        if bucket.tokens < 1:
            wait_s = (1 - bucket.tokens) / (self._per_second * scale)
            raise Refusal(
                429,
                Sentence(
                    "Too many presses came from your network. Please wait a minute, then try again."
                ),
                retry_after_s=int(wait_s) + 1,
            )
        bucket.tokens -= 1

    def _filled(self, key: str, scale: int) -> _Bucket:
        now_s = clock.monotonic_s()
        bucket = self._buckets.pop(key, None) or _Bucket(self._burst * scale, now_s)
        gained = (now_s - bucket.filled_at_s) * self._per_second * scale
        bucket.tokens = min(self._burst * scale, bucket.tokens + gained)
        bucket.filled_at_s = now_s
        self._buckets[key] = bucket
        while len(self._buckets) > self._most:
            self._buckets.popitem(last=False)
        return bucket

    def __len__(self) -> int:
        return len(self._buckets)


class Bounded:
    """An ASGI layer: so many requests at once, addresses of bounded length, no web sockets."""

    def __init__(self, app: ASGIApp, *, most: int = MOST_AT_ONCE) -> None:
        self._app = app
        self._most = most
        self._inside = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if len(scope.get("query_string", b"")) > MOST_QUERY_BYTES:
            raise Refusal(414, Sentence("This address is longer than any of ours."))
        if len(scope["path"]) > MOST_PATH_BYTES:
            if scope["path"].startswith(_UNDER_LINKS):
                raise LinkUnknown("No link is this long.")
            raise Refusal(414, Sentence("This address is longer than any of ours."))
        if self._inside >= self._most:
            raise Refusal(503, Sentence("Too many people are here at once."), retry_after_s=2)
        self._inside += 1
        try:
            await self._app(scope, receive, send)
        finally:
            self._inside -= 1
