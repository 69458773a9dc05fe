"""Installations for tests that need more than one: each its own database, data folder and key."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from billing_core import settings
from billing_core.records import db
from tests.cli.shell import environment


@dataclass(frozen=True)
class Place:
    """One installation. ``url`` "" is SQLite in the data folder, ``secret`` "" a key file there."""

    data_dir: Path
    url: str = ""
    secret: str = ""

    @property
    def env(self) -> Mapping[str, str]:
        """Its environment, for processes."""
        return environment(
            DATA_DIR=str(self.data_dir), DATABASE_URL=self.url, SECRET_KEY=self.secret
        )

    @property
    def key_file(self) -> Path:
        return self.data_dir / "secret.key"

    def holds(self) -> set[str]:
        """Names of the files in its data folder."""
        return {path.name for path in self.data_dir.iterdir()} if self.data_dir.exists() else set()

    @contextmanager
    def entered(self) -> Iterator[Place]:
        """Everything in this process means this installation."""
        given = {
            "DATA_DIR": str(self.data_dir),
            "DATABASE_URL": self.url,
            "SECRET_KEY": self.secret,
        }
        with pytest.MonkeyPatch.context() as patch, ExitStack() as leaving:
            leaving.callback(settings.forget)
            for name, value in given.items():
                patch.delenv(f"COUNTERSIGN_{name}", raising=False)
                if value:
                    patch.setenv(f"COUNTERSIGN_{name}", value)
            settings.forget()
            # connections are closed while the environment still says whose they are
            leaving.callback(db.forget)
            yield self
