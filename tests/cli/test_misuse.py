"""The command line as such: help, wrong use, wrong settings, exit codes, and what ends a pipe."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.shell import Done, spawn
from tests.support.processes import COUNTERSIGN, ROOT, clean_environment

VERBS = (
    "up", "console", "pay", "worker", "demo", "db", "keys", "fire", "link", "ledger", "evidence",
    "doctor", "report", "backup", "restore",
)  # fmt: skip
HEAVY = {"streamlit", "pandas", "sqlalchemy", "alembic", "starlette", "cryptography"}


def bare(data_dir: Path, **settings: str) -> dict[str, str]:
    """An environment with nothing of ours but a data folder and ``settings``."""
    plain = clean_environment(DATA_DIR=str(data_dir), **settings)
    return plain | {"PYTHONPATH": str(ROOT)}


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    return tmp_path / "data"


def test_help_names_every_verb_and_makes_no_folder(data_dir: Path) -> None:
    done = spawn("--help", cwd=data_dir.parent, env=bare(data_dir))
    assert (done.code, done.err) == (0, "")
    for verb in VERBS:
        assert f"  {verb} " in done.out
    assert not data_dir.exists(), "asking for help made a folder"


def test_no_help_loads_anything_heavy() -> None:
    assert not helped(*VERBS)[0] & HEAVY


def test_help_takes_less_than_four_tenths_of_a_second() -> None:
    """Of work: how long it waits for its turn on a busy machine is no fault of ours."""
    took = min(helped("")[1] for _ in range(3))
    print(f"\ncountersign --help: {took:.2f} s of work")
    assert took <= 0.4


def helped(*verbs: str) -> tuple[set[str], float]:
    """Modules loaded once help was given on these, and the seconds of work it took."""
    code = (
        "import sys, time, console.cli as cli\n"
        f"for verb in {verbs!r}:\n"
        "    sys.argv = ['countersign', *filter(None, [verb]), '--help']\n"
        "    try: cli.main()\n"
        "    except SystemExit as ended: assert not ended.code\n"
        "print(time.process_time(), *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.count("Usage: countersign") == len(verbs)
    seconds, *modules = done.stdout.splitlines()[-1].split()
    return {module.split(".")[0] for module in modules}, float(seconds)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["nosuch"], "No such command 'nosuch'."),
        ([], "Say what to do: countersign demo, up, "),
        (["keys"], "Say what to do: countersign keys create, list or revoke. Add --help"),
        (["db"], "Say what to do: countersign db upgrade. Add --help to see more."),
        (["link"], "Missing argument 'sc_…'."),
        (
            ["evidence", "verify"],
            "Say what to verify: countersign evidence verify FILE.zip, or --all",
        ),
        (["up", "--console-port", "many"], "Invalid value for '--console-port'"),
        (["up", "--pay-port", "70000"], "Invalid value for '--pay-port'"),
        (["ledger", "--xml"], "No such option: --xml"),
        (["ledger", "more"], "Got unexpected extra argument"),
        (["fire"], "Missing option '--customer'."),
        (["fire", "--customer", "bc_x", "--item", "  "], "--item is empty"),
        (["fire", "--customer", "bc_x", "--item", "bi_x", "--amount", ""], "--amount is empty"),
        (["fire", "--customer", "c", "--item", "i", "--milestone="], "--milestone is empty"),
        (["fire", "--customer", "c", "--item", "i", "--idempotency-key", ""], "--idempotency-key"),
        (["keys", "create", "--name", "N"], "Missing option '--scope'."),
        (["keys", "create", "--scope", "read"], "Missing option '--name'."),
        (["keys", "create", "--name", "N", "--scope", "all"], "All: there is no such scope."),
        (["keys", "create", "--name", "N", "--scope", ""], "--scope is empty"),
        (["keys", "revoke"], "Missing argument 'key_…'."),
        (["report"], "Missing argument 'NAME'."),
        (["report", "sums"], "There is no report “sums”. There are: "),
        (["report", "__all__"], "There is no report “__all__”."),
        (["report", "charges", "--json", "--format", "csv"], "--json and another --format"),
        (["report", "charges", "--format", "xml"], "Invalid value for '--format': 'xml' is not"),
        (["report", "charges", "--from", "yesterday"], "--from “yesterday” is not a day"),
        (["report", "charges", "--to", "2026-02-30"], "--to “2026-02-30” is not a day"),
        (["report", "charges", "--to", "20260230"], "--to “20260230” is not a day"),
        (["report", "charges", "--from", "٢٠٢٦-٠٣-١٥"], "--from “٢٠٢٦-٠٣-١٥” is not a day"),
        (["report", "charges", "--from", ""], "--from “” is not a day"),
        (["report", "charges", "--from=2026-02-02", "--to=2026-02-01"], "--from is after --to."),
        (["restore", "nosuch.backup"], "There is no file "),
        (["backup"], "Missing argument 'FILE'."),
        (["restore"], "Missing argument 'FILE'."),
        (["backup", "one", "two"], "Got unexpected extra argument"),
        (["console", "--port", "1"], "No such option: --port"),
        (["pay", "now"], "Got unexpected extra argument"),
        (["worker", "--twice"], "No such option: --twice"),
        (["demo", "again"], "Got unexpected extra argument"),
        (["db", "upgrade", "head"], "Got unexpected extra argument"),
        (["db", "downgrade"], "No such command 'downgrade'."),
        (["doctor", "--cure"], "No such option: --cure"),
        (["keys", "list", "all"], "Got unexpected extra argument"),
        (["link", "sc_1", "sc_2"], "Got unexpected extra argument"),
        (["evidence", "export"], "Missing argument"),
        (["fire", "--customer", "bc_\udcff", "--item", "bi_x"], "The command holds bytes that"),
    ],
)
def test_used_wrongly_is_one_sentence_and_two(
    books: str, countersign: Callable[..., Done], words: list[str], sentence: str
) -> None:
    countersign(*words).says_only(sentence, code=2)


@pytest.mark.parametrize(
    "words", [("keys", "list"), ("ledger",), ("doctor",), ("report", "charges"),
              ("report", "revenue"), ("evidence", "verify", "--all")],
    ids=" ".join,
)  # fmt: skip
def test_every_list_comes_as_json(
    books: str, countersign: Callable[..., Done], words: tuple[str, ...]
) -> None:
    done = countersign(*words, "--json")
    assert isinstance(done.json, list | dict)
    assert done.err == ""


def test_as_a_process_wrong_use_is_the_same(data_dir: Path) -> None:
    done = spawn("ledger", "--xml", cwd=data_dir.parent, env=bare(data_dir))
    done.says_only("No such option: --xml", code=2)


def test_wrong_settings_are_all_said_in_one_message(data_dir: Path) -> None:
    env = bare(data_dir, GATEWAY="till", TRUSTED_PROXIES="*", PAY_PORT="0")
    done = spawn("ledger", cwd=data_dir.parent, env=env)
    done.says_only("Settings are wrong: ", code=1)
    for name in ("COUNTERSIGN_GATEWAY", "COUNTERSIGN_TRUSTED_PROXIES", "COUNTERSIGN_PAY_PORT"):
        assert name in done.err


def test_what_would_steer_a_terminal_is_shown_and_not_sent(
    books: str, countersign: Callable[..., Done]
) -> None:
    done = countersign("report", "\x1b[2J\u202echarges\nmore")
    done.says_only("There is no report “�[2J�charges more”.", code=2)


def test_a_reader_that_has_read_enough_is_no_traceback(books: str, tmp_path: Path) -> None:
    """As in ``countersign report charges | head -0``."""
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nobody:
        done = subprocess.run(
            [*COUNTERSIGN, "ledger"], env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path,
            stdout=nobody, stderr=subprocess.PIPE, check=False, timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, b"")


def test_an_answer_that_cannot_be_written_is_no_success(books: str, tmp_path: Path) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [*COUNTERSIGN, "report", "charges", "--format", "csv"],
            env=os.environ | {"PYTHONPATH": str(ROOT)}, cwd=tmp_path, stdout=full,
            stderr=subprocess.PIPE, text=True, check=False, timeout=60,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (1, "No space left on device.\n")


def test_a_name_this_terminal_cannot_show_stops_nothing(books: str, tmp_path: Path) -> None:
    from tests.books import seed

    env = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "latin-1"}
    seeded = seed(company="株式会社")
    words = ["fire", "--customer", seeded.customer, "--item", seeded.item, "--amount", "1.00"]
    assert spawn(*words, "--description", "図面", cwd=tmp_path, env=env).code == 0
    done = spawn("report", "charges", cwd=tmp_path, env=env)
    assert (done.code, done.err) == (0, "")
    assert "\\u56f3\\u9762" in done.out
