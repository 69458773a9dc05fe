"""The command line: sentences, exit codes and JSON, as a shell sees them."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from tests.support.processes import COUNTERSIGN, ROOT, clean_environment


def run(data_dir: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """One `countersign` command, from a folder that is not the checkout's."""
    return subprocess.run(
        [*COUNTERSIGN, *words], env=clean_environment(DATA_DIR=str(data_dir), **more) | PATHS,
        cwd=data_dir.parent, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


PATHS = {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_help_names_every_verb(data_dir: Path) -> None:
    done = run(data_dir, "--help")
    assert done.returncode == 0
    for verb in ("up", "console", "pay", "worker", "ledger", "link", "db", "evidence"):
        assert f"  {verb} " in done.stdout
    assert not data_dir.exists(), "asking for help made a folder"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nosuch"], "No such command 'nosuch'."),
        (["link"], "Missing argument 'sc_…'."),
        (["evidence", "verify"], "Say what to verify: countersign evidence verify --all"),
        (["up", "--console-port", "many"], "Invalid value for '--console-port'"),
        (["ledger", "--xml"], "No such option: --xml"),
    ],
)
def test_used_wrongly_is_one_sentence_and_two(
    data_dir: Path, words: list[str], sentence: str
) -> None:
    done = run(data_dir, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(sentence)
    assert done.stderr.count("\n") == 1
    assert not done.stdout


def test_wrong_settings_are_all_said_in_one_message(data_dir: Path) -> None:
    done = run(data_dir, "ledger", GATEWAY="till", TRUSTED_PROXIES="*", PAY_PORT="0")
    assert done.returncode == 1
    for name in ("COUNTERSIGN_GATEWAY", "COUNTERSIGN_TRUSTED_PROXIES", "COUNTERSIGN_PAY_PORT"):
        assert name in done.stderr
    assert done.stderr.count("\n") == 1


def test_empty_books_are_upgraded_twice_balanced_and_whole(data_dir: Path) -> None:
    first, again = run(data_dir, "db", "upgrade"), run(data_dir, "db", "upgrade")
    assert first.returncode == again.returncode == 0
    assert first.stdout == again.stdout
    ledger = run(data_dir, "ledger", "--json")
    assert (ledger.returncode, json.loads(ledger.stdout)) == (0, {"accounts": [], "balanced": True})
    chains = run(data_dir, "evidence", "verify", "--all", "--json")
    assert (chains.returncode, json.loads(chains.stdout)) == (0, {"checked": 0, "problems": []})
    once = run(data_dir, "worker", "--once")
    assert once.returncode == 0
    assert once.stdout.endswith("done.\n")
    nobody = run(data_dir, "link", "sc_nobody")
    assert (nobody.returncode, nobody.stdout) == (1, "")
    assert nobody.stderr == "There is no such charge.\n"
