"""`make bench`: every benchmark, smallest work first, one JSON line a measure."""

from __future__ import annotations

import logging
import sys

from tests.benchmarks import console, postgres, reading, serving, writing


def main() -> int:
    """Print the lines; 0 whatever they say, since a noisy machine is no failure of ours."""
    logging.disable(logging.WARNING)
    for room in (writing, postgres, console, serving, reading):
        for measure in room.measures():
            measure.say()
    return 0


if __name__ == "__main__":
    sys.exit(main())
