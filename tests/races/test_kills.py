"""kill -9 of servers, worker and operator amid everything: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path
from statistics import median

import pytest
from sqlalchemy import select

from billing_core import clock, jobs
from billing_core.records import db, tables
from tests import books
from tests.races import audit
from tests.races.counts import COUNTS
from tests.races.town import Told, Town

SEED = int(os.environ.get("RACES_SEED", "20261122"))
READY_WITHIN_S = 5.0


def test_killed_at_any_moment_loses_and_doubles_nothing(
    seeded: books.Seeded, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    luck, killed = random.Random(SEED), Counter[str]()
    town = Town(seeded, tmp_path, seed=SEED)
    try:
        while killed.total() < COUNTS.kills:
            alone = luck.random() < 0.8
            victims = (luck.choice(town.names),) if alone else town.names
            town.work_for(luck.uniform(0.0, 0.8))
            town.kill(*victims)
            killed.update(victims)
        told = town.finish()
    finally:
        town.close()
    _catch_up()
    _check(told)
    took = [seconds for _, seconds in town.ready_s]
    print(
        f"\n{request.node.name}: {killed.total()} kills {dict(killed)}, {len(told.fired)} fired, "
        f"{len(told.approved)} approved, {len(told.paid)} paid; ready again after "
        f"{median(took):.1f} s (median), {max(took):.1f} s (worst), load {os.getloadavg()[0]:.1f}"
    )
    # a machine that others use as well is slower by as much
    slower = max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))
    assert median(took) < READY_WITHIN_S * slower


def _catch_up() -> None:
    """What killed workers still hold falls due, and is done."""
    with clock.driven(clock.now() + timedelta(minutes=5)):
        jobs.drain()


def _check(told: Told) -> None:
    assert told.troubles == []
    rows = {row.description: row for row in audit.charges()}
    assert len(rows) == len(audit.charges()), "an order was fired twice"
    for number, charge_id in told.fired.items():
        assert rows[f"Order {number}"].id == charge_id, "a fire that was acknowledged is not there"
    approved = audit.streams_with("charge.approved")
    for number in told.approved:
        assert told.fired[number] in approved, "an acknowledged approval is not there"
    for number in told.paid:
        audit.check_paid(told.fired[number])
    audit.check_books()
    assert audit.dead_jobs() == []
    _check_mails()


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
