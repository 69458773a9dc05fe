"""The states of a charge and the only moves between them (document 1, "States").

README's table is made from ``TABLE`` and a test keeps the two equal.
"""

from __future__ import annotations

from dataclasses import dataclass

from billing_core.errors import IllegalMove

STATES = (
    "pending_client",
    "changes_requested",
    "approved",
    "charging",
    "captured",
    "failed",
    "void",
    "expired",
    "refunded",
    "disputed",
    "lost",
)

#: A live charge holds its milestone: nothing else may bill it.
ENDED = frozenset({"void", "expired", "refunded", "lost"})


@dataclass(frozen=True, slots=True)
class Move:
    """One move: its name, the states it may start from, and where it leads."""

    name: str
    sources: tuple[str, ...]
    target: str
    says: str


TABLE: tuple[Move, ...] = (
    Move("approve", ("pending_client",), "approved", "the client approves"),
    Move(
        "request_changes",
        ("pending_client",),
        "changes_requested",
        "the client asks for changes or declines, with a text",
    ),
    Move(
        "answer",
        ("changes_requested",),
        "pending_client",
        "the operator answers and re-sends the same document",
    ),
    Move(
        "revise",
        ("changes_requested", "pending_client"),
        "void",
        "the operator revises; a successor takes its place",
    ),
    Move(
        "attempt_ended",
        ("approved",),
        "approved",
        "the attempt was declined, expired or cancelled; the client may pay again",
    ),
    Move(
        "capture",
        ("approved", "charging"),
        "captured",
        "the attempt succeeded",
    ),
    Move("decline", ("charging",), "failed", "the attempt was declined"),
    Move("ask_client", ("charging",), "pending_client", "the gateway wants the client"),
    Move("retry", ("failed",), "charging", "the operator retries"),
    Move(
        "void",
        ("pending_client", "changes_requested", "failed", "approved"),
        "void",
        "the operator voids (approved: only while no attempt is alive)",
    ),
    Move(
        "expire",
        ("pending_client", "changes_requested"),
        "expired",
        "the date until which it was valid has passed",
    ),
    Move("reissue", ("expired",), "pending_client", "the operator re-sends"),
    Move(
        "record_payment",
        ("pending_client", "approved"),
        "captured",
        "the operator records a payment made elsewhere (no attempt alive)",
    ),
    Move("refund_all", ("captured",), "refunded", "refunds reach the whole sum"),
    Move("dispute", ("captured", "refunded"), "disputed", "a chargeback was opened"),
    Move("win", ("disputed",), "captured", "the dispute was won"),
    Move("win_refunded", ("disputed",), "refunded", "the dispute was won, all had been refunded"),
    Move("lose", ("disputed",), "lost", "the dispute was lost"),
    Move(
        "late_money",
        ("void", "expired", "failed"),
        "captured",
        "money arrived all the same: flagged for a person",
    ),
)

_MOVES = {move.name: move for move in TABLE}

#: The word people see for a state, everywhere the same.
WORDS = {
    "pending_client": "Waiting",
    "changes_requested": "Changes requested",
    "approved": "Approved",
    "charging": "Charging",
    "captured": "Paid",
    "failed": "Failed",
    "void": "Void",
    "expired": "Expired",
    "refunded": "Refunded",
    "disputed": "Disputed",
    "lost": "Lost",
}


def move(name: str, state: str) -> str:
    """The state after move ``name`` from ``state``; IllegalMove names both when there is none."""
    found = _MOVES[name]
    if state not in found.sources:
        raise IllegalMove(
            f"This charge is {WORDS[state].lower()}, so that cannot be done: {found.says}.",
            move=name,
            state=state,
        )
    return found.target


def can(name: str, state: str) -> bool:
    """True when the table has move ``name`` from ``state``."""
    return state in _MOVES[name].sources


def is_live(state: str) -> bool:
    """True while the charge holds its milestone (document 1, duplicates)."""
    return state not in ENDED


#: Outcomes of an attempt after which nothing more is expected from the gateway.
SETTLED = frozenset({"succeeded", "declined", "expired", "cancelled"})
#: Outcomes while the gateway may still take money: no second attempt beside one of these.
ALIVE = ("pending", "requires_action", "processing", "unknown")


#: How far an outcome leads; not knowing is no step back from having known.
_STEPS = (("pending", "unknown"), ("requires_action",), ("processing",))
_RANK = {outcome: rank for rank, step in enumerate(_STEPS) for outcome in step}
_ENDED, _PAID = len(_STEPS), len(_STEPS) + 1


def attempt_after(old: str, new: str) -> str:
    """The outcome of an attempt after hearing ``new``: late or repeated news never move it back.

    Success wins over everything (the money is there); the first ending stays otherwise (I8).
    """
    return new if _rank(new) > _rank(old) or _rank(old) == _rank(new) == 0 else old


def _rank(outcome: str) -> int:
    return _PAID if outcome == "succeeded" else _RANK.get(outcome, _ENDED)
