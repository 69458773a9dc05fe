"""P4, P11, P12: the invoice page under load, the memory of the processes, and how they start."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from pathlib import Path

from billing_core import settings
from tests import books
from tests.benchmarks.measuring import ROUNDS, Measure, in_turn
from tests.support import processes

CONNECTIONS, REQUESTS = 16, 25
_BARE = """
import sqlite3, sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route
raw = sqlite3.connect(sys.argv[1], check_same_thread=False)
async def page(request):
    row = raw.execute("SELECT canonical FROM invoices WHERE charge_id = ?",
                      (request.path_params["charge"],)).fetchone()
    return HTMLResponse("<p>" + row[0] + "</p>")
app = Starlette(routes=[Route("/{charge}", page)])
uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[2]), log_level="error", access_log=False)
"""


def measures() -> Iterator[Measure]:
    """The lines of P4, P11 and P12."""
    with tempfile.TemporaryDirectory(prefix="countersign-bench-") as folder:
        data = Path(folder) / "data"
        with processes.running(data) as running:
            yield from _page(running, data)
            yield from _memory(running)
        began = time.perf_counter()
        with processes.running(data):
            took = time.perf_counter() - began
    yield Measure("P12 second start of all three", took, 5.0, 1.0, "s", 1, at_least=False)
    helps = [_help() for _ in range(ROUNDS)]
    yield Measure(
        "P12 countersign --help", statistics.median(helps), 0.4, 1.0, "s", ROUNDS, at_least=False
    )


def _page(running: processes.Running, data: Path) -> Iterator[Measure]:
    import os

    for name, value in running.environment.items():
        if name.startswith("COUNTERSIGN_"):
            os.environ[name] = value
    settings.forget()
    fired = books.fire(books.seed())
    assert fired.charge
    path = f"/pay/{books.token(fired)}"
    port = processes.free_port()
    bare = subprocess.Popen([sys.executable, "-c", _BARE, str(data / "countersign.db"), str(port)])
    try:
        processes_ready(port)
        ours_at = urllib.parse.urlsplit(running.pay).netloc
        floor_at, floor_path = f"127.0.0.1:{port}", f"/{fired.charge.id}"
        mine, floor = in_turn(_rate(ours_at, path), _rate(floor_at, floor_path))
        size = len(_get(ours_at, path))
    finally:
        bare.kill()
        bare.wait()
    note = f"{CONNECTIONS} connections; the page has {size} bytes"
    yield Measure("P4 GET /pay/{token}", mine, floor, 0.25, "/s", ROUNDS, note=note)


def _rate(where: str, path: str) -> Callable[[], float]:
    def run() -> float:
        went_wrong: list[object] = []

        def client() -> None:
            connection = HTTPConnection(where)
            for _ in range(REQUESTS):
                connection.request("GET", path)
                answer = connection.getresponse()
                if answer.status != 200 or not answer.read():
                    went_wrong.append(answer.status)
            connection.close()

        threads = [threading.Thread(target=client) for _ in range(CONNECTIONS)]
        began = time.perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not went_wrong, went_wrong[:3]
        return CONNECTIONS * REQUESTS / (time.perf_counter() - began)

    return run


def _get(where: str, path: str) -> bytes:
    connection = HTTPConnection(where)
    connection.request("GET", path)
    body = connection.getresponse().read()
    connection.close()
    return body


def processes_ready(port: int) -> None:
    """Wait until somebody listens at ``port``."""
    import socket

    for _ in range(300):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError("nobody listens")


def _memory(running: processes.Running) -> Iterator[Measure]:
    for verb, goal_mb in (("pay", 120), ("worker", 150), ("console", 400)):
        status = Path(f"/proc/{running.children()[verb]}/status")
        if not status.exists():
            return
        found = re.search(r"VmRSS:\s+(\d+) kB", status.read_text())
        assert found
        megabytes = int(found[1]) / 1024
        yield Measure(f"P11 memory of {verb}", megabytes, goal_mb, 1.0, "MB", 1, at_least=False)


def _help() -> float:
    began = time.perf_counter()
    subprocess.run([*processes.COUNTERSIGN, "--help"], check=True, capture_output=True)
    return time.perf_counter() - began
