"""Where flows meet the outside: each hand-over, and each failure, happens at one of these places.

The database is the real one; its driver fails before, after or unknown. The gateway is the real
sandbox behind a wall. typst, a foreign library and most of the time a life takes, is replaced by
something that gives the same bytes for the same strings, except in lives that ask for the real one.
"""

from __future__ import annotations

import hashlib
import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from types import SimpleNamespace
from typing import Any

import typst
from sqlalchemy import Connection, event

from billing_core.documents import typeset
from billing_core.records import db, patience
from tests.simulator.entropy import swapped
from tests.simulator.story import Story
from tests.simulator.weather import Weather
from tests.simulator.world import Crashed, Task, World

EVIDENCE = "INSERT INTO evidence_events"
_begin, _read_only = db.begin, db.read_only
_here: list[Boundaries] = []


class Boundaries:
    """The hand-overs of one life; its ``story`` is told of every commit, and by whom."""

    def __init__(self, world: World, weather: Weather, story: Story) -> None:
        self.world, self.weather, self.story = world, weather, story
        self.fate = ""

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """``db.begin``, handing over before the writers' turn is taken."""
        task = self._hand_over("begin")
        self.fate = self.weather.of_commit(task.call.process) if task else ""
        if task:
            task.writing, task.faulted = True, task.faulted or bool(self.fate)
        try:
            with _begin() as connection:
                yield connection
        finally:
            self.fate = ""
            if task:
                task.writing = False

    @contextmanager
    def read_only(self) -> Iterator[Connection]:
        """``db.read_only``, handing over before the look."""
        task = self.world.current
        if task and task.writing:
            with _read_only() as connection:
                yield connection
            return
        task = self._hand_over("read")
        self.fate = self.weather.of_reading() if task else ""
        if task and self.fate:
            task.faulted = True
        with _read_only() as connection:
            self.fate = ""
            yield connection

    def sleep(self, seconds: float) -> None:
        """A flow waits before it tries again."""
        self.world.pause("sleep", seconds)

    def execute(self, statement: str) -> None:
        """Fail one statement where the fate says so."""
        if statement.startswith("BEGIN"):
            if self.fate == "busy":
                raise sqlite3.OperationalError("database is locked")
            if self.fate == "unreadable":
                self.fate = ""
                raise sqlite3.OperationalError("disk I/O error")
        elif self.fate == "disk full" and statement.startswith(EVIDENCE):
            if self.world.current:
                self.story.evidence_failed(self.world.current)
                self.world.note(self.world.current.label, "evidence cannot be written")
            raise sqlite3.OperationalError("database or disk is full")

    def commit(self, connection: Driver, really: Callable[[], None]) -> None:
        """Commit, or not, or so that nobody knows."""
        task = self.world.current
        if task is None or not task.writing:
            really()
            return
        fate = self.fate
        if fate in ("before", "broken before", "crash before"):
            self._fail(task, fate)
        really()
        self.story.committed(task, connection)
        if fate in ("unknown", "broken after", "crash after"):
            self._fail(task, fate)

    def _fail(self, task: Task, fate: str) -> None:
        self.world.note(task.label, f"commit fails: {fate}")
        if fate.startswith("crash"):
            task.killed = True
            self.world.crash(task.call.process)
            raise Crashed
        error = sqlite3.OperationalError("disk I/O error")
        if fate.startswith("broken"):
            error = sqlite3.OperationalError("server closed the connection unexpectedly")
            error.sqlstate = "08006"  # type: ignore[attr-defined]
        raise error

    def _hand_over(self, what: str) -> Task | None:
        self.world.pause(what, self.weather.delay_s())
        return self.world.current


class _Failing(sqlite3.Cursor):
    def execute(self, statement: str, *values: Any) -> _Failing:  # type: ignore[override]
        _here[-1].execute(statement)
        return super().execute(statement, *values)

    def executemany(self, statement: str, values: Any) -> _Failing:
        _here[-1].execute(statement)
        return super().executemany(statement, values)


class Driver(sqlite3.Connection):
    """The real connection to the real file, failing where a boundary says so."""

    def cursor(self, *args: Any) -> Any:
        """A cursor that fails while a fate is set."""
        return super().cursor(_Failing) if _here and _here[-1].fate else super().cursor(*args)

    def commit(self) -> None:
        """Commit through the boundary."""
        if _here:
            _here[-1].commit(self, super().commit)
        else:
            super().commit()


def drive(url: str) -> None:
    """Have both engines of this address connect through ``Driver``."""

    def connect(_dialect: Any, _record: Any, _args: Any, named: dict[str, Any]) -> None:
        named["factory"] = Driver

    for reading in (True, False):
        event.listen(db.engine_for(url, reading=reading), "do_connect", connect)


@contextmanager
def installed(boundaries: Boundaries, *, real_papers: bool) -> Iterator[None]:
    """Let every flow meet these boundaries."""
    with ExitStack() as held:
        for owner, name, new in (
            (db, "begin", boundaries.begin),
            (db, "read_only", boundaries.read_only),
            (patience, "time", SimpleNamespace(sleep=boundaries.sleep)),
        ):
            held.enter_context(swapped(owner, name, new))
        if not real_papers:
            quick = SimpleNamespace(
                compile=_set_quickly, Fonts=typst.Fonts, TypstError=typst.TypstError
            )
            held.enter_context(swapped(typeset, "typst", quick))
        before = logging.root.manager.disable
        logging.disable(logging.CRITICAL)
        held.callback(logging.disable, before)
        _here.append(boundaries)
        held.callback(_here.pop)
        yield


def _set_quickly(paper: Any, **told: Any) -> bytes:
    """As typst: the same template, strings and time stamp give the same bytes."""
    asked = (str(paper), sorted(told.get("sys_inputs", {}).items()), str(told.get("timestamp")))
    return b"%PDF-1.7 " + hashlib.sha256(repr(asked).encode()).hexdigest().encode()
