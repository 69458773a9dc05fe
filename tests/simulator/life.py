"""One life: a seed becomes people, machines and weather; then healing, 96 hours, and the checks."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from types import SimpleNamespace

from sqlalchemy.exc import DBAPIError, IntegrityError

from billing_core import gateway, jobs
from billing_core.errors import BillingError, BooksBroken, EvidenceUnwritable
from billing_core.flows.approve_charge import OUTCOME_UNKNOWN
from tests.simulator import books_checks, machines, money_checks, weather, word_checks
from tests.simulator.boundaries import Boundaries, installed
from tests.simulator.client import Tab
from tests.simulator.desk import AMOUNTS, Desk, Order
from tests.simulator.ending import End, read_end
from tests.simulator.entropy import seeded_ids, swapped
from tests.simulator.ground import START, Ground
from tests.simulator.recovery import REDUNDANT, switched_off
from tests.simulator.story import Story
from tests.simulator.till import Till
from tests.simulator.wall import Wall
from tests.simulator.weather import Climate, Weather
from tests.simulator.world import Actor, Answer, Task, World

CHECKS: tuple[Callable[[End], Iterator[str]], ...] = (
    money_checks.check_i1,
    money_checks.check_i2,
    money_checks.check_i3,
    money_checks.check_i4,
    word_checks.check_i5,
    word_checks.check_i6,
    word_checks.check_i7,
    books_checks.check_i9,
    books_checks.check_i10,
    word_checks.check_i11,
    word_checks.check_i13,
    word_checks.check_i16,
    money_checks.check_i17,
    word_checks.check_i18,
)
LONGEST_S = 30 * 3_600
AFTERWARDS_S = machines.STRIDES_S[-1] + 20
SWEEP_EVERY = timedelta(minutes=10)
#: One life in so many sets its papers with the real typst.
REAL_PAPERS = 50


@dataclass(frozen=True)
class Verdict:
    """What came of one life; ``problems`` as (invariant, words)."""

    seed: int
    problems: tuple[tuple[str, str], ...]
    trace: tuple[str, ...]
    steps: int
    digest: str = ""
    faults: dict[str, int] = field(default_factory=dict)
    without: tuple[str, ...] = ()

    def report(self) -> str:
        """The seed, what was wrong, and the last events."""
        wrong = "\n".join(f"  {name}: {words}" for name, words in self.problems)
        lines = "\n".join(self.trace)
        return (
            f"seed {self.seed} (without: {', '.join(self.without) or 'nothing'})\n{wrong}\n{lines}"
        )


@dataclass
class Life:
    """The parts of one life, drawn from its seed."""

    ground: Ground
    seed: int
    without: tuple[str, ...] | None = None
    schema: str = ""
    climate: Climate | None = None

    def live(self) -> Verdict:
        """Live through it on fresh ground."""
        self.ground.restore()
        self.ground.books.executescript(self.schema)
        rng = random.Random(self.seed)
        if self.without is None:
            self.without = rng.choice(((), (), (), *REDUNDANT))
        drawn = weather.draw(rng)
        self.weather = Weather(rng, self.climate or drawn)
        self.world = World(rng, START, lambda: gateway.using(self.wall))
        self.story = Story(self.world, self.ground)
        self.world.on_answer = self._answered
        boundaries = Boundaries(self.world, self.weather, self.story)
        with ExitStack() as held:
            chance = random.Random(f"ids of {self.seed}")
            held.enter_context(seeded_ids(chance, lambda: self.world.now))
            held.enter_context(installed(boundaries, real_papers=self.seed % REAL_PAPERS == 0))
            held.enter_context(switched_off(self.without))
            # a sweep that comes rarely is the harder case, and leaves time for more lives
            held.enter_context(swapped(jobs, "SWEEP_EVERY", SWEEP_EVERY))
            # a worker's name stays on the job it took last: it is the same in every process
            held.enter_context(swapped(jobs, "socket", SimpleNamespace(gethostname=lambda: "sim")))
            held.enter_context(swapped(jobs, "os", SimpleNamespace(getpid=lambda: 1)))
            held.enter_context(swapped(jobs, "_end", self._job_ended(jobs._end)))
            self.wall = Wall(self.story, self.weather)
            held.enter_context(swapped(gateway, "disputing", lambda: self.wall))
            held.enter_context(swapped(gateway, "refunding", lambda: self.wall))
            people = self._begin(rng)
            held.callback(self.world.stop)
            self._pass(people)
            digest = self._check()
        return Verdict(
            self.seed,
            tuple(self.world.accusations),
            tuple(self.world.story()),
            self.world.steps,
            digest,
            self.weather.drawn,
            self.without,
        )

    def _begin(self, rng: random.Random) -> list[Actor]:
        add, story = self.world.add, self.story
        desk = Desk(rng, story, self._order(rng))
        self.shift = machines.Shift(rng, story)
        assert self.without is not None
        hints = "client" not in self.without
        people = [
            add(
                "operator",
                desk.operate(verbs=rng.choice((0, 1, 2, 3)), suspends=rng.random() < 0.12),
            )
        ]
        people += [
            add(f"tab {n}", Tab(rng, story, desk, hints).browse(rng.randint(2, 5)))
            for n in range(rng.choice((1, 2, 2)))
        ]
        if rng.random() < 0.3:
            people.append(add("machine", desk.automate()))
        if rng.random() < 0.35:
            people.append(add("scanner", machines.scan(Tab(rng, story, desk, hints), 2)))
        if rng.random() < 0.35 and "news" not in self.without:
            people.append(add("courier", machines.carry(rng, story, 3)))
        # drawn apart, so that lives without these people stay what they were
        more = random.Random(f"more of {self.seed}")
        if more.random() < 0.3:
            people.append(add("bank", machines.object_to(more, story, 3)))
        till = Till(more, story, desk)
        if more.random() < 0.4:
            people.append(add("till", till.give_back(more.randint(1, 3))))
        if more.random() < 0.5 and self.order_fails:
            people.append(add("collector", till.charge_again(more.randint(1, 2))))
        calm = self.weather.climate == weather.CALM
        if not calm and rng.random() < 0.5:
            people.append(add("chaos", machines.destroy(rng, story, rng.randint(1, 3))))
        for n in range(rng.choice((1, 1, 1, 2))):
            name = f"worker-{n + 1}"
            add(name, machines.work(name, self.shift), after_s=rng.uniform(0, 5))
        return people

    def _order(self, rng: random.Random) -> Order:
        ground = self.ground
        name = rng.choice(("pays", "pays", "declines", "asks", "none"))
        buyer = ground.buyers[name]
        item = ground.items[rng.choice(("event", "event", "event", "taxed", "stored"))]
        milestone = rng.choice((*buyer.milestones, "", ""))
        self.order_fails = (name, item) == ("declines", ground.items["stored"])
        return Order(buyer.id, item, rng.choice(AMOUNTS), milestone)

    def _pass(self, people: list[Actor]) -> None:
        """Safety with faults while people act; then heal, and let 96 hours go by."""
        world = self.world
        world.run(LONGEST_S, busy=lambda: not all(actor.ended for actor in people))
        world.note("heaven", "healed")
        self.weather.heal()
        self.shift.healed_us = world.now_us
        healed_s = world.now_us / 1_000_000
        if "news" not in (self.without or ()):
            world.add("messages", machines.catch_up(self.story, self.wall.news))
        world.run(healed_s + AFTERWARDS_S)

    def _check(self) -> str:
        """Every invariant, unless one was broken on the way; the digest of the whole life."""
        end = read_end(self.ground, self.story)
        if not self.world.accusations:
            for check in CHECKS:
                for words in check(end):
                    self.world.accuse(check.__name__.removeprefix("check_").upper(), words)
        return self.world.digest(end.tables, end.payments)

    def _answered(self, task: Task, answer: Answer) -> None:
        """An answer is a value, a refusal in words, or a failure that was injected here."""
        problem = answer.problem
        if isinstance(problem, EvidenceUnwritable) and problem.code != OUTCOME_UNKNOWN:
            self.story.unwritable.add(task.number)
        if problem is None or (isinstance(problem, BillingError) and not _broken(problem)):
            return
        if isinstance(problem, DBAPIError) and task.faulted and not _broken(problem):
            return
        self.world.accuse("5XX", f"{task.label}: {problem!r}")

    def _job_ended(self, really: Callable[..., None]) -> Callable[..., None]:
        def end(job: object, error: Exception, *, final: bool) -> None:
            if _broken(error) or not isinstance(error, BillingError | DBAPIError):
                self.world.accuse("5XX", f"{job}: {error!r}")
            really(job, error, final=final)

        return end


def _broken(problem: Exception) -> bool:
    return isinstance(problem, BooksBroken | IntegrityError)


def live(
    ground: Ground,
    seed: int,
    *,
    without: tuple[str, ...] | None = None,
    planted: Callable[[], AbstractContextManager[None]] = nullcontext,
    schema: str = "",
    climate: Climate | None = None,
) -> Verdict:
    """Live one life, with a planted mistake if one is given: a swap, and a change of the schema.

    ``without`` and ``climate`` are drawn from the seed unless they are given.
    """
    with planted():
        return Life(ground, seed, without, schema, climate).live()
