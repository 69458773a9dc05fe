"""The command line for tests: in this process where speed counts, as a real one elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.shell import Done


@pytest.fixture
def countersign(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Callable[..., Done]:
    """``countersign("ledger", "--json")``: the command in this process, as its entry point runs it.

    Called from the test's own folder, so that no `.env` of the checkout takes part.
    """
    from console import cli, terminal

    monkeypatch.setattr(terminal, "HOME", tmp_path)

    def call(*words: str) -> Done:
        os.chdir(tmp_path)
        monkeypatch.setattr(sys, "argv", ["countersign", *words])
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        return Done(int(ended.value.code or 0), said.out, said.err)

    return call
