"""The headers on every answer, errors included, and the outermost layer that sets them.

Nothing here knows a route or a page. A page brings the hash of its own one style; every other
answer may load nothing at all.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from billing_core.settings import Settings

#: Stripe's hosted checkout, and its pages for 3-D Secure.
_GATEWAY_PAGES = {"stripe": ("https://checkout.stripe.com", "https://hooks.stripe.com")}
_POLICY = "content-security-policy"
_FOREVER = "max-age=63072000; includeSubDomains"
_NO_SENSORS = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "clipboard-read", "display-capture",
        "encrypted-media", "fullscreen", "geolocation", "gyroscope", "hid", "idle-detection",
        "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
        "publickey-credentials-get", "screen-wake-lock", "serial", "usb",
        "xr-spatial-tracking",
    )
)  # fmt: skip
_ALWAYS = (
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("permissions-policy", _NO_SENSORS),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("cache-control", "no-store"),
    ("x-robots-tag", "noindex, nofollow, noarchive"),
)


@lru_cache(maxsize=64)
def style_hash(style: str) -> str:
    """The CSP source of one inline style, as served between its tags."""
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


def policy(settings: Settings, style: str = "") -> str:
    """The content security policy of an answer carrying ``style`` (none: nothing may load)."""
    rules = ["default-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"]
    if style:
        targets = " ".join(("'self'", *_pages_of_gateway(settings)))
        rules += [
            f"style-src '{style_hash(style)}'",
            "img-src 'self' data:",
            f"form-action {targets}",
        ]
    else:
        rules.append("form-action 'none'")
    return "; ".join(rules)


def _pages_of_gateway(settings: Settings) -> tuple[str, ...]:
    """Where a press may lead: browsers hold redirects after a form to ``form-action`` as well."""
    if settings.gateway == "stripe" and settings.stripe_api_base:
        there = urlsplit(settings.stripe_api_base)
        return (f"{there.scheme}://{there.netloc}",)
    return _GATEWAY_PAGES.get(settings.gateway, ())


def headers(settings: Settings) -> list[tuple[str, str]]:
    """What every answer carries, whoever made it; the policy is the strictest one."""
    found = [(_POLICY, policy(settings)), *_ALWAYS]
    if urlsplit(settings.pay_base).scheme == "https":
        found.append(("strict-transport-security", _FOREVER))
    return found


class Hardened:
    """The outermost layer: sets the headers, and turns what was raised below into a page."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        always: Sequence[tuple[str, str]],
        explain: Callable[[Exception, Scope], Response],
    ) -> None:
        self._app = app
        self._always = always
        self._explain = explain

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def send_hardened(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                self._set(MutableHeaders(scope=message))
            await send(message)

        try:
            await self._app(scope, receive, send_hardened)
        except Exception as error:
            if started:
                raise
            await self._explain(error, scope)(scope, receive, send_hardened)

    def _set(self, found: MutableHeaders) -> None:
        for name, value in self._always:
            if name != _POLICY or name not in found:
                found[name] = value
