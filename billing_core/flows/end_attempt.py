"""Make an open hosted payment unpayable before something else takes its place.

At most one payable object per charge: one that cannot be cancelled because it completed means
paid, and is recorded as that.
"""

from __future__ import annotations

from billing_core import gateway
from billing_core.flows.settle_attempt import record_seen
from billing_core.flows.start_attempt import order_of
from billing_core.records import attempts, db, keys
from billing_core.rules.nouns import Actor


def end_alive_attempt(charge_id: str, *, actor: Actor, key: str | None = None) -> None:
    """Cancel the attempt of a charge that is still alive at the gateway, if there is one.

    One that was never sent, or whose answer got lost, is not sent now only to be taken back: the
    gateway is told to make nothing of it.
    """
    with db.read_only() as connection:
        if key and keys.is_bound(connection, actor, key):
            return
        attempt = attempts.find_alive(connection, charge_id)
        if attempt is None:
            return
        order = order_of(connection, attempt)
    outside = gateway.current()
    if attempt.reference is None:
        seen = outside.withdraw(order, attempt.idempotency_key)
    else:
        seen = outside.cancel(attempt.reference)
    record_seen(attempt.id, seen)
