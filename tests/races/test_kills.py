"""kill -9 of servers, worker and operator amid everything: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import random
from collections import Counter
from pathlib import Path
from statistics import median

from tests import books
from tests.races import reckoning
from tests.races.counts import COUNTS, slowdown
from tests.races.figures import tell
from tests.races.town import Town

SEED = int(os.environ.get("RACES_SEED", "20261122"))
READY_WITHIN_S = 5.0


def test_killed_at_any_moment_loses_and_doubles_nothing(
    seeded: books.Seeded, tmp_path: Path, database: str
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
    reckoning.check_town(told)
    took = [seconds for _, seconds in town.ready_s]
    kind = database.partition(":")[0].partition("+")[0]
    tell(
        f"kill -9, {kind}: {killed.total()} kills {dict(killed)}, {len(told.fired)} fired, "
        f"{len(told.approved)} approved, {len(told.paid)} paid; ready again after "
        f"{median(took):.1f} s (median), {max(took):.1f} s (worst), 0 lost, 0 doubled"
    )
    assert median(took) < READY_WITHIN_S * slowdown()
