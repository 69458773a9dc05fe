"""What the outside world knows by itself: what people typed and were told, what the gateway was
asked. The checkers hold the books against this, never the other way round.
"""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass, field
from typing import Any

from billing_core.gateway.port import Seen
from tests.simulator import company
from tests.simulator.company import payable
from tests.simulator.ground import Ground
from tests.simulator.watch_refunds import RefundWatch
from tests.simulator.world import Task, World

#: Charges that may not be payable at the gateway any more.
CLOSED = frozenset({"void", "expired", "captured", "disputed", "refunded", "lost", "failed"})
ALIVE = frozenset({"pending", "requires_action", "processing", "unknown"})
#: Document 1, "States": the only moves, written down here a second time on purpose.
MOVES = frozenset(
    {
        ("pending_client", "approved"),
        ("pending_client", "changes_requested"),
        ("pending_client", "void"),
        ("pending_client", "expired"),
        ("pending_client", "captured"),
        ("changes_requested", "pending_client"),
        ("changes_requested", "void"),
        ("changes_requested", "expired"),
        ("approved", "captured"),
        ("approved", "void"),
        ("charging", "captured"),
        ("charging", "failed"),
        ("charging", "pending_client"),
        ("failed", "charging"),
        ("failed", "void"),
        ("expired", "pending_client"),
        ("void", "captured"),
        ("expired", "captured"),
        ("failed", "captured"),
        ("captured", "disputed"),
        ("captured", "refunded"),
        ("refunded", "disputed"),
        ("disputed", "captured"),
        ("disputed", "refunded"),
        ("disputed", "lost"),
    }
)
#: Moves that only the gateway can be the reason of: the dispute in its file has to be this far.
BY_DISPUTE = {
    ("captured", "disputed"): ("open", "won", "lost"),
    ("refunded", "disputed"): ("open", "won", "lost"),
    ("disputed", "captured"): ("won",),
    ("disputed", "refunded"): ("won",),
    ("disputed", "lost"): ("lost",),
    # both ends were heard of at once: two moves in one commit
    ("captured", "lost"): ("lost",),
    ("refunded", "lost"): ("lost",),
}
ALLOWED = MOVES.union(BY_DISPUTE)
FIRST_STATES = frozenset({"pending_client", "charging"})


@dataclass(frozen=True, slots=True)
class Ack:
    """Somebody was told that this happened: the chain of ``stream`` must say so for ever."""

    stream: str
    kind: str
    marks: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Fire:
    """One fire that was asked for, and the charge it was answered with (None: no answer)."""

    scope: tuple[str, str]
    key: str
    body: str
    charge: str | None = None


@dataclass(frozen=True, slots=True)
class Create:
    """One call that can take money. ``evidence``: what was durable before it, "" for nothing."""

    verb: str
    charge: str
    attempt: str
    key: str
    amount_minor: int
    currency: str
    evidence: str
    task: int


@dataclass
class Story:
    """Everything the outside knows of one life."""

    world: World
    ground: Ground
    approved: set[str] = field(default_factory=set)
    asked_changes: set[str] = field(default_factory=set)
    effects: dict[str, int] = field(default_factory=dict)
    served: dict[str, set[str]] = field(default_factory=dict)
    papers: dict[str, set[str]] = field(default_factory=dict)
    acks: list[Ack] = field(default_factory=list)
    fires: list[Fire] = field(default_factory=list)
    creates: list[Create] = field(default_factory=list)
    heard: list[tuple[str, Seen]] = field(default_factory=list)
    lied: set[str] = field(default_factory=set)
    approvers: set[int] = field(default_factory=set)
    unwritable: set[int] = field(default_factory=set)
    failed_evidence: dict[int, int] = field(default_factory=dict)
    states: dict[str, str] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    refunds: RefundWatch = field(default_factory=RefundWatch)

    def ack(self, stream: str, kind: str, **marks: Any) -> None:
        """Somebody was told; it must be durable already."""
        made = Ack(stream, kind, tuple(sorted(marks.items())))
        self.acks.append(made)
        if not holds(made, events_of(self.ground.books, stream)):
            self.world.accuse("I7", f"{kind} of {stream} was acknowledged before it was durable")

    def committed(self, task: Task, books: sqlite3.Connection) -> None:
        """Look at what a commit changed: no move but the allowed ones, none by a look (I5, I8)."""
        states = dict(books.execute("SELECT id, state FROM charges").fetchall())
        tried = books.execute("SELECT id, charge_id, outcome FROM attempts").fetchall()
        outcomes = {attempt: outcome for attempt, _, outcome in tried}
        self._check_harmless(task, states, outcomes)
        self._check_moves(task, states)
        self._check_outcomes(outcomes)
        for words in self.refunds.look(books):
            self.world.accuse("I10", words)
        alive = [charge for _, charge, outcome in tried if outcome in ALIVE]
        if len(alive) > len(set(alive)):
            self.world.accuse("I2", f"two attempts of one charge are alive: {tried}")
        ended = [
            c for c, state in states.items() if state in CLOSED and self.states.get(c) != state
        ]
        self.states, self.outcomes = states, outcomes
        for charge in ended:
            self.check_closed(charge)

    def evidence_failed(self, task: Task) -> None:
        """Evidence could not be written: from now on this call must leave the gateway alone."""
        if task.call.by == "person":
            self.failed_evidence.setdefault(task.number, len(self.creates))

    def check_refunds(self) -> None:
        """The gateway sent money back: never more than came, and each refund of ours once (I10)."""
        bank = self.ground.bank
        for words in company.overdrawn(bank, self.world.now):
            self.world.accuse("I10", f"more went back than came: {words}")
        ours = [row["metadata"]["refund_id"] for row in company.refunds(bank)]
        if len(ours) > len(set(ours)):
            self.world.accuse("I10", f"a refund was sent twice: {ours}")

    def check_closed(self, charge: str) -> None:
        """Nothing at the gateway is payable for a charge that ended or is paid (I2)."""
        left = set(payable(self.ground.bank, charge)) - self.lied
        if left:
            state = self.states[charge]
            self.world.accuse("I2", f"{charge} is {state} and can still be paid: {sorted(left)}")

    def _check_harmless(self, task: Task, states: dict[str, str], tried: dict[str, str]) -> None:
        if task.call.by == "look" and (states != self.states or tried != self.outcomes):
            self.world.accuse("I5", f"{task.label} moved a charge or an attempt")
        if task.call.by == "robot" and states != self.states:
            self.world.accuse("I5", f"{task.label} moved a charge")

    def _check_moves(self, task: Task, states: dict[str, str]) -> None:
        for charge in self.states.keys() - states.keys():
            self.world.accuse("I7", f"the charge {charge} is gone")
        for charge, state in states.items():
            before = self.states.get(charge)
            if before == state:
                continue
            self.world.note("books", f"{charge[-6:]} {before or '–'} → {state}")
            if state == "approved":
                self.approvers.add(task.number)
            fine = state in FIRST_STATES if before is None else (before, state) in ALLOWED
            if not fine:
                self.world.accuse("I8", f"{charge} went from {before} to {state}")
            wanted = BY_DISPUTE.get((before or "", state))
            if wanted and not self._is_disputed(charge, wanted):
                self.world.accuse("I8", f"{charge} is {state}, and its payer's bank knows nothing")

    def _is_disputed(self, charge: str, wanted: tuple[str, ...]) -> bool:
        found = company.disputes(self.ground.bank, self.world.now)
        return any(d["charge_id"] == charge and d["status"] in wanted for d in found)

    def _check_outcomes(self, outcomes: dict[str, str]) -> None:
        for attempt, outcome in outcomes.items():
            before = self.outcomes.get(attempt, "pending")
            if before == outcome:
                continue
            self.world.note("books", f"{attempt[-6:]} {before} → {outcome}")
            ended = before not in ALIVE and outcome != "succeeded"
            # not knowing may follow nothing but never having known
            if before == "succeeded" or ended or (outcome == "unknown" and before != "pending"):
                self.world.accuse("I8", f"{attempt} went from {before} to {outcome}")


def events_of(books: sqlite3.Connection, stream: str) -> list[dict[str, Any]]:
    """The parsed events of a chain, in order."""
    found = books.execute(
        "SELECT canonical FROM evidence_events WHERE stream = ? ORDER BY seq", (stream,)
    )
    return [json.loads(text) for (text,) in found]


def holds(ack: Ack, events: list[dict[str, Any]]) -> bool:
    """True when the chain tells of what was acknowledged."""
    return any(
        event["kind"] == ack.kind
        and all(event["payload"].get(name) == value for name, value in ack.marks)
        for event in events
    )
