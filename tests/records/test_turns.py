"""Writers of one SQLite file stand in line: who came first goes first, the dead hold nobody up."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from billing_core.records import turns

MANY = 12
_DIES = """
import os, sys
from billing_core.records import turns

with turns.taken(sys.argv[1]):
    os._exit(0)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """The address of a file that need not be there."""
    return f"sqlite:///{tmp_path / 'books.db'}"


def _came(url: str) -> int:
    """How many have stood in line so far."""
    return int.from_bytes(Path(f"{url.removeprefix('sqlite:///')}-turn").read_bytes()[:8], "big")


def _wait_for(url: str, many: int) -> None:
    pause = threading.Event()
    for _ in range(2000):
        if _came(url) == many:
            return
        pause.wait(0.005)
    raise AssertionError(f"{_came(url)} of {many} came")


def test_who_came_first_goes_first(url: str) -> None:
    order: list[int] = []

    def write(number: int) -> None:
        with turns.taken(url):
            order.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(MANY)]
    with turns.taken(url):
        for came, thread in enumerate(threads, start=2):
            thread.start()
            _wait_for(url, came)
        assert order == []
    for thread in threads:
        thread.join(timeout=30)
    assert order == list(range(MANY))


def test_who_has_just_written_stands_behind_those_who_wait(url: str) -> None:
    """Whoever runs already is the quickest: it must not be the first again."""
    order: list[str] = []

    def wait() -> None:
        with turns.taken(url):
            order.append("who waited")

    waiting = threading.Thread(target=wait)
    with turns.taken(url):
        waiting.start()
        _wait_for(url, 2)
    with turns.taken(url):
        order.append("who was here")
    waiting.join(timeout=30)
    assert order == ["who waited", "who was here"]


def test_a_writer_that_died_in_its_turn_holds_nobody_up(url: str) -> None:
    for _ in range(3):
        subprocess.run([sys.executable, "-c", _DIES, url], check=True, timeout=60)
    with turns.taken(url):
        assert _came(url) == 4


@pytest.mark.parametrize("other", ["postgresql+psycopg://h/d", "sqlite:///:memory:", "sqlite://"])
def test_others_need_no_line(other: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with turns.taken(other), turns.taken(other):
        assert list(tmp_path.iterdir()) == []
