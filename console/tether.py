"""A child's line to the process that started it: when that one dies, however it dies, so does this.

Lives in children of `countersign up`. Never imports anything of the business.
"""

from __future__ import annotations

import os
import signal
import sys
import threading

_GRACE_S = 8.0


def hold_on() -> None:
    """Watch standard input, a pipe whose other end only the parent holds; stop when it closes.

    Works for kill -9 too, and on every Unix: the system closes a dead process's pipes.
    """
    threading.Thread(target=_watch, name="tether", daemon=True).start()


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    # the deadline comes first: the polite signal may end this very thread's process
    last_word = threading.Timer(_GRACE_S, os._exit, args=(1,))
    last_word.daemon = True
    last_word.start()
    os.kill(os.getpid(), signal.SIGTERM)
