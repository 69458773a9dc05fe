"""`countersign up`: console, Pay Now and worker as children of one small process.

Starts each by its verb and imports none of them: no Streamlit, no Pay Now, no worker code. Never
touches the books itself; even the upgrade of the schema is a child.
"""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from billing_core import settings
from billing_core.errors import BillingError

_START_S = 60.0  # a cold first start compiles everything it imports
_STOP_S = 10.0
_RESTARTS = 5  # of one process within _RESTART_WINDOW_S; then something is really wrong
_RESTART_WINDOW_S = 60.0


class CannotRun(BillingError):
    """The three processes cannot be started, or did not stay up. The sentence says why."""

    code = "CANNOT_RUN"


@dataclass(frozen=True)
class Part:
    """One of the three: its name for people, its verb, and where it answers (None: nowhere)."""

    name: str
    verb: str
    address: tuple[str, int] | None = None
    health: str = ""


@dataclass
class _Child:
    part: Part
    process: subprocess.Popen[bytes]
    started_again: deque[float] = field(default_factory=deque)


def up(*, demo: bool, console_port: int | None, pay_port: int | None) -> None:
    """Run all three until told to stop. Raises CannotRun when one does not start or stay up."""
    chosen = _choose(demo=demo, console_port=console_port, pay_port=pay_port)
    parts = _parts(chosen)
    for part in parts:
        _check_free(part)
    if demo:
        _make_demo()
    _upgrade()
    bell = _Bell()
    children: list[_Child] = []
    try:
        children += [_Child(part, _spawn(part)) for part in parts]
        if _all_answer(children, bell):
            _tell(chosen, demo=demo)
            _keep_up(children, bell)
    finally:
        _stop(children)


def _choose(*, demo: bool, console_port: int | None, pay_port: int | None) -> settings.Settings:
    """The children read the environment, so what was chosen on the command line goes there."""
    if console_port is not None:
        os.environ["COUNTERSIGN_CONSOLE_PORT"] = str(console_port)
    if pay_port is not None:
        os.environ["COUNTERSIGN_PAY_PORT"] = str(pay_port)
    settings.forget()
    if demo:
        file = settings.load().data_dir.resolve() / "demo.db"
        os.environ["COUNTERSIGN_DATABASE_URL"] = f"sqlite:///{file}"
        settings.forget()
    return settings.load()


def _parts(chosen: settings.Settings) -> tuple[Part, ...]:
    console = (chosen.console_host, chosen.console_port)
    pay = (chosen.pay_host, chosen.pay_port)
    if console == pay:
        raise CannotRun(f"Console and Pay Now were both given port {pay[1]}: they need one each.")
    return (
        Part("Pay Now", "pay", pay, "/healthz"),
        Part("The console", "console", console, "/_stcore/health"),
        Part("The worker", "worker"),
    )


def _check_free(part: Part) -> None:
    if part.address is None:
        return
    host, port = part.address
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # as servers do, so that a port in its last minute after a stop does not count as taken
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            name = f"{part.verb.upper()}_PORT"
            raise CannotRun(
                f"{part.name} cannot have {host}:{port} ({(error.strerror or 'refused').lower()}): "
                f"stop what uses it, or choose another, as in make run {name}={port + 10}."
            ) from None


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "console.cli", *words]


def _upgrade() -> None:
    done = subprocess.run(
        _command("db", "upgrade"), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False
    )
    if done.returncode:
        raise CannotRun("The books could not be brought up to date: nothing was started.")


def _make_demo() -> None:
    done = subprocess.run(_command("demo"), stdin=subprocess.DEVNULL, check=False)
    if done.returncode:
        raise CannotRun("The demo could not be made. Your own books open with make run DEMO=0.")


def _spawn(part: Part) -> subprocess.Popen[bytes]:
    # A group of its own, so that Ctrl-C reaches only the parent, which then stops all in order.
    # The pipe is the tether: it closes when the parent dies, however it dies.
    return subprocess.Popen(
        _command(part.verb, "--tethered"), stdin=subprocess.PIPE, process_group=0
    )


class _Bell:
    """Wakes the loop: each signal writes a byte into a socket the loop waits on."""

    def __init__(self) -> None:
        self.stopping = False
        self._heard, self._rung = socket.socketpair()
        self._heard.setblocking(False)
        self._rung.setblocking(False)
        signal.set_wakeup_fd(self._rung.fileno())
        for wanted in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(wanted, self._stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)

    def _stop(self, *_: object) -> None:
        self.stopping = True

    def wait(self, seconds: float) -> bool:
        """False once somebody asked us to stop; returns early at every signal."""
        if not self.stopping:
            self._heard.settimeout(seconds)
            with contextlib.suppress(TimeoutError):
                self._heard.recv(64)
        return not self.stopping


def _all_answer(children: Sequence[_Child], bell: _Bell) -> bool:
    """True when console and Pay Now answer; False when stopped meanwhile."""
    give_up_at = time.monotonic() + _START_S
    silent = [child for child in children if child.part.address]
    while silent:
        for child in children:
            code = child.process.poll()
            if code is not None:
                raise CannotRun(f"{child.part.name} did not start ({_ending(code)}).")
        if time.monotonic() > give_up_at:
            raise CannotRun(f"{silent[0].part.name} does not answer after {_START_S:.0f} seconds.")
        silent = [child for child in silent if not _answers(child.part)]
        if not bell.wait(0.05):
            return False
    return True


def _answers(part: Part) -> bool:
    host, port = part.address or ("", 0)
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    line = http.client.HTTPConnection(near, port, timeout=2)
    try:
        line.request("GET", part.health)
        return line.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        line.close()


def _tell(chosen: settings.Settings, *, demo: bool) -> None:
    books = chosen.database
    if chosen.is_sqlite:
        books = _short(Path(books.removeprefix("sqlite:///")))
    else:
        books = books.rpartition("@")[2]  # never the password in front of it
    print()
    print(f"Countersign is running on {'the demo books' if demo else 'your books'}: {books}")
    print(f"  Console   {chosen.console_base}   where you bill")
    print(f"  Pay Now   {chosen.pay_base}   what your clients open")
    if demo:
        print("Your own, empty books: make run DEMO=0")
    print("Stop with Ctrl-C.", flush=True)


def _short(path: Path) -> str:
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


def _keep_up(children: Sequence[_Child], bell: _Bell) -> None:
    while bell.wait(5.0):
        for child in children:
            code = child.process.poll()
            if code is not None:
                _start_again(child, code, bell)


def _start_again(child: _Child, code: int, bell: _Bell) -> None:
    now = time.monotonic()
    recent = child.started_again
    while recent and now - recent[0] > _RESTART_WINDOW_S:
        recent.popleft()
    if len(recent) >= _RESTARTS:
        raise CannotRun(
            f"{child.part.name} stopped {_RESTARTS + 1} times within a minute, the last time with "
            f"{_ending(code)}: everything was stopped."
        )
    recent.append(now)
    print(f"{child.part.name} stopped ({_ending(code)}): starting it again.", flush=True)
    # the first restart is at once, the next ones leave what is wrong some time to pass
    if len(recent) == 1 or bell.wait((len(recent) - 1) / 2):
        child.process = _spawn(child.part)


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"killed by {signal.Signals(-code).name}"


def _stop(children: Sequence[_Child]) -> None:
    """Ask politely, all at once; kill what is still there after the grace."""
    for child in children:
        if child.process.poll() is None:
            child.process.terminate()
    give_up_at = time.monotonic() + _STOP_S
    for child in children:
        try:
            child.process.wait(max(0.0, give_up_at - time.monotonic()))
        except subprocess.TimeoutExpired:
            print(f"{child.part.name} did not stop in time and was killed.", file=sys.stderr)
            child.process.kill()
            child.process.wait()
    if children:
        print("Countersign has stopped.", flush=True)
