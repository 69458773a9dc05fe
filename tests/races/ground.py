"""Real processes on the books of a test: Pay Now, workers, and scripts of this folder.

They share the test's own database, data folder and secret. Whoever starts one here ends it here.
"""

from __future__ import annotations

import http.client
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from billing_core import settings
from tests.support import processes

READY_WITHIN_S = 60.0


def environment(**more: str) -> dict[str, str]:
    """The settings of the test that runs, for a process of its own; ``more`` without prefix."""
    here = settings.load()
    theirs = processes.clean_environment(
        DATA_DIR=str(here.data_dir),
        DATABASE_URL=here.database,
        SECRET_KEY=here.secret_key,
        **{"LOG_LEVEL": "WARNING", **more},
    ) | {"PYTHONPATH": str(processes.ROOT)}
    # as `make` has it: a process that is started a hundred times need not compile us each time
    theirs.pop("PYTHONDONTWRITEBYTECODE", None)
    return theirs


class Process:
    """One process with its own group; ``lines`` arrive as it prints them."""

    def __init__(self, *words: str, log: Path, **more: str) -> None:
        self._log: IO[bytes] = log.open("ab")
        self.process = subprocess.Popen(
            [sys.executable, *words], env=environment(**more), cwd=processes.ROOT, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            start_new_session=True,
        )  # fmt: skip
        self.is_ready = threading.Event()
        self.lines: queue.Queue[str | None] = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def _read(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self.lines.put(line.strip())
        self.lines.put(None)

    def tell(self, line: str) -> None:
        """Write one line to it; a dead process hears nothing, and that is no error here."""
        assert self.process.stdin
        with suppress(OSError, ValueError):
            self.process.stdin.write(f"{line}\n")
            self.process.stdin.flush()

    def all_lines(self) -> list[str]:
        """Everything it printed until its end, which must have come or be near."""
        self.process.wait(timeout=120)
        self._reader.join(timeout=30)
        return list(iter(self.lines.get, None))

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        """End it, at once unless ``sign`` says otherwise, and everything it started."""
        if self.process.poll() is None:
            os.killpg(self.process.pid, sign)
        self.process.wait(timeout=30)

    def close(self) -> None:
        """Kill it if it still runs, and give back its pipes."""
        self.kill()
        self._reader.join(timeout=10)
        assert self.process.stdin
        assert self.process.stdout
        with suppress(OSError):
            self.process.stdin.close()
        self.process.stdout.close()
        self._log.close()


class PayNow(Process):
    """`countersign pay` on a port of its own."""

    def __init__(self, *, log: Path, port: int | None = None, **more: str) -> None:
        self.port = port or processes.free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        super().__init__(
            "-m", "console.cli", "pay", log=log,
            **{"PAY_PORT": str(self.port), "PUBLIC_URL": self.address, **more},
        )  # fmt: skip

    def wait_until_ready(self) -> float:
        """Seconds until it answers that its books can be read; it must still be alive."""
        began = time.monotonic()
        while time.monotonic() - began < READY_WITHIN_S:
            assert self.process.poll() is None, "Pay Now ended by itself"
            if '"database":true' in _ask(self.port):
                return time.monotonic() - began
            # another process's first answer is nothing one could wait for otherwise
            threading.Event().wait(0.02)
        raise AssertionError("Pay Now was never ready")


def worker(*, log: Path, **more: str) -> Process:
    """`countersign worker`."""
    return Process("-m", "console.cli", "worker", log=log, **more)


def script(name: str, *words: str, log: Path, **more: str) -> Process:
    """A module of this folder as a process of its own."""
    return Process("-m", f"tests.races.{name}", *words, log=log, **more)


@contextmanager
def pay_servers(folder: Path, count: int = 2, **more: str) -> Iterator[list[PayNow]]:
    """``count`` Pay Now processes on the same books, ready; their errors are in ``folder``."""
    public = f"http://127.0.0.1:{processes.free_port()}"
    names = [folder / f"pay-{number}.log" for number in range(count)]
    started = [PayNow(log=name, **{"PUBLIC_URL": public, **more}) for name in names]
    try:
        for server in started:
            server.wait_until_ready()
        yield started
    finally:
        for server in started:
            server.close()


def _ask(port: int) -> str:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        line.request("GET", "/readyz")
        return line.getresponse().read().decode()
    except OSError:
        return ""
    finally:
        line.close()
