"""The outside in our words: payment gateways and the mail server. Foreign errors end here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from billing_core import settings
from billing_core.errors import NotAllowed
from billing_core.gateway import stripe_amounts
from billing_core.gateway.port import Disputing, Gateway, OutsideGateway, Refunding
from billing_core.gateway.sandbox import Sandbox

__all__ = [
    "Gateway",
    "Sandbox",
    "check_amount",
    "current",
    "disputing",
    "has_setup_page",
    "outside",
    "refunding",
    "sandbox",
    "using",
]

_chosen: ContextVar[Gateway | None] = ContextVar("countersign_gateway", default=None)


def current() -> Gateway:
    """The payment gateway of this installation."""
    chosen = _chosen.get()
    if chosen is not None:
        return chosen
    return outside() if settings.load().gateway == "stripe" else sandbox()


def outside() -> OutsideGateway:
    """The real gateway; NotAllowed while the sandbox is the one."""
    here = settings.load()
    if here.gateway != "stripe":
        sentence = "The sandbox is the gateway here; this needs Stripe."
        raise NotAllowed(sentence, code="GATEWAY_CANNOT")
    # loaded here: the SDK costs half a second, which the sandbox never needs
    from billing_core.gateway.stripe_gateway import StripeGateway

    secrets = tuple(s.strip() for s in here.stripe_webhook_secret.split(",") if s.strip())
    return StripeGateway(here.stripe_secret_key, address=here.stripe_api_base, secrets=secrets)


def has_setup_page() -> bool:
    """True when clients can store a payment method on a page of the gateway's."""
    return settings.load().gateway == "stripe"


def refunding() -> Refunding:
    """The gateway of this installation, for sending money back."""
    return outside() if settings.load().gateway == "stripe" else sandbox()


def disputing() -> Disputing:
    """The gateway of this installation, for what payers object to."""
    return outside() if settings.load().gateway == "stripe" else sandbox()


def check_amount(amount_minor: int, currency: str) -> None:
    """AmountRefused when this installation's gateway cannot take exactly this sum."""
    if settings.load().gateway == "stripe":
        stripe_amounts.to_stripe(amount_minor, currency)


def sandbox() -> Sandbox:
    """The sandbox, our fictional payment company, on its own file."""
    here = settings.load()
    return Sandbox(here.data_dir / "sandbox.db", here.pay_base)


@contextmanager
def using(gateway: Gateway) -> Iterator[None]:
    """Use ``gateway`` inside this context (another implementation of the port)."""
    token = _chosen.set(gateway)
    try:
        yield
    finally:
        _chosen.reset(token)
