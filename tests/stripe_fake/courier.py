"""The courier of webhooks: signed, and as late, doubled, shuffled or lost as a test wants them."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import random
from typing import Any

import httpx

from tests.stripe_fake.company import Company, Obj
from tests.stripe_fake.wire import answer


class Courier:
    """Delivers events at once, or keeps them until a test asks for them."""

    def __init__(self, company: Company) -> None:
        self._company = company
        self._tasks: set[asyncio.Task[None]] = set()
        self.reset()

    def reset(self) -> None:
        """Nowhere to deliver to, and nothing known of the past."""
        self.url, self.secrets, self.hold = "", ["whsec_countersign"], True
        self.answers: list[Obj] = []

    def waiting(self) -> list[Obj]:
        """Events nobody has been told of yet, oldest first."""
        objects = self._company.objects
        kept = [objects[ref] for ref in self._company.order if ref.startswith("evt_")]
        return [event for event in kept if event["undelivered"]]

    def nudge(self) -> None:
        """After a request: deliver what happened, unless it is held back."""
        if self.hold or not self.url:
            return
        task = asyncio.ensure_future(self.deliver({}))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def take(self, how: Obj) -> list[Obj]:
        """What waits, in the order and number in which it is to be told; it waits no longer."""
        events = self.waiting()
        for event in events:
            event["undelivered"] = False
        lost = how.get("lose", [])
        sent = [e for e in events if lost != "all" and e["type"] not in lost]
        sent = [e for e in sent for _ in range(int(how.get("copies", 1)))]
        if "shuffle" in how:
            random.Random(how["shuffle"]).shuffle(sent)
        return sent

    def body(self, event: Obj) -> bytes:
        """The bytes of an event, as they are signed and sent."""
        return json.dumps(answer(self._company, event, []), indent=2).encode()

    async def deliver(self, how: Obj) -> None:
        """``copies``, ``shuffle`` (a seed), ``lose`` (event types or "all"), ``at`` (signing time).

        ``secret`` signs with another one, ``tamper`` changes a byte after signing.
        """
        sent = self.take(how)
        async with httpx.AsyncClient(timeout=20, trust_env=False) as client:
            for event in sent:
                await self._send(client, event, how)

    async def _send(self, client: httpx.AsyncClient, event: Obj, how: Obj) -> None:
        body = self.body(event)
        at = int(how.get("at", self._company.now()))
        secrets = [how["secret"]] if "secret" in how else self.secrets
        header = sign(body, at, secrets)
        if how.get("tamper"):
            body = body.replace(b'"livemode": false', b'"livemode": false ')
        try:
            said = await client.post(
                self.url, content=body,
                headers={"stripe-signature": header, "content-type": "application/json"},
            )  # fmt: skip
            status: Any = said.status_code
        except httpx.HTTPError as error:
            status = type(error).__name__
        self.answers.append({"event": event["id"], "type": event["type"], "status": status})
        if status != 200:
            # as the real one does, it comes again with the next delivery
            event["undelivered"] = not how.get("once")


def sign(body: bytes, at: int, secrets: list[str]) -> str:
    """The signature header: the moment, and one signature for each secret that is in use."""
    parts = [f"t={at}"]
    for secret in secrets:
        mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256)
        parts.append(f"v1={mac.hexdigest()}")
    return ",".join([*parts, "v0=0000"])
