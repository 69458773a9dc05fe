"""The demo, made once for all tests that read it: a small one for its shape, the whole one once."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import SECRET


@dataclass(frozen=True, slots=True)
class Made:
    """One demo: its folder, its file, how long it took (CPU seconds), what its progress said."""

    folder: Path
    file: Path
    cpu_s: float
    told: tuple[float, ...]


@pytest.fixture(scope="session")
def small_demo(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A few months of five customers."""
    return _make(tmp_path_factory.mktemp("small"), small=True)


@pytest.fixture(scope="session")
def whole_demo(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Both years, as ``make run`` opens them."""
    return _make(tmp_path_factory.mktemp("whole"), small=False)


@pytest.fixture
def in_small_demo(small_demo: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """The small demo's books, open."""
    yield from _opened(small_demo, monkeypatch)


@pytest.fixture
def in_whole_demo(whole_demo: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    """The whole demo's books, open."""
    yield from _opened(whole_demo, monkeypatch)


def _opened(made: Made, monkeypatch: pytest.MonkeyPatch) -> Iterator[Made]:
    from billing_core import settings
    from billing_core.records import db

    monkeypatch.setenv("COUNTERSIGN_DATA_DIR", str(made.folder))
    monkeypatch.setenv("COUNTERSIGN_DATABASE_URL", f"sqlite:///{made.file}")
    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", SECRET)
    settings.forget()
    yield made
    db.forget()
    settings.forget()


def _make(folder: Path, *, small: bool) -> Made:
    from billing_core import demo, settings
    from billing_core.records import db

    told: list[float] = []
    before = {name: value for name, value in os.environ.items() if name.startswith("COUNTERSIGN_")}
    with pytest.MonkeyPatch.context() as patch:
        for name in before:
            patch.delenv(name)
        patch.chdir(folder)
        patch.setenv("COUNTERSIGN_DATA_DIR", str(folder))
        patch.setenv("COUNTERSIGN_SECRET_KEY", SECRET)
        patch.setenv("COUNTERSIGN_DATABASE_URL", "")
        settings.forget()
        started = time.process_time()
        file = demo.open_demo(told.append, small=small)
        used = time.process_time() - started
        db.forget()
    settings.forget()
    return Made(folder, file, used, tuple(told))
