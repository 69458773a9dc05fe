"""The settlement sweep: every attempt that is still open is looked at again, whatever hint got
lost. The second way to the same fact, beside each attempt's own job.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from billing_core import clock, gateway
from billing_core.errors import GatewayError, Refused
from billing_core.flows.end_attempt import end_alive_attempt
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.records import attempts, charges, customers, db, keys
from billing_core.rules.charge_states import SETTLED
from billing_core.rules.nouns import SYSTEM, Attempt

log = logging.getLogger("countersign.sweep")
OLDER_THAN = timedelta(seconds=90)
AT_ONCE = 200
#: An attempt that waits for people is asked about seldom once it is this old.
RESTS_AFTER, RESTING = timedelta(minutes=15), timedelta(hours=1)


def sweep_attempts() -> int:
    """Bring attempts up to date that have been open for a while; returns how many were asked."""
    with db.read_only() as connection:
        waiting = attempts.alive_before(connection, clock.now() - OLDER_THAN, AT_ONCE)
    for attempt_id in waiting:
        try:
            _bring_up_to_date(attempt_id)
        except (GatewayError, Refused) as error:
            # one that cannot be asked about must not hide the others
            log.warning("attempt %s is not settled: %s", attempt_id, error.sentence)
    return len(waiting)


def _bring_up_to_date(attempt_id: str) -> None:
    with db.read_only() as connection:
        attempt = attempts.get(connection, attempt_id)
        charge = charges.get(connection, attempt.charge_id)
        suspended = customers.get(connection, charge.customer_id).standing == "suspended"
    if suspended and charge.state == "approved":
        # the gateway may have been silent when the customer was suspended
        end_alive_attempt(charge.id, actor=SYSTEM)
    elif not is_resting(attempt):
        settle_attempt(attempt_id)


def is_resting(attempt: Attempt) -> bool:
    """True while an attempt only waits for its client, or for days for a bank.

    A real gateway tells when that changes, and ``reconcile`` asks every quarter of an hour; asking
    more often would only use up what the gateway allows us to ask.
    """
    waits = attempt.outcome in ("requires_action", "processing")
    old = clock.now() - attempt.started_at > RESTS_AFTER
    return waits and old and attempt.gateway != gateway.Sandbox.name


def next_look(attempt_id: str, usual: timedelta) -> timedelta | None:
    """When to ask about an attempt again; None when nothing more is expected of it."""
    with db.read_only() as connection:
        attempt = attempts.get(connection, attempt_id)
    if attempt.outcome in SETTLED:
        return None
    return RESTING if is_resting(attempt) else usual


def forget_old_keys() -> None:
    """Drop idempotency keys past their seven days."""
    with db.begin() as connection:
        keys.forget_old(connection)
