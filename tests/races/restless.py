"""A PostgreSQL behind a line that can be cut: between a commit and the news of it, on purpose.

The line is a real socket that a real driver speaks through; what is lost is really lost.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

_COMMIT = b"COMMIT\x00"
_LOOK = b"READ ONLY\x00"


class Line:
    """Passes everything on, until writing commits shall go through without an answer."""

    def __init__(self, aim: Path, here: Path) -> None:
        self._aim = str(aim)
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(here))
        self._listening.listen(64)
        self._lock = threading.Lock()
        self._lose = 0
        self.lost = 0
        threading.Thread(target=self._accept, daemon=True).start()

    def lose_commits(self, many: int) -> None:
        """The next ``many`` commits of writers happen, and nobody is told."""
        with self._lock:
            self._lose = many

    def close(self) -> None:
        """Take no more calls."""
        with suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listening.accept()
            except OSError:
                return
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._aim)
            ends = threading.Event()
            threading.Thread(target=self._out, args=(caller, server, ends), daemon=True).start()
            threading.Thread(target=_back, args=(server, caller, ends), daemon=True).start()

    def _out(self, caller: socket.socket, server: socket.socket, ends: threading.Event) -> None:
        """What the driver says; a commit that shall be lost ends the way back first."""
        looks = False
        while data := _receive(caller):
            if b"BEGIN" in data:
                looks = _LOOK in data
            if _COMMIT in data and not looks and self._shall_lose():
                ends.set()
            if not _pass_on(server, data):
                break
        _hang_up(server)

    def _shall_lose(self) -> bool:
        with self._lock:
            shall = self._lose > 0
            self._lose -= shall
            self.lost += shall
        return shall


def _back(server: socket.socket, caller: socket.socket, ends: threading.Event) -> None:
    """What the server answers, up to the answer that is lost."""
    while data := _receive(server):
        # the server has answered, so the commit is done: now the line breaks
        if ends.is_set() or not _pass_on(caller, data):
            break
    _hang_up(caller)
    _hang_up(server)


def _receive(line: socket.socket) -> bytes:
    try:
        return line.recv(65536)
    except OSError:
        return b""


def _pass_on(line: socket.socket, data: bytes) -> bool:
    try:
        line.sendall(data)
    except OSError:
        return False
    return True


def _hang_up(line: socket.socket) -> None:
    with suppress(OSError):
        line.shutdown(socket.SHUT_RDWR)
    line.close()


@contextmanager
def line_to(server_folder: Path, folder: Path) -> Iterator[Line]:
    """A line in ``folder`` to the server whose socket is in ``server_folder``."""
    name = ".s.PGSQL.5432"
    made = Line(server_folder / name, folder / name)
    try:
        yield made
    finally:
        made.close()
