"""The outside in our words: payment gateways and the mail server. Foreign errors end here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from billing_core import settings
from billing_core.gateway.port import Gateway
from billing_core.gateway.sandbox import Sandbox

__all__ = ["Gateway", "Sandbox", "current", "sandbox", "using"]

_chosen: ContextVar[Gateway | None] = ContextVar("countersign_gateway", default=None)


def current() -> Gateway:
    """The payment gateway of this installation."""
    return _chosen.get() or sandbox()


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
