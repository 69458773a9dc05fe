"""`countersign` as a shell runs it, and what it answered."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.processes import COUNTERSIGN, ROOT


@dataclass(frozen=True)
class Done:
    """How a command ended: exit code, and what it said where."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The answer as the one JSON value it is."""
        return json.loads(self.out)

    def says_only(self, sentence: str, *, code: int) -> None:
        """One line on stderr that begins with ``sentence``, nothing on stdout, this exit code."""
        assert (self.code, self.out) == (code, ""), self
        assert self.err.startswith(sentence), self.err
        assert self.err.endswith("\n")
        assert self.err.count("\n") == 1, self.err


def environment(**settings: str) -> dict[str, str]:
    """This test's own settings, with ``settings`` (no prefix; "" takes one away) on top."""
    changed = {f"COUNTERSIGN_{name}": value for name, value in settings.items()}
    merged = os.environ | changed | {"PYTHONPATH": str(ROOT)}
    return {name: value for name, value in merged.items() if value or name not in changed}


def spawn(
    *words: str,
    cwd: Path,
    env: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
) -> Done:
    """One `countersign` command as a process of its own; ``before`` runs in it first."""
    done = subprocess.run(
        [*COUNTERSIGN, *words], env=dict(env or environment()), cwd=cwd, capture_output=True,
        text=True, check=False, timeout=120, preexec_fn=before,
    )  # fmt: skip
    return Done(done.returncode, done.stdout, done.stderr)
