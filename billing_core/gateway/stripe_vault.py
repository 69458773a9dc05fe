"""The part of the Stripe gateway that is not a payment: customers, methods, refunds, disputes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from billing_core.errors import Declined, Misused
from billing_core.gateway import stripe_client, stripe_reading
from billing_core.gateway.port import KEY_REUSED, SeenDispute, SeenRefund, SeenSetup
from billing_core.gateway.stripe_amounts import to_stripe
from billing_core.gateway.stripe_client import asking

_PAGE, _MOST = 100, 10_000
_WITH_SETUP = ["setup_intent.payment_method"]
_WITH_REFUND = ["balance_transaction", "failure_balance_transaction"]
_REASONS = ("duplicate", "fraudulent", "requested_by_customer")


class StripeVault:
    """What is kept at Stripe, and what goes back or is taken back."""

    _key: str
    _address: str
    _answer_s: float

    @property
    def _v1(self) -> Any:
        # the SDK's parameters are typed more closely than our plain dictionaries
        return stripe_client.client(self._key, self._address, self._answer_s).v1

    @property
    def _sessions(self) -> Any:
        return self._v1.checkout.sessions

    @property
    def _intents(self) -> Any:
        return self._v1.payment_intents

    def ensure_customer(self, customer: str, *, name: str, email: str, key: str) -> str:
        """Stripe's customer for ours; the same key gives the same one."""
        params = {"name": name, "email": email, "metadata": {"customer_id": customer}}
        with asking():
            return str(self._v1.customers.create(params, {"idempotency_key": key}).id)

    def open_setup(
        self, gateway_customer: str, *, customer: str, return_url: str, back_url: str, key: str
    ) -> SeenSetup:
        """A Checkout Session in setup mode, open for a day."""
        known = {"customer_id": customer}
        params = {
            "mode": "setup",
            "customer": gateway_customer,
            "payment_method_types": ["card"],
            "success_url": return_url,
            "cancel_url": back_url,
            "client_reference_id": customer,
            "metadata": known,
            "setup_intent_data": {"metadata": known},
            "expand": _WITH_SETUP,
        }
        with asking():
            return stripe_reading.setup(self._sessions.create(params, {"idempotency_key": key}))

    def read_setup(self, reference: str) -> SeenSetup:
        """The set-up as it is now."""
        with asking():
            found = self._sessions.retrieve(reference, {"expand": _WITH_SETUP})
        return stripe_reading.setup(found)

    def detach_method(self, method: str) -> None:
        """Forget a stored method; one that is gone already is fine."""
        try:
            with asking():
                self._v1.payment_methods.detach(method)
        except Misused:
            pass

    def refund(
        self,
        payment_reference: str,
        *,
        amount_minor: int,
        currency: str,
        reason: str,
        metadata: dict[str, str],
        key: str,
    ) -> SeenRefund:
        """Send money back; Declined when Stripe refuses for good."""
        params: dict[str, Any] = {
            "payment_intent": payment_reference,
            "amount": to_stripe(amount_minor, currency),
            "metadata": metadata,
            "expand": _WITH_REFUND,
        } | ({"reason": reason} if reason in _REASONS else {})
        try:
            with asking():
                made = self._v1.refunds.create(params, {"idempotency_key": key})
        except Misused as refused:
            if refused.code == KEY_REUSED:
                # this says nothing of the refund that the key was first used for
                raise
            raise Declined(refused.sentence, code=refused.code) from refused
        return stripe_reading.refund(made)

    def read_refund(self, reference: str) -> SeenRefund:
        """The refund as it is now."""
        with asking():
            found = self._v1.refunds.retrieve(reference, {"expand": _WITH_REFUND})
        return stripe_reading.refund(found)

    def read_dispute(self, reference: str) -> SeenDispute:
        """The dispute as it is now."""
        with asking():
            return stripe_reading.dispute(self._v1.disputes.retrieve(reference))

    def recent_refunds(self, since: datetime) -> Iterable[SeenRefund]:
        """Refunds made since then, by us or on Stripe's dashboard."""
        return map(stripe_reading.refund, self._listed(self._v1.refunds, since, _WITH_REFUND))

    def recent_disputes(self, since: datetime) -> Iterable[SeenDispute]:
        """Disputes opened since then."""
        return map(stripe_reading.dispute, self._listed(self._v1.disputes, since, []))

    def _listed(
        self, service: Any, since: datetime, expand: list[str], **more: str
    ) -> Iterator[Any]:
        """Everything of a list since then, page by page, up to a bound."""
        params: dict[str, Any] = {"limit": _PAGE, "created": {"gte": int(since.timestamp())}}
        if expand:
            params["expand"] = [f"data.{path}" for path in expand]
        with asking():
            for found in islice(service.list(params).auto_paging_iter(), _MOST):
                if not more or all(getattr(found, n) == v for n, v in more.items()):
                    yield found
