"""Reconcile now: a worker goes through the gateway's books at once; whoever asked may leave."""

from __future__ import annotations

from billing_core import clock, ids
from billing_core.records import db, reconciliations, work
from billing_core.records.patience import repeatably


@repeatably
def ask_reconcile() -> None:
    """Have a round begin now, unless one is asked for or under way."""
    with db.begin() as connection:
        latest = reconciliations.latest(connection)
        if work.is_waiting(connection, "reconcile_now"):
            return
        if latest is not None and reconciliations.is_under_way(latest, clock.now()):
            return
        work.enqueue(connection, "reconcile_now", f"reconcile_now:{ids.new_id('n')}", {})
