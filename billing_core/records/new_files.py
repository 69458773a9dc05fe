"""Giving a finished file its name: never over another one, and durable. No content is made here."""

from __future__ import annotations

import os
from pathlib import Path


def name_finally(aside: Path, file: Path) -> None:
    """Rename ``aside`` to ``file`` in the same folder. FileExistsError when the name is taken."""
    try:
        os.link(aside, file)
    except FileExistsError:
        raise
    except OSError:
        # a filesystem without hard links (USB sticks, some network drives): first to reserve wins
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        aside.replace(file)
    else:
        aside.unlink()
    keep_names(file.parent)


def keep_names(folder: Path) -> None:
    """New names outlive a power failure only once their folder is written."""
    if os.name != "posix":
        return  # Windows opens no folders, and needs none of this
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
