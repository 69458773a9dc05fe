"""What ``doctor`` says of a real gateway: key, account, messages, books; each with its cure.

Asks the gateway once and changes nothing.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from billing_core import clock, gateway
from billing_core.errors import BillingError
from billing_core.flows.examine_settings import BAD, OK, WARN, Finding
from billing_core.records import concerns, db, messages, reconciliations
from billing_core.settings import Settings

_STALE = timedelta(hours=1)
_HOOK = (
    "In the Stripe dashboard (Developers, Webhooks) send events to {url} and set its signing "
    "secret as COUNTERSIGN_STRIPE_WEBHOOK_SECRET."
)


def examine_gateway(here: Settings) -> list[Finding]:
    """Nothing for the sandbox; for Stripe its address, our account, messages and books."""
    if here.gateway != "stripe":
        return []
    found = [*_address(here), _account()]
    # that the books cannot be read is said elsewhere
    with suppress(BillingError, db.SQLAlchemyError, OSError):
        found += [_messages(here), *_books()]
    return found


def _address(here: Settings) -> list[Finding]:
    if not here.stripe_api_base:
        return []
    said = f"Requests go to {here.stripe_api_base}, not to Stripe: a stand-in moves no money."
    return [Finding("stripe address", WARN, said, "Remove STRIPE_API_BASE to reach Stripe itself.")]


def _account() -> Finding:
    name = "stripe account"
    try:
        account = gateway.outside().account()
    except BillingError as error:
        cure = "Copy the secret key again, or wait and look once more."
        return Finding(name, BAD, error.sentence, cure)
    if account.problem:
        cure = "Finish what the Stripe dashboard asks for."
        return Finding(name, BAD, account.problem, cure)
    shown = f"{account.name or account.id} ({account.country})"
    if not account.is_live:
        said = f"{shown} answers, in test mode: no real money moves."
        return Finding(name, WARN, said, "For real money set a live STRIPE_SECRET_KEY.")
    return Finding(name, OK, f"{shown} answers and may charge.")


def _messages(here: Settings) -> Finding:
    name, cure = "stripe webhooks", _HOOK.format(url=f"{here.pay_base}/stripe/webhook")
    if not here.stripe_webhook_secret:
        said = "No webhook secret is set: payments are noticed by asking, up to minutes late."
        return Finding(name, WARN, said, cure)
    with db.read_only() as connection:
        wrong = concerns.find(connection, "webhook_secret", "signature")
        last = messages.latest_at(connection)
    if wrong is not None:
        return Finding(name, BAD, wrong.sentence, cure)
    if last is None:
        return Finding(name, WARN, "No message of Stripe's has come yet.", cure)
    return Finding(name, OK, f"The last message came at {last:%Y-%m-%d %H:%M} UTC.")


def _books() -> list[Finding]:
    name = "stripe books"
    with db.read_only() as connection:
        last = reconciliations.latest(connection)
        told = concerns.open_ones(connection, 20)
    said = [concern.sentence for concern in told if concern.kind != "webhook_secret"]
    found = [Finding("stripe, to look at", WARN, s, "See Operations.") for s in said]
    if last is None or clock.now() - last.started_at > _STALE:
        sentence = "Our books and Stripe's were not compared within the last hour."
        return [Finding(name, WARN, sentence, "countersign reconcile"), *found]
    if last.problem:
        return [Finding(name, BAD, last.problem, "countersign reconcile"), *found]
    result = last.result or {}
    if result.get("differences") != result.get("waiting"):
        sentence = f"Our books and Stripe's differ: {result.get('differences')} in minor units."
        return [Finding(name, BAD, sentence, "countersign reconcile"), *found]
    return [Finding(name, OK, "Our books and Stripe's agree."), *found]
