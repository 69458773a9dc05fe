"""Virtual time: one thread, one heap, one seed. Who goes next is decided here and nowhere else.

People and machines are generators that yield what they do next. Flows are ordinary functions: each
call runs in a greenlet and hands over where ``boundaries`` tells it to, so exactly one runs at a
time. No rule of the business lives here.
"""

from __future__ import annotations

import contextvars
import hashlib
import heapq
import random
from collections import deque
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from greenlet import getcurrent, greenlet

from billing_core import clock

SECOND = 1_000_000
MOST_STEPS = 40_000
REMEMBERED = 40


class Crashed(BaseException):
    """The process died here: nothing of ours runs on, and what was not committed is gone."""


@dataclass(frozen=True, slots=True)
class Call:
    """One flow called in one process. ``by``: a person, a look (GET, HEAD) or a robot.

    ``patience_s``: how long the caller waits for the answer before it counts as lost.
    """

    process: str
    name: str
    work: Callable[[], Any]
    by: str = "person"
    patience_s: float | None = None


@dataclass(frozen=True, slots=True)
class Wait:
    """Do nothing for a while."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Together:
    """Several calls released at once; the answers come as a tuple in the same order."""

    calls: tuple[Call, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. ``lost``: nothing did, and nobody knows what happened."""

    value: Any = None
    problem: Exception | None = None
    lost: bool = False

    @property
    def good(self) -> bool:
        return self.problem is None and not self.lost


Script = Generator[Wait | Call | Together, Any, None]


@dataclass(eq=False)
class Task:
    """One call under way."""

    number: int
    call: Call
    running: greenlet | None = None
    killed: bool = False
    done: bool = False
    writing: bool = False
    faulted: bool = False
    held: ExitStack = field(default_factory=ExitStack)
    asked: Callable[[Answer], None] = lambda answer: None

    @property
    def label(self) -> str:
        return f"{self.call.process}: {self.call.name} #{self.number}"


@dataclass(eq=False)
class Actor:
    """A person or machine and what it waits for; ``step`` tells an old answer from a new one."""

    name: str
    script: Script
    step: int = 0
    ended: bool = False
    answers: list[Answer | None] = field(default_factory=list)


class World:
    """The heap. ``surroundings`` is entered around every call (gateway and the like)."""

    def __init__(
        self,
        rng: random.Random,
        start: datetime,
        surroundings: Callable[[], AbstractContextManager[Any]],
    ) -> None:
        self.rng, self.start, self.surroundings = rng, start, surroundings
        self.now_us = 0
        self.current: Task | None = None
        self.tasks: list[Task] = []
        self.actors: list[Actor] = []
        self.accusations: list[tuple[str, str]] = []
        self.trace: deque[tuple[int, str, str]] = deque(maxlen=REMEMBERED)
        self.steps = 0
        self._told = hashlib.sha256()
        self.on_answer: Callable[[Task, Answer], None] = lambda task, answer: None
        self._heap: list[tuple[int, float, int, Callable[[], None]]] = []
        self._dying: list[str] = []
        self._count = 0
        self._hub = getcurrent()

    @property
    def now(self) -> datetime:
        return self.start + timedelta(microseconds=self.now_us)

    def add(self, name: str, script: Script, *, after_s: float = 0) -> Actor:
        """Let an actor act from ``after_s`` on."""
        actor = Actor(name, script)
        self.actors.append(actor)
        self._at(after_s, lambda: self._advance(actor, None))
        return actor

    def accuse(self, invariant: str, words: str) -> None:
        """An invariant does not hold: the life ends here."""
        self.accusations.append((invariant, words))
        self.note("!", f"{invariant}: {words}")

    def note(self, who: str, what: str) -> None:
        """Remember one event for the failure's last lines, and all of them in the digest."""
        self.trace.append((self.now_us, who, what))
        self._told.update(f"{self.now_us} {who} {what}\n".encode())

    def digest(self, *ending: object) -> str:
        """SHA-256 of every event so far, and of what the life left behind."""
        told = self._told.copy()
        told.update(repr(ending).encode())
        return told.hexdigest()

    def story(self) -> list[str]:
        """The last events as lines."""
        return [f"{us / SECOND:>14.6f}  {who:<34} {what}" for us, who, what in self.trace]

    def run(self, until_s: float, *, busy: Callable[[], bool] = lambda: True) -> None:
        """Let time pass until ``until_s`` seconds after the start, or nobody is ``busy``."""
        self._hub = getcurrent()
        limit = int(until_s * SECOND)
        while self._heap and self._heap[0][0] <= limit and not self.accusations:
            if not busy():
                return
            self.now_us, _, _, happen = heapq.heappop(self._heap)
            happen()
            self.steps += 1
            if self.steps > MOST_STEPS:
                self.accuse("SIM", "this life does not end")
            while self._dying:
                self._kill(self._dying.pop())
        self.now_us = max(self.now_us, limit)

    def pause(self, what: str, wait_s: float) -> None:
        """Hand over: others run, then this call goes on ``wait_s`` later, if it still lives."""
        task = self.current
        if task is None:
            return
        if task.killed:
            raise Crashed
        if task.writing:
            self.accuse("I12", f"{task.label} went to {what} inside a transaction")
            return
        self._at(wait_s, lambda: self._enter(task))
        self.current = None
        self._hub.switch()
        if task.killed:
            raise Crashed
        self._set_clock(task)

    def crash(self, process: str) -> None:
        """All memory of ``process`` is gone as soon as the running call hands over."""
        self.note("chaos", f"{process} dies")
        self._dying.append(process)

    def stop(self) -> None:
        """End everything that still runs."""
        for actor in self.actors:
            actor.script.close()
        self.actors, self._heap = [], []
        self._kill("")

    def _at(self, wait_s: float, happen: Callable[[], None]) -> None:
        self._count += 1
        at = self.now_us + int(wait_s * SECOND)
        heapq.heappush(self._heap, (at, self.rng.random(), self._count, happen))

    def _advance(self, actor: Actor, told: Any) -> None:
        actor.step += 1
        try:
            wanted = actor.script.send(told)
        except StopIteration:
            actor.ended = True
            return
        if isinstance(wanted, Wait):
            self._at(wanted.seconds, lambda: self._advance(actor, None))
            return
        calls = wanted.calls if isinstance(wanted, Together) else (wanted,)
        actor.answers = [None] * len(calls)
        one = isinstance(wanted, Call)
        for place, call in enumerate(calls):
            self._start(actor, actor.step, place, call, one=one)

    def _start(self, actor: Actor, step: int, place: int, call: Call, *, one: bool) -> None:
        def tell(answer: Answer) -> None:
            if actor.step != step or actor.answers[place] is not None or actor.ended:
                return
            actor.answers[place] = answer
            if all(given is not None for given in actor.answers):
                told = actor.answers[0] if one else tuple(actor.answers)
                self._at(0, lambda: self._advance(actor, told))

        self._count += 1
        task = Task(self._count, call, asked=tell)
        self.tasks.append(task)
        self._at(self.rng.random() / 100, lambda: self._enter(task))
        if call.patience_s is not None:
            self._at(call.patience_s, lambda: tell(Answer(lost=True)))

    def _enter(self, task: Task) -> None:
        if task.done:
            return
        if task.running is None:
            task.running = greenlet(lambda: self._work(task), parent=self._hub)
            task.running.gr_context = contextvars.copy_context()
        self.current = task
        answer = task.running.switch()
        self.current = None
        if task.running.dead:
            self._finish(task, answer)

    def _work(self, task: Task) -> Answer:
        try:
            with task.held, self.surroundings():
                self._set_clock(task)
                value = task.call.work()
                self.pause("answer", self.rng.random() / 100)
                return Answer(value)
        except Crashed:
            return Answer(lost=True)
        except Exception as problem:
            return Answer(problem=problem)

    def _finish(self, task: Task, answer: Answer) -> None:
        task.done = True
        self.tasks.remove(task)
        said = "lost" if answer.lost else repr(answer.problem or answer.value)
        self.note(task.label, f"→ {said[:140]}")
        self.on_answer(task, answer)
        task.asked(answer)

    def _kill(self, process: str) -> None:
        for task in [t for t in self.tasks if process in ("", "all", t.call.process)]:
            task.killed = True
            if task.running is None:
                self._finish(task, Answer(lost=True))
            else:
                self._enter(task)

    def _set_clock(self, task: Task) -> None:
        """Put the product's clock, as this call sees it, to now."""
        task.held.close()
        task.held.enter_context(clock.driven(self.now))
