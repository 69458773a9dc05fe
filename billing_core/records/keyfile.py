"""The installation's secret: given in the environment, or made on first start beside SQLite."""

from __future__ import annotations

import os
from functools import lru_cache
from pathlib import Path

from billing_core import ids, settings
from billing_core.errors import SettingsWrong
from billing_core.records import new_files, turns

NAME = "secret.key"


def secret_key() -> str:
    """The secret from which link tokens, nonces and codes derive (file mode 0600)."""
    here = settings.load()
    return here.secret_key or _read(here.data_dir / NAME)


@lru_cache(maxsize=4)
def _read(path: Path) -> str:
    if not path.exists():
        _make(path)
    secret = path.read_text().strip()
    if not secret:
        # reserved by another process this moment, where names cannot be linked: it fills it next
        with turns.of_folder(path.parent):
            secret = path.read_text().strip()
    if len(secret) < settings.SHORTEST_SECRET:
        raise SettingsWrong(f"The key file {path} is damaged. Put it back from a backup.")
    return secret


def _make(path: Path) -> None:
    """Written aside, then named: three processes may start at once."""
    aside = path.with_name(f".{ids.new_id('key')}")
    handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(ids.new_secret())
        file.flush()
        os.fsync(file.fileno())
    try:
        with turns.of_folder(path.parent):
            new_files.name_finally(aside, path)
    except FileExistsError:
        aside.unlink()
