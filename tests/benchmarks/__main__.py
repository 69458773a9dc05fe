"""`make bench`: every benchmark, smallest work first, one JSON line a measure.

`make bench-large`: what grows with the books, at a million charges; LARGE=10000000 for more.
"""

from __future__ import annotations

import logging
import sys

from tests.benchmarks import console, exporting, postgres, reading, serving, writing


def main() -> int:
    """Print the lines; 0 whatever they say, since a noisy machine is no failure of ours."""
    logging.disable(logging.WARNING)
    if sys.argv[1:]:
        for measure in reading.measures(int(sys.argv[1])):
            measure.say()
        return 0
    for room in (writing, postgres, console, serving, reading, exporting):
        for measure in room.measures():
            measure.say()
    return 0


if __name__ == "__main__":
    sys.exit(main())
