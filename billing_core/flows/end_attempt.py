"""Make an open hosted payment unpayable before something else takes its place.

At most one payable object per charge: one that cannot be cancelled because it completed means
paid, and is recorded as that.
"""

from __future__ import annotations

from billing_core import gateway
from billing_core.flows.settle_attempt import record_seen, settle_attempt
from billing_core.records import attempts, db, keys
from billing_core.rules.charge_states import SETTLED
from billing_core.rules.nouns import Actor


def end_alive_attempt(charge_id: str, *, actor: Actor, key: str | None = None) -> None:
    """Cancel the attempt of a charge that is still alive at the gateway, if there is one."""
    with db.read_only() as connection:
        if key and keys.is_bound(connection, actor, key):
            return
        attempt = attempts.find_alive(connection, charge_id)
    if attempt is None:
        return
    settle_attempt(attempt.id)
    with db.read_only() as connection:
        attempt = attempts.get(connection, attempt.id)
    if attempt.outcome not in SETTLED and attempt.reference is not None:
        record_seen(attempt.id, gateway.current().cancel(attempt.reference))
