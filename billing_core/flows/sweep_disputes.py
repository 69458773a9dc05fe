"""The sandbox's disputes that nobody rang about: a browser that never came back rings no doorbell.

Of a real gateway's disputes its messages tell, and ``reconcile``.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from billing_core import clock, gateway
from billing_core.errors import NotFound
from billing_core.flows.take_dispute import record_dispute
from billing_core.gateway.port import SeenDispute
from billing_core.records import db, disputes
from billing_core.rules.disputes import status_after

BACK = timedelta(days=30)


def sweep_disputes() -> int:
    """Take in what is new of the sandbox's disputes; returns how many were."""
    if gateway.current().name != gateway.Sandbox.name:
        return 0
    recent = gateway.disputing().recent_disputes(clock.now() - BACK)
    with db.read_only() as connection:
        news = [seen for seen in recent if _is_news(connection, seen)]
    for seen in news:
        try:
            record_dispute(seen)
        except NotFound:
            # its payment is not in the books yet: the next round finds both
            continue
    return len(news)


def _is_news(connection: Connection, seen: SeenDispute) -> bool:
    known = disputes.find_by_reference(connection, seen.reference)
    return known is None or status_after(known.status, seen.status) != known.status
