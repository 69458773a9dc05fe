"""A busy little town: an operator who fires, clients who approve and pay, a worker; all killable.

Clients behave as people do: where an answer is lost, they load the page again and look. Whatever
they were told once is written down here, to be asked of the books at the end.
"""

from __future__ import annotations

import http.client
import json
import queue
import random
import re
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

from billing_core import clock
from billing_core.records import db, work
from tests import books
from tests.races import ground, salvo
from tests.support import processes

PATIENCE_S = 120.0
PAUSE_S = 0.05
_CHECKOUT = re.compile(r"/sandbox/checkout/(cs_\w+)")
_FORM = {"content-type": "application/x-www-form-urlencoded", "user-agent": "Mozilla/5.0 (town)"}


@dataclass
class Told:
    """What somebody was told: order number → charge, and the orders told approved and paid."""

    fired: dict[int, str] = field(default_factory=dict)
    approved: set[int] = field(default_factory=set)
    paid: set[int] = field(default_factory=set)
    troubles: list[str] = field(default_factory=list)
    failures: Counter[int] = field(default_factory=Counter)


class Town:
    """Start it, ``kill`` in it, then ``finish`` it."""

    def __init__(self, seeded: books.Seeded, folder: Path, *, clients: int = 4, seed: int) -> None:
        self.told = Told()
        self.ready_s: list[tuple[str, float]] = []
        self._seeded, self._folder = seeded, folder
        self._ports = [processes.free_port(), processes.free_port()]
        self._public = f"http://127.0.0.1:{processes.free_port()}"
        self._closing = threading.Event()
        self._numbers = iter(range(1, 1_000_000))
        self._lock = threading.Lock()
        self._asked: dict[int, queue.Queue[str]] = {}
        self._makers: dict[str, Callable[[], ground.Process]] = {
            "pay-0": lambda: self._pay(0), "pay-1": lambda: self._pay(1),
            "worker": lambda: ground.worker(log=folder / "worker.log"), "operator": self._operator,
        }  # fmt: skip
        self._running = {name: make() for name, make in self._makers.items()}
        for name in self._running:
            self._wait_until_ready(name, clock.now())
        self._people = [
            threading.Thread(target=self._live, args=(random.Random(f"{seed}-{n}"),))
            for n in range(clients)
        ]
        for person in self._people:
            person.start()

    @property
    def names(self) -> tuple[str, ...]:
        """Whom one may kill."""
        return tuple(self._makers)

    def work_for(self, seconds: float) -> None:
        """Let everybody go on for so long."""
        self._closing.wait(seconds)

    def kill(self, *names: str) -> None:
        """SIGKILL these in one moment, start them again, note how long each took to be ready."""
        for name in names:
            self._running[name].kill()
        at, began = clock.now(), time.monotonic()
        for name in names:
            self._running[name].close()
            self._running[name] = self._makers[name]()
        for name in names:
            self._wait_until_ready(name, at)
            self.ready_s.append((name, time.monotonic() - began))

    def finish(self) -> Told:
        """Nobody begins anything new; everybody ends what they began. Returns what was told."""
        self._closing.set()
        for person in self._people:
            person.join(PATIENCE_S)
        self.close()
        return self.told

    def close(self) -> None:
        """Kill whatever still runs."""
        self._closing.set()
        for running in self._running.values():
            running.close()
        for person in self._people:
            person.join(PATIENCE_S)

    def _pay(self, which: int) -> ground.Process:
        log, port = self._folder / f"pay-{which}.log", self._ports[which]
        return ground.PayNow(log=log, port=port, PUBLIC_URL=self._public)

    def _operator(self) -> ground.Process:
        words = (self._seeded.customer, self._seeded.item)
        made = ground.script("firing", *words, log=self._folder / "operator.log")
        threading.Thread(target=self._hear, args=(made,), daemon=True).start()
        return made

    def _hear(self, operator: ground.Process) -> None:
        """Pass on what an operator says; a fresh one is asked again what its predecessor was."""
        for line in iter(operator.lines.get, None):
            if line == "ready":
                with self._lock:
                    waiting = list(self._asked)
                for number in waiting:
                    operator.tell(str(number))
                operator.is_ready.set()
                continue
            number, charge_id, token = line.split(" ")
            self.told.fired[int(number)] = charge_id
            with self._lock:
                asker = self._asked.pop(int(number), None)
            if asker is not None:
                asker.put(token)

    def _wait_until_ready(self, name: str, since: object) -> None:
        running = self._running[name]
        if isinstance(running, ground.PayNow):
            running.wait_until_ready()
        elif name == "operator":
            assert running.is_ready.wait(ground.READY_WITHIN_S), "the operator was never ready"
        else:
            _wait_for(lambda: _beat_after(since))

    def _live(self, luck: random.Random) -> None:
        """One client after another, until the town closes."""
        try:
            while not self._closing.is_set():
                self._buy(next(self._numbers), luck)
        except Exception as error:  # a thread's failure must reach the test
            self.told.troubles.append(f"{type(error).__name__}: {error}")

    def _buy(self, number: int, luck: random.Random) -> None:
        token = self._fire(number)
        path, until = f"/pay/{token}", time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            if self._step(number, path, luck):
                self.told.paid.add(number)
                return
        raise AssertionError(f"order {number} was not paid in time")

    def _fire(self, number: int) -> str:
        answer: queue.Queue[str] = queue.Queue()
        with self._lock:
            self._asked[number] = answer
        self._running["operator"].tell(str(number))
        return answer.get(timeout=PATIENCE_S)

    def _step(self, number: int, path: str, luck: random.Random) -> bool:
        """Look at the page and do what it offers; True once it says that it is paid."""
        page = self._look(path, luck)
        for verb in ("approve", "pay"):
            if f'action="{path}/{verb}' not in page:
                continue
            fields = salvo.form(page, verb) | {"method": luck.choice(["saved", "new"])}
            if verb == "approve":
                fields |= {"accept": "yes", "name": "Dana Whitfield"}
            status = self._send("POST", f"{path}/{verb}", luck, fields)[0]
            if status == 303:
                self.told.approved.add(number)
            return False
        session = _CHECKOUT.search(page)
        if session:
            number_typed = books.DECLINES if luck.random() < 0.1 else books.PAYS
            self._send("POST", session.group(), luck, {"number": number_typed})
        state = self._look(f"{path}/status", luck, accept="application/json")
        return json.loads(state)["state"] == "captured" if state.startswith("{") else False

    def _look(self, path: str, luck: random.Random, **headers: str) -> str:
        return self._send("GET", path, luck, None, **headers)[1]

    def _send(
        self, method: str, path: str, luck: random.Random, fields: dict[str, str] | None,
        **headers: str,
    ) -> tuple[int, str]:  # fmt: skip
        """One request to one of the servers; a lost answer is (0, "")."""
        line = http.client.HTTPConnection("127.0.0.1", luck.choice(self._ports), timeout=60)
        try:
            line.request(method, path, urlencode(fields) if fields else None, _FORM | headers)
            answer = line.getresponse()
            text = answer.read().decode()
        except (OSError, http.client.HTTPException):
            time.sleep(PAUSE_S)  # the server is being started again: people wait a moment, too
            return 0, ""
        finally:
            line.close()
        if answer.status >= 500:
            self.told.failures[answer.status] += 1
        return answer.status, text


def _beat_after(since: object) -> bool:
    with db.read_only() as connection:
        beat = work.last_beat(connection)
    return beat is not None and beat > since


def _wait_for(so: Callable[[], bool]) -> None:
    until = time.monotonic() + ground.READY_WITHIN_S
    while not so():
        assert time.monotonic() < until, "never ready"
        time.sleep(PAUSE_S)
