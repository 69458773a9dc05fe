"""Where a gateway leaves its messages: kept byte for byte, then answered. Nothing is done here.

No press limit stands before it: a storm of messages is the gateway's to send and ours to keep.
"""

from __future__ import annotations

import logging

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from billing_core.errors import NotAllowed, WebhookRejected
from billing_core.flows.receive_webhook import receive_webhook
from paynow import errors
from paynow.answers import data
from paynow.desk import desk_of
from paynow.limits import read_body

log = logging.getLogger("paynow")
#: Stripe's messages carry the whole object; the largest are some hundred kilobytes.
MOST_BYTES = 1024 * 1024


class Messages:
    """``POST /stripe/webhook``: 200 once the body is durable, 400 for a signature that is wrong,
    as every one is while the sandbox is the gateway."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive, send)
        response = await self._answer(request)
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        desk = desk_of(request)
        if request.method != "POST":
            return errors.wrong_method(desk.base, "POST")
        body = await read_body(request, most=MOST_BYTES)
        signature = request.headers.get("stripe-signature", "")
        try:
            await desk.pool.run(receive_webhook, body, signature)
        except (WebhookRejected, NotAllowed) as rejected:
            log.warning("a webhook was refused: %s", rejected.sentence)
            return data({"error": rejected.sentence}, status=400)
        return data({"received": True})
