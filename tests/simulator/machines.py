"""Everything that acts without a person: workers, the scanner in the client's mail, late news from
the gateway, and chaos.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import cast

from billing_core import gateway, jobs
from billing_core.flows.approve_charge import approve_charge
from billing_core.flows.open_link import OpenLink, open_link
from billing_core.flows.pay_again import pay_again
from billing_core.flows.record_views import Sighting, record_views
from billing_core.flows.render_invoice import render_invoice
from billing_core.flows.request_changes import request_changes
from billing_core.flows.send_code import send_code
from billing_core.flows.settle_attempt import record_seen
from billing_core.flows.take_dispute import take_dispute
from billing_core.gateway.port import Seen
from billing_core.rules.nouns import Visit
from tests.simulator import company
from tests.simulator.client import Tab
from tests.simulator.story import Story
from tests.simulator.world import SECOND, Answer, Call, Script, Wait

ROBOT = Visit(address="192.0.2.9", rule="peer", peer="192.0.2.9", user_agent="MailScanner/1.0")
PROCESSES = ("console", "pay", "pay", "worker-1", "worker-2", "all")
#: When workers look again after everything was healed: past retries, leases, the life of a session.
STRIDES_S = (25, 1_800, 25 * 3_600, 96 * 3_600)
#: A worker with nothing to do sleeps eight times as long each time, up to hours.
MOST_LAZY = 5
#: Work nobody tried yet is seen to soon; what repeats itself waits for an ever lazier worker.
_FRESH = (
    "SELECT min(due_at) FROM jobs WHERE done_at IS NULL AND dead_at IS NULL"
    " AND attempts = 0 AND kind <> 'sweep'"
)


@dataclass
class Shift:
    """Stands in for the event that stops a worker: its ``wait`` is where virtual time passes.

    ``healed_us`` is set once nothing fails any more; from then on the worker looks rarely.
    """

    rng: random.Random
    story: Story
    healed_us: int | None = None
    idle: dict[int, int] = field(default_factory=dict)

    def is_set(self) -> bool:
        return False

    def wait(self, seconds: float) -> None:
        """Nothing to do: look again later, sooner when something is due."""
        world = self.story.world
        here = world.current
        assert here is not None
        many = self.idle[here.number] = self.idle.get(here.number, 0) + 1
        if self.healed_us is None:
            lazy = seconds * 8 ** min(many, MOST_LAZY) * self.rng.uniform(0.5, 1.5)
            soon = self._until_fresh() + self.rng.uniform(0, 5)
            world.pause("idle", max(seconds, min(lazy, soon)))
            return
        first = here.call.process == "worker-1"
        later = [s for s in STRIDES_S if self.healed_us + s * SECOND > world.now_us]
        gone = (world.now_us - self.healed_us) / SECOND
        world.pause("idle", (later[0] if later and first else 10 * STRIDES_S[-1]) - gone)

    def _until_fresh(self) -> float:
        (due,) = self.story.ground.books.execute(_FRESH).fetchone()
        if due is None:
            return 3_600
        at = datetime.fromisoformat(due).replace(tzinfo=UTC)
        return max(0.0, (at - self.story.world.now).total_seconds())


def work(name: str, shift: Shift) -> Script:
    """A worker, started anew whenever it died."""
    stop = cast(threading.Event, shift)
    while True:
        yield Call(name, "run_worker", lambda: jobs.run_worker(stop), by="worker")
        yield Wait(shift.rng.uniform(0.5, 40))


def scan(tab: Tab, visits: int) -> Script:
    """HEAD and GET every link, then click and submit everything, ticking and typing nothing."""
    for _ in range(visits):
        yield Wait(tab.desk.think())
        token = tab.token()
        if token:
            yield from _scan(tab, token)


def _scan(tab: Tab, token: str) -> Script:
    answer: Answer = yield Call("pay", "HEAD page", lambda: open_link(token), by="look")
    if not answer.good:
        return
    page = answer.value
    seen = Sighting(page.link.id, "automated", ROBOT, tab.story.world.now)
    yield Call("pay", "note view", lambda: record_views([seen]), by="look")
    yield Call("pay", "GET pdf", lambda: render_invoice(page.charge.id), by="look")
    for name, press in _buttons(token, page).items():
        yield Call("pay", f"robot: {name}", press, by="robot")


def _buttons(token: str, page: OpenLink) -> dict[str, Callable[[], object]]:
    """Every form of the page, ticking and typing nothing; the stored card is chosen where there is
    one, which alone must never be enough.
    """
    nonce, sha256 = page.nonce, page.document_sha256
    found: dict[str, Callable[[], object]] = {
        "approve": lambda: approve_charge(
            token,
            nonce=nonce,
            document_sha256=sha256,
            accept="",
            name="",
            method="saved",
            code="",
            visit=ROBOT,
        ),
        "changes": lambda: request_changes(
            token, nonce=nonce, document_sha256=sha256, kind="changes", message="", visit=ROBOT
        ),
        "code": lambda: send_code(token, nonce=nonce, visit=ROBOT),
    }
    again = partial(pay_again, token, nonce=nonce, code="", accept="", visit=ROBOT)
    for method in ("saved", "new"):
        pay = partial(again, method=method)
        found[f"pay {method}"] = pay
    return found


def carry(rng: random.Random, story: Story, visits: int) -> Script:
    """Old news from the gateway comes late, twice and in the wrong order."""
    for _ in range(visits):
        yield Wait(rng.choice((1, 10, 100, 1_000)) * rng.uniform(0.5, 1.5))
        if story.heard:
            attempt, seen = rng.choice(story.heard)
            yield _deliver(attempt, seen)


def object_to(rng: random.Random, story: Story, times: int) -> Script:
    """The payers' bank decides what they dispute; the gateway says so never, once or repeatedly."""
    for _ in range(times):
        yield Wait(rng.choice((100, 1_000, 10_000)) * rng.uniform(0.5, 1.5))
        for dispute in company.disputes(story.ground.bank, story.world.now):
            reference = dispute["id"]
            if dispute["status"] == "open" and rng.random() < 0.7:
                won = rng.random() < 0.5
                bank = gateway.sandbox()
                decide = partial(bank.decide_dispute, reference, won=won)
                yield Call("bank", f"dispute is {'won' if won else 'lost'}", decide)
            for _ in range(rng.choice((0, 1, 2))):
                yield Call("pay", "news of a dispute", partial(take_dispute, reference))


def catch_up(story: Story, news: Callable[[], list[tuple[str, Seen]]]) -> Script:
    """In the end the gateway's own messages come through, also about what it lied about."""
    yield Wait(3_600)
    for attempt, seen in news():
        if seen.reference in story.lied:
            yield _deliver(attempt, seen)


def _deliver(attempt: str, seen: Seen) -> Call:
    return Call(
        "pay", f"news: {attempt[-6:]} is {seen.outcome}", lambda: record_seen(attempt, seen)
    )


def destroy(rng: random.Random, story: Story, times: int) -> Script:
    """Processes die at any hand-over."""
    for _ in range(times):
        yield Wait(rng.choice((1, 10, 100, 1_000)) * rng.uniform(0.2, 2))
        story.world.crash(rng.choice(PROCESSES))
