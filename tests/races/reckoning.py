"""After the storm: is everything there that anybody in town was told, once, and nothing else?"""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

from sqlalchemy import select

from billing_core import clock, jobs
from billing_core.records import db, tables
from tests.races import audit
from tests.races.town import Told


def check_town(told: Told, *, allowed: frozenset[int] = frozenset()) -> None:
    """Let what is left over fall due, then ask the books; ``allowed`` are statuses of failure."""
    with clock.driven(clock.now() + timedelta(minutes=5)):
        # leases that killed workers hold have run out by then
        jobs.drain()
    assert told.troubles == []
    assert set(told.failures) <= allowed, told.failures
    _check_told(told)
    audit.check_books()
    assert audit.dead_jobs() == []
    _check_mails()


def _check_told(told: Told) -> None:
    rows = {row.description: row for row in audit.charges()}
    assert len(rows) == len(audit.charges()), "an order was fired twice"
    for number, charge_id in told.fired.items():
        assert rows[f"Order {number}"].id == charge_id, "a fire that was acknowledged is not there"
    approved = audit.streams_with("charge.approved")
    for number in told.approved:
        assert told.fired[number] in approved, "an acknowledged approval is not there"
    for number in told.paid:
        audit.check_paid(told.fired[number])


def _check_mails() -> None:
    """Each charge's invoice was mailed once, each payment's receipt once, and none waits."""
    mails = tables.mails
    with db.read_only() as connection:
        rows = list(connection.execute(select(mails.c.charge_id, mails.c.kind, mails.c.state)))
    assert {row.state for row in rows} <= {"kept", "sent"}
    counted = Counter((row.charge_id, row.kind) for row in rows)
    for row in audit.charges():
        assert counted[row.id, "invoice"] == 1
        assert counted[row.id, "receipt"] == (row.state == "captured")
