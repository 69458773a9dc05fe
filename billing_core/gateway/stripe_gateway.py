"""Stripe behind the port: payments through one account of the agency's own.

Source of what is promised here: Stripe's API reference at the version that ``stripe_client`` pins.
Amounts go through ``stripe_amounts``, answers through ``stripe_reading``, errors through
``stripe_client.asking``.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from billing_core import clock
from billing_core.errors import AmountRefused, Declined, FieldsRefused, Misused
from billing_core.gateway import stripe_client, stripe_reading, stripe_signature
from billing_core.gateway.port import Account, Knock, Order, Seen
from billing_core.gateway.stripe_amounts import to_stripe
from billing_core.gateway.stripe_client import asking
from billing_core.gateway.stripe_vault import StripeVault
from billing_core.rules.nouns import Line, PaymentMethod

#: Stripe forgets a key after 24 hours; from here on we only look for what it made.
KEY_LIFE = timedelta(hours=20)
SESSION_LIFE = timedelta(hours=23)
NEVER_ARRIVED = "The payment never reached our payment provider."
WITHDRAWN = "Withdrawn before it was sent"
_LONGEST_NAME, _LONGEST_SUFFIX = 250, 22
_PAYABLE = ("requires_action", "processing")
#: Off session nobody can follow a redirect, so there is nowhere to come back to; said in full,
#: because Stripe otherwise wants a way back for every method that the account's dashboard allows.
_NOBODY_THERE = {
    "off_session": True,
    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
}


class StripeGateway(StripeVault):
    """The real gateway. ``secrets`` are the webhook's, more than one while they are rotated."""

    name = "stripe"

    def __init__(
        self,
        key: str,
        *,
        address: str = "",
        secrets: tuple[str, ...] = (),
        answer_s: float = stripe_client.ANSWER_S,
    ) -> None:
        self._key, self._address, self._secrets, self._answer_s = key, address, secrets, answer_s

    def open_checkout(self, order: Order, key: str) -> Seen:
        """A Checkout Session for ``order``, open for 23 hours from the attempt's beginning."""
        if self._is_old(order):
            return self._found_or_gone(order)
        begun = order.first_asked_at or clock.now()
        amount = _amount(order)
        name = order.description[:_LONGEST_NAME]
        price = {"currency": order.currency.lower(), "unit_amount": amount,
                 "product_data": {"name": name}}  # fmt: skip
        inner = {"metadata": order.metadata, "description": self._text_of(order)}
        params: Any = {
            "mode": "payment",
            "line_items": [{"price_data": price, "quantity": 1}],
            "payment_intent_data": inner | _suffix(order.statement),
            "success_url": order.return_url,
            "cancel_url": order.return_url,
            "client_reference_id": order.metadata.get("charge_id", ""),
            "metadata": order.metadata,
            # what the client approved is what is charged: no conversion on Stripe's page
            "adaptive_pricing": {"enabled": False},
            "expires_at": int((begun + SESSION_LIFE).timestamp()),
            "expand": stripe_reading.WITH_SESSION,
        } | ({"customer": order.gateway_customer} if order.gateway_customer else
             {"customer_email": order.email} if order.email else {})  # fmt: skip
        with asking():
            return stripe_reading.session(self._sessions.create(params, {"idempotency_key": key}))

    def charge_saved(self, order: Order, key: str) -> Seen:
        """Charge the stored method in one call; a declined card is an answer, not an error."""
        import stripe

        if self._is_old(order):
            return self._found_or_gone(order)
        params: Any = {
            "amount": _amount(order),
            "currency": order.currency.lower(),
            "customer": order.gateway_customer or "",
            "payment_method": order.method or "",
            "confirm": True,
            "description": self._text_of(order),
            "metadata": order.metadata,
            "expand": stripe_reading.WITH_INTENT,
        } | _suffix(order.statement)
        params |= _NOBODY_THERE if order.off_session else {"return_url": order.return_url}
        try:
            with asking():
                made = self._intents.create(params, {"idempotency_key": key})
        except Declined as declined:
            cause = declined.__cause__
            held = cause.error if isinstance(cause, stripe.CardError) else None
            inside = getattr(held, "payment_intent", None)
            if inside is None:
                # declined before there was anything to decline
                return Seen("", "declined", order.amount_minor, order.currency,
                            problem=declined.sentence)  # fmt: skip
            return self.read(inside.id)
        return stripe_reading.intent(made)

    def read(self, reference: str) -> Seen:
        """The session or payment intent as it is now."""
        with asking():
            if reference.startswith("cs_"):
                with_it: Any = {"expand": stripe_reading.WITH_SESSION}
                return stripe_reading.session(self._sessions.retrieve(reference, with_it))
            with_it = {"expand": stripe_reading.WITH_INTENT}
            return stripe_reading.intent(self._intents.retrieve(reference, with_it))

    def cancel(self, reference: str) -> Seen:
        """Expire the session, or cancel the intent; what is paid already stays paid."""
        try:
            with asking():
                if reference.startswith("cs_"):
                    self._sessions.expire(reference)
                else:
                    self._intents.cancel(reference)
        except Misused:
            # it has ended already: reading says how
            pass
        return self.read(reference)

    def withdraw(self, order: Order, key: str) -> Seen:
        """Cancel what ``key`` made, or use the key up, so that no call on its way can use it.

        What uses it up is an intent without a method: nobody can pay it, and it is cancelled.
        """
        if not self._is_old(order):
            params: Any = {"amount": _amount(order), "currency": order.currency.lower(),
                           "metadata": order.metadata, "description": WITHDRAWN}  # fmt: skip
            try:
                with asking():
                    empty = self._intents.create(params, {"idempotency_key": key})
                return self.cancel(empty.id)
            except Misused:
                # the key was used before, or nothing can be made at all: looking tells which
                pass
        found = self._found_or_gone(order)
        return self.cancel(found.reference) if found.outcome in _PAYABLE else found

    def save_method(self, customer: str, token: str) -> PaymentMethod:
        """Nobody but the client hands Stripe a method: always FieldsRefused."""
        raise FieldsRefused(
            {"payment_method": "With Stripe, the client stores a method: send a set-up link."}
        )

    def hear(self, body: bytes, signature: str) -> Knock:
        """What a webhook is about; WebhookRejected when it is forged, stale or of another mode."""
        stripe_signature.check_signature(body, signature, self._secrets, clock.now())
        return stripe_signature.read_event(body)

    @property
    def is_live(self) -> bool:
        """True when the key moves real money."""
        return "_live_" in self._key

    def account(self) -> Account:
        """Our account, and why it cannot charge."""
        with asking():
            found: Any = self._v1.accounts.retrieve_current()
        profile, required = found.business_profile, found.requirements
        reason = getattr(required, "disabled_reason", None) if required else None
        problem = "" if found.charges_enabled else _cannot_charge(reason)
        name = getattr(profile, "name", None) if profile else None
        return Account(
            found.id, str(name or ""), str(found.country or ""), self.is_live,
            bool(found.charges_enabled), problem,
        )  # fmt: skip

    def recent_payments(self, since: datetime) -> Iterable[Seen]:
        """Sessions and payment intents of ours begun since then, newest first."""
        yield from map(stripe_reading.session, self._listed(self._sessions, since,
                       stripe_reading.WITH_SESSION, mode="payment"))  # fmt: skip
        yield from map(stripe_reading.intent, self._listed(self._intents, since,
                       stripe_reading.WITH_INTENT))  # fmt: skip

    def recent_lines(self, since: datetime) -> Iterable[Line]:
        """Balance transactions since then."""
        found = self._listed(self._v1.balance_transactions, since, ["source"])
        return map(stripe_reading.line, found)

    def _is_old(self, order: Order) -> bool:
        begun = order.first_asked_at
        return begun is not None and clock.now() - begun > KEY_LIFE

    def _found_or_gone(self, order: Order) -> Seen:
        """The key is too old to be used: look for what it made, and make nothing."""
        begun = order.first_asked_at or clock.now()
        wanted = order.metadata["attempt_id"]
        for seen in self.recent_payments(begun - timedelta(minutes=10)):
            if seen.metadata.get("attempt_id") == wanted:
                return seen
        return Seen("", "cancelled", order.amount_minor, order.currency, problem=NEVER_ARRIVED)

    def _text_of(self, order: Order) -> str:
        number = order.metadata.get("invoice_number", "")
        return f"{number} {order.description}".strip()[:1000]


def _amount(order: Order) -> int:
    try:
        return to_stripe(order.amount_minor, order.currency)
    except AmountRefused as refused:
        # fired before Stripe was the gateway: this attempt can only end
        raise Misused(refused.sentence, code=refused.code) from refused


def _suffix(statement: str) -> dict[str, str]:
    """What Stripe takes behind the account's own name on a bank statement; nothing is fine too."""
    plain = unicodedata.normalize("NFKD", statement).encode("ascii", "ignore").decode()
    cut = re.sub(r"[^A-Za-z0-9 .&/-]+", " ", plain).strip()[:_LONGEST_SUFFIX].strip()
    return {"statement_descriptor_suffix": cut} if re.search("[A-Za-z]", cut) else {}


def _cannot_charge(reason: object) -> str:
    why = f" ({reason})" if reason else ""
    return (
        f"Stripe does not let this account charge yet{why}. Open the Stripe dashboard, finish what "
        "it asks for, then try again: nothing is lost meanwhile."
    )
