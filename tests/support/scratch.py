"""Where a whole run keeps the books and folders of its tests: in memory, where there is plenty.

What a test commits still waits until the system says that it is kept; in memory that is at once.
No test cuts the power, and a process that is killed loses no more than it would on a disk. Run as
a module, it prints the folder for TMPDIR; ``make races`` and the benchmarks stay on the disk.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from pathlib import Path

_IN_MEMORY = Path("/dev/shm")
_ROOM = 4 << 30


def folder() -> str:
    """The folder that TMPDIR names, else one in memory with room, else the usual one."""
    roomy = _IN_MEMORY.is_dir() and os.access(_IN_MEMORY, os.W_OK | os.X_OK) and _roomy()
    return str(_IN_MEMORY) if roomy and "TMPDIR" not in os.environ else tempfile.gettempdir()


def _roomy() -> bool:
    """Room in that file system, and twice that in the machine, which needs some itself."""
    told = Path("/proc/meminfo").read_text(encoding="ascii").split()
    free = int(told[told.index("MemAvailable:") + 1]) * 1024
    return shutil.disk_usage(_IN_MEMORY).free >= _ROOM and free >= 2 * _ROOM


if __name__ == "__main__":
    sys.stdout.write(f"{folder()}\n")
