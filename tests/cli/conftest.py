"""The command line for tests: in this process where speed counts, as a real one elsewhere."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.cli.places import Place
from tests.cli.shell import Done
from tests.conftest import SECRET
from tests.support import postgres


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


@pytest.fixture
def new_place(
    tmp_path: Path, settings_env: Path, request: pytest.FixtureRequest
) -> Iterator[Callable[..., Place]]:
    """``new_place("sqlite")``: an installation with nothing in it, not even a schema."""
    dropped: list[Callable[[], None]] = []
    numbers = count(1)

    def make(kind: str, *, secret: str = "") -> Place:
        data_dir = tmp_path / f"place-{next(numbers)}"
        if kind == "sqlite":
            return Place(data_dir, secret=secret)
        server: postgres.Server = request.getfixturevalue("postgres_server")
        name = server.create()
        dropped.append(lambda: server.drop(name))
        return Place(data_dir, server.database(name), secret or SECRET)

    yield make
    for drop in dropped:
        drop()
