"""The installation's secret: made once, for the owner's eyes only, whoever starts first."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from billing_core import settings
from billing_core.errors import SettingsWrong
from billing_core.records import keyfile

# eight processes that ask at the same moment, in ten fresh folders; prints what each one got
EIGHT_AT_ONCE = """
import os, sys
from billing_core import settings
from billing_core.records import keyfile

os.umask(0)
for turn in range(10):
    os.environ["COUNTERSIGN_DATA_DIR"] = os.path.join(sys.argv[1], str(turn))
    settings.forget()
    settings.load()
    ready, start = os.pipe()
    children = []
    for _ in range(8):
        child = os.fork()
        if child == 0:
            os.close(start)
            os.read(ready, 1)  # all at once, when the parent lets go
            os.write(1, f"{turn} {keyfile.secret_key()}\\n".encode())
            os._exit(0)
        children.append(child)
    os.close(start)
    os.close(ready)
    if any(os.waitpid(child, 0)[1] for child in children):
        raise SystemExit(1)
"""

_WITHOUT_LINKS = """
import os

def refuse(*_):
    raise PermissionError(1, "Operation not permitted")

os.link = refuse
"""


@pytest.fixture
def folder(settings_env: Path) -> Path:
    """A fresh data folder without a key."""
    keyfile._read.cache_clear()
    return settings_env


def test_made_once_and_only_the_owner_may_read_it(folder: Path) -> None:
    secret = keyfile.secret_key()
    file = folder / "secret.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text() == secret
    assert len(secret) == 43
    keyfile._read.cache_clear()
    assert keyfile.secret_key() == secret
    assert os.listdir(folder) == ["secret.key"], "nothing is left lying about"


def test_two_installations_have_two_secrets(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = keyfile.secret_key()
    monkeypatch.setenv("COUNTERSIGN_DATA_DIR", str(tmp_path / "other"))
    settings.forget()
    assert keyfile.secret_key() != first


def test_eight_processes_at_once_agree_on_one_secret(folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EIGHT_AT_ONCE, str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = [line.split() for line in done.stdout.splitlines()]
    assert len(told) == 80
    assert len({tuple(line) for line in told}) == 10, "each folder has one secret"
    for turn, secret in told:
        file = tmp_path / turn / "secret.key"
        assert file.read_text() == secret
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert os.listdir(file.parent) == ["secret.key"]


@pytest.fixture
def no_links(monkeypatch: pytest.MonkeyPatch) -> None:
    """A filesystem without hard links, as on a USB stick."""

    def refuse(*_: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)


def test_where_names_cannot_be_linked_it_is_made_all_the_same(folder: Path, no_links: None) -> None:
    secret = keyfile.secret_key()
    assert (folder / "secret.key").read_text() == secret
    assert stat.S_IMODE((folder / "secret.key").stat().st_mode) == 0o600
    assert os.listdir(folder) == ["secret.key"]


def test_where_names_cannot_be_linked_eight_processes_agree(folder: Path, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _WITHOUT_LINKS + EIGHT_AT_ONCE, str(tmp_path)],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = {tuple(line.split()) for line in done.stdout.splitlines()}
    assert len(told) == 10, "each folder has one secret"
    assert {len(secret) for _, secret in told} == {43}


def test_its_name_is_durable_too(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder is written after the name is there: else a power failure takes the key away."""
    written: list[tuple[str, bool]] = []

    def fsync(handle: int) -> None:
        place = os.readlink(f"/proc/self/fd/{handle}")
        written.append((place, (folder / "secret.key").exists()))

    monkeypatch.setattr(os, "fsync", fsync)
    keyfile.secret_key()
    assert written[-1] == (str(folder), True)
    assert len(written) == 2


def test_a_given_secret_is_taken_and_no_file_is_made(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COUNTERSIGN_SECRET_KEY", "g" * 40)
    settings.forget()
    assert keyfile.secret_key() == "g" * 40
    assert os.listdir(folder) == []


@pytest.mark.parametrize("left", ["", "\n", "short", "x" * 31])
def test_a_damaged_key_file_is_never_replaced(folder: Path, left: str) -> None:
    """A new secret would silently kill every link that is out there."""
    settings.load()
    file = folder / "secret.key"
    file.write_text(left)
    with pytest.raises(SettingsWrong, match="damaged") as refused:
        keyfile.secret_key()
    assert str(file) in refused.value.sentence
    assert file.read_text() == left
