"""The settlement sweep: every attempt that is still open is looked at again, whatever hint got
lost. The second way to the same fact, beside each attempt's own job.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from billing_core import clock
from billing_core.errors import GatewayError, Refused
from billing_core.flows.end_attempt import end_alive_attempt
from billing_core.flows.settle_attempt import settle_attempt
from billing_core.records import attempts, customers, db, keys
from billing_core.rules.charge_states import SETTLED
from billing_core.rules.nouns import SYSTEM

log = logging.getLogger("countersign.sweep")
OLDER_THAN = timedelta(seconds=90)
AT_ONCE = 200


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
    charge = settle_attempt(attempt_id)
    with db.read_only() as connection:
        standing = customers.get(connection, charge.customer_id).standing
    if standing == "suspended":
        # the gateway may have been silent when the customer was suspended
        end_alive_attempt(charge.id, actor=SYSTEM)


def is_settled(attempt_id: str) -> bool:
    """True when nothing more is expected of this attempt."""
    with db.read_only() as connection:
        return attempts.get(connection, attempt_id).outcome in SETTLED


def forget_old_keys() -> None:
    """Drop idempotency keys past their seven days."""
    with db.begin() as connection:
        keys.forget_old(connection)
