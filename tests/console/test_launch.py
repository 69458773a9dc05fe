"""`countersign up`: three processes that start together, stay up, and end together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support import processes
from tests.support.processes import COUNTERSIGN, ROOT, Running, clean_environment, free_port

pytestmark = [pytest.mark.processes]


def alive(pid: int) -> bool:
    """True while the process runs; a zombie does not."""
    shown = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    )
    return shown.returncode == 0 and not shown.stdout.strip().startswith("Z")


def soon(holds: Callable[[], bool], *, timeout_s: float = 20) -> bool:
    """Look every 20 ms until it holds: processes of the system tell nobody when they end."""
    give_up_at = time.monotonic() + timeout_s
    while not holds():
        if time.monotonic() > give_up_at:
            return False
        time.sleep(0.02)
    return True


def up(data_dir: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """`countersign up` where it is expected to refuse."""
    return subprocess.run(
        [*COUNTERSIGN, "up", *words], env=clean_environment(DATA_DIR=str(data_dir), **more),
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip


def test_both_addresses_answer_and_ctrl_c_ends_all_three(processes: Running) -> None:
    said = "".join(processes.lines)
    assert f"Console   {processes.console} " in said
    assert f"Pay Now   {processes.pay} " in said
    for address in (f"{processes.console}/_stcore/health", f"{processes.pay}/healthz"):
        with urllib.request.urlopen(address, timeout=5) as answer:
            assert answer.status == 200
    children = processes.children()
    assert set(children) == {"console", "pay", "worker"}
    assert processes.stop(signal.SIGINT) == 0
    assert not [verb for verb, pid in children.items() if alive(pid)]
    processes.wait_for_line("Countersign has stopped.")
    assert "Traceback" not in "".join(processes.lines)


def test_a_killed_child_is_started_again(processes: Running) -> None:
    for verb, name in (("worker", "The worker"), ("pay", "Pay Now")):
        before = processes.children()
        os.kill(before[verb], signal.SIGKILL)
        processes.wait_for_line(f"{name} stopped (killed by SIGKILL): starting it again.")
        assert soon(lambda verb=verb, before=before: verb in processes.children())
        assert processes.children()[verb] != before[verb]

    def answers() -> bool:
        with socket.socket() as line:
            return line.connect_ex(("127.0.0.1", int(processes.pay.rpartition(":")[2]))) == 0

    assert soon(answers)


def test_kill_9_of_the_parent_leaves_nobody_behind(processes: Running) -> None:
    children = processes.children()
    assert len(children) == 3
    processes.process.kill()
    processes.process.wait()
    assert soon(lambda: not any(alive(pid) for pid in children.values()))


def test_what_keeps_dying_stops_everything_with_a_sentence(tmp_path: Path) -> None:
    with processes.running(tmp_path / "data") as running:
        # from now on the worker cannot open the books, however often it is started
        (tmp_path / "data" / "countersign.db").write_bytes(b"not a database" * 1000)
        os.kill(running.children()["worker"], signal.SIGKILL)
        running.wait_for_line("The worker stopped 6 times within a minute")
        assert running.process.wait(timeout=30) == 1
        assert not running.children()


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = up(tmp_path, "--console-port", str(free_port()), "--pay-port", str(port))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Pay Now cannot have 127.0.0.1:{port} (address already in use)")
    assert done.stderr.count("\n") == 1


def test_one_port_for_both_is_refused(tmp_path: Path) -> None:
    done = up(tmp_path, CONSOLE_PORT="8600", PAY_PORT="8600")
    assert done.returncode == 1
    assert done.stderr == "Console and Pay Now were both given port 8600: they need one each.\n"


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    done = up(tmp_path / "file" / "data")
    assert done.returncode == 1
    assert done.stderr.startswith("COUNTERSIGN_DATA_DIR: the folder")
    assert done.stderr.count("\n") == 1


def test_the_demo_has_books_of_its_own(tmp_path: Path) -> None:
    # a small one is there already: that one is opened, and the two years need not be waited for
    made = subprocess.run(
        [*COUNTERSIGN, "demo", "--small"], cwd=ROOT, capture_output=True, check=True,
        env=clean_environment(DATA_DIR=str(tmp_path / "data")),
    )  # fmt: skip
    assert made.stderr == b""
    with processes.running(tmp_path / "data", "--demo") as running:
        assert "on the demo books" in "".join(running.lines)
        assert (tmp_path / "data" / "demo.db").exists()
        assert not (tmp_path / "data" / "countersign.db").exists()


def test_the_parent_stays_small() -> None:
    """It lives as long as the children and needs nothing of theirs."""
    heavy = "{'streamlit', 'sqlalchemy', 'starlette', 'paynow', 'pandas'}"
    code = f"import sys, console.launch; print({heavy} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert done.stdout == b"set()\n"
