"""Which tests must share a worker: what is made once for them, or must not run side by side.

xdist's own groups say nothing under this pytest, so the groups are named here, by place.
"""

from __future__ import annotations

from xdist.scheduler import LoadScopeScheduling

#: Beginning of a test's name → the group whose tests run in one worker, one after another.
GROUPS = {
    "tests/demo/": "demo",  # two years of an agency are made once
    "tests/test_house.py": "house",  # every source is parsed once
    "tests/console/test_launch.py": "processes",
    "tests/races/": "processes",  # many processes each: two at once would measure each other
    "tests/cli/test_backup_busy.py": "processes",
    "tests/journeys/": "processes",
}


class Sharing(LoadScopeScheduling):  # type: ignore[misc]
    """Every test on its own goes to whoever is free, but groups stay together."""

    def _split_scope(self, nodeid: str) -> str:
        found = [group for place, group in GROUPS.items() if nodeid.startswith(place)]
        return found[0] if found else nodeid
