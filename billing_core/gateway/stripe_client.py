"""The one client of Stripe's SDK, and the one place where its errors become ours.

The SDK is loaded only when somebody asks for Stripe. Its client is safe to share between threads.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from billing_core.errors import Declined, Down, Misused
from billing_core.gateway.port import KEY_REUSED

if TYPE_CHECKING:
    import stripe

log = logging.getLogger("countersign.stripe")

#: The version of Stripe's API that this code was written for; an upgrade is a change here.
API_VERSION = "2026-10-28.endive"
CONNECT_S, ANSWER_S = 3.05, 10.0
#: Repeated by the SDK with the same key; what is longer down is the worker's business.
RETRIES = 1
KEY_REFUSED, MISSING = "GATEWAY_KEY_REFUSED", "GATEWAY_MISSING"
_POOLS: list[Any] = []
_KEY_SENTENCE = (
    "Stripe refuses the secret key. Copy it again from the Stripe dashboard (Developers, API keys) "
    "to COUNTERSIGN_STRIPE_SECRET_KEY and restart. Nothing is lost meanwhile."
)
_REUSED = "The same idempotency key came to Stripe with other values."
_MAY_NOT = (
    "Stripe's key may not do this. Use the secret key, or give the restricted key the right to "
    "write payments, refunds, customers and checkout sessions, and to read disputes, balance "
    "transactions and the account."
)


@lru_cache(maxsize=8)
def client(key: str, address: str, answer_s: float = ANSWER_S) -> stripe.StripeClient:
    """The client for one key; ``address`` is another base of the API, "" for Stripe's own."""
    import stripe

    stripe.enable_telemetry = False
    # at finer levels the SDK writes down what it sends, and that holds the client's way back (I14)
    logging.getLogger("stripe").setLevel(logging.WARNING)
    elsewhere: Any = {"api": address, "files": address} if address else None
    # one pool of connections for all threads: by default every thread would open its own
    pool = stripe.RequestsClient().requests.Session()
    _POOLS.append(pool)
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        base_addresses=elsewhere,
        http_client=stripe.RequestsClient(timeout=(CONNECT_S, answer_s), session=pool),
        max_network_retries=RETRIES,
    )


def forget() -> None:
    """Close every connection to Stripe; the next question opens new ones."""
    client.cache_clear()
    while _POOLS:
        _POOLS.pop().close()


@contextmanager
def asking() -> Iterator[None]:
    """One question to Stripe: its errors leave as Down, Declined or Misused.

    A refused key is Down, not Misused: nothing was done, and the same call succeeds once the key
    is right.
    """
    import stripe

    try:
        yield
    except stripe.CardError as error:
        raise Declined(_said(error), code=str(error.code or "CHARGE_DECLINED")) from error
    except stripe.AuthenticationError as error:
        raise Down(_KEY_SENTENCE, code=KEY_REFUSED) from error
    except stripe.PermissionError as error:
        raise Down(_MAY_NOT, code=KEY_REFUSED) from error
    except stripe.IdempotencyError as error:
        if error.http_status == 409:
            raise Down("Stripe is still working on this very request.") from error
        raise Misused(_REUSED, code=KEY_REUSED) from error
    except stripe.InvalidRequestError as error:
        if error.http_status == 409:
            raise Down("Stripe is working on this object at this moment.") from error
        if error.code == "resource_missing":
            raise Misused(_missing(error), code=MISSING) from error
        log.warning("Stripe refused a request: %s (%s)", error.user_message, error.code)
        raise Misused(_said(error), code=str(error.code or "GATEWAY_MISUSED")) from error
    except stripe.StripeError as error:
        # no answer, a 5xx, too many requests: whether it acted is unknown
        raise Down("Stripe does not answer just now.") from error


def _said(error: stripe.StripeError) -> str:
    return str(error.user_message or "Stripe refused, and did not say why.")[:500]


def _missing(error: stripe.StripeError) -> str:
    said = _said(error)
    if "mode key was used" in said:
        return (
            "This object is in Stripe's other mode: test and live keys are mixed up. "
            "Set the key of the mode in which the payment was made."
        )
    return "Stripe has no such object under this key."
