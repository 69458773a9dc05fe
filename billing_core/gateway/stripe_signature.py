"""Is this message from Stripe, and from now? The signature scheme of Stripe's webhooks (v1).

Checked here rather than by the SDK: its time-out looks into the past only and reads the system's
clock. Nothing is parsed before the signature holds.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from billing_core.errors import WebhookRejected
from billing_core.gateway.port import Knock

#: How far the signing moment may lie from now, both ways.
TOLERANCE_S = 300
UNKNOWN_SIGNATURE = "UNKNOWN_SIGNATURE"
_TIME = re.compile(r"t=(\d{1,12})", re.ASCII)
_SIGNATURE = re.compile(r"v1=([0-9a-f]{64})", re.ASCII)
_MOST_SIGNATURES = 16


def check_signature(body: bytes, header: str, secrets: Sequence[str], now: datetime) -> None:
    """WebhookRejected unless one of ``secrets`` signed ``body`` within five minutes of ``now``."""
    parts = [part.strip() for part in header.split(",")]
    times = [found[1] for found in map(_TIME.fullmatch, parts) if found]
    signatures = [found[1] for found in map(_SIGNATURE.fullmatch, parts) if found]
    if len(times) != 1 or not signatures:
        raise WebhookRejected("The message carries no signature of Stripe's.")
    known = [secret for secret in secrets if secret]
    if not known:
        raise WebhookRejected("No webhook secret is set, so no message can be believed.")
    payload = times[0].encode() + b"." + body
    wanted = [hmac.new(s.encode(), payload, hashlib.sha256).hexdigest() for s in known]
    given = signatures[:_MOST_SIGNATURES]
    if not any(hmac.compare_digest(w, g) for w in wanted for g in given):
        raise WebhookRejected("The signature is not one of ours.", code=UNKNOWN_SIGNATURE)
    if abs(int(now.timestamp()) - int(times[0])) > TOLERANCE_S:
        raise WebhookRejected("The message was signed more than five minutes from now.")


def read_event(body: bytes) -> Knock:
    """What a signed body is about; WebhookRejected when it is no event."""
    try:
        event = json.loads(body)
        about = event["data"]["object"]
        return Knock(
            event_id=_text(event["id"]),
            kind=_text(event["type"]),
            object_kind=_text(about["object"]),
            object_id=_text(about.get("id") or "none"),
            livemode=event["livemode"] is True,
            account=_text(event["account"]) if event.get("account") else "",
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise WebhookRejected("The message is signed, but it is no event.") from error


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.isascii() or not 0 < len(value) <= 200:
        raise ValueError("not a short text")
    return value
