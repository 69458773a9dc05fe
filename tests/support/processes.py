"""The real thing: `countersign up` as its own processes on free ports, with books of its own."""

from __future__ import annotations

import json
import os
import queue
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
COUNTERSIGN = (sys.executable, "-m", "console.cli")
_LAST_LINE = "Stop with Ctrl-C."


def free_port() -> int:
    """A port of 127.0.0.1 that nobody has at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def clean_environment(**extra: str) -> dict[str, str]:
    """This environment without any setting of Countersign, plus ``extra`` settings (no prefix)."""
    plain = {k: v for k, v in os.environ.items() if not k.startswith("COUNTERSIGN_")}
    return plain | {f"COUNTERSIGN_{name}": value for name, value in extra.items()}


@dataclass
class Running:
    """The three processes. ``lines`` is what they have printed so far."""

    process: subprocess.Popen[str]
    data_dir: Path
    console: str
    pay: str
    environment: Mapping[str, str]
    lines: list[str] = field(default_factory=list)
    _news: queue.Queue[str | None] = field(default_factory=queue.Queue)

    def wait_for_line(self, wanted: str, *, timeout_s: float = 90) -> str:
        """The next line that contains ``wanted``; fails when the processes end or time is up."""
        give_up_at = time.monotonic() + timeout_s
        while (left := give_up_at - time.monotonic()) > 0:
            try:
                line = self._news.get(timeout=left)
            except queue.Empty:
                break
            assert line is not None, "ended without saying it:\n" + "".join(self.lines)
            if wanted in line:
                return line
        raise AssertionError(f"never said {wanted!r}:\n" + "".join(self.lines))

    def children(self) -> dict[str, int]:
        """The process id of each child by its verb: console, pay, worker."""
        listed = subprocess.run(
            ["ps", "-A", "-o", "pid=,ppid=,args="], capture_output=True, text=True, check=True
        ).stdout
        mine = re.findall(
            rf"^\s*(\d+)\s+{self.process.pid}\s.*console\.cli (\w+)", listed, re.MULTILINE
        )
        return {verb: int(pid) for pid, verb in mine}

    def countersign(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run another `countersign` command on the same books."""
        return subprocess.run(
            [*COUNTERSIGN, *words], env=dict(self.environment), cwd=ROOT, capture_output=True,
            text=True, check=False, timeout=120,
        )  # fmt: skip

    def ready(self) -> dict[str, object]:
        """What Pay Now says of itself at /readyz."""
        with urllib.request.urlopen(f"{self.pay}/readyz", timeout=10) as answer:
            said: dict[str, object] = json.load(answer)
        return said

    def listen(self) -> None:
        """Keep reading what the processes print, so that they never wait for a full pipe."""
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.append(line)
            self._news.put(line)
        self._news.put(None)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> int:
        """Stop as Ctrl-C does, and return the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(timeout=30)


@contextmanager
def running(data_dir: Path, *words: str, **more: str) -> Iterator[Running]:
    """`countersign up --no-demo`, ready; ``words`` are further arguments, ``more`` settings."""
    console, pay = free_port(), free_port()
    environment = clean_environment(DATA_DIR=str(data_dir), **more)
    ports = ["--console-port", str(console), "--pay-port", str(pay)]
    process = subprocess.Popen(
        [*COUNTERSIGN, "up", "--no-demo", *ports, *words], env=environment, cwd=ROOT, text=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        start_new_session=True,
    )  # fmt: skip
    addresses = (f"http://127.0.0.1:{console}", f"http://127.0.0.1:{pay}")
    their_environment = environment | {
        "COUNTERSIGN_CONSOLE_PORT": str(console), "COUNTERSIGN_PAY_PORT": str(pay),
    }  # fmt: skip
    started = Running(process, data_dir, *addresses, their_environment)
    reader = threading.Thread(target=started.listen, daemon=True)
    reader.start()
    try:
        started.wait_for_line(_LAST_LINE)
        yield started
    finally:
        try:
            started.stop(signal.SIGTERM)
        finally:
            process.kill()
            process.wait()
            reader.join(timeout=10)
            assert process.stdout
            process.stdout.close()
