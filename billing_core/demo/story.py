"""The demo's story, read from ``data/demo``: who, what, in which order. Says nothing, does nothing.

All days are counted back from the day of the making, and chance is a digest of names: the same day
gives the same story.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from pathlib import Path

from billing_core.rules import money

STORY = Path(__file__).resolve().parents[2] / "data" / "demo"
Row = dict[str, str]
#: The small story, for tests of its shape: these customers, and nothing older than this.
_FEW = ("Harbor & Vine", "Tern & Co", "Hallmann Optik KG", "Kumo Stationery", "Marlow & Finch")
_RECENT_DAYS, _RECENT_MONTHS = 150, 2
_HEX = 13


@dataclass(frozen=True, slots=True)
class Phase:
    """One milestone of the plan: amount as typed; ``turn`` is what befalls it, or ""."""

    number: int
    title: str
    amount: str
    due_on: date
    scope: str
    acceptance: str
    turn: str


@dataclass(frozen=True, slots=True)
class ProjectPlan:
    """One project of a customer, billed with the item of that name."""

    row: Row
    starts_on: date
    phases: tuple[Phase, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that is told, and the day it is told on."""

    today: date
    customers: tuple[Row, ...]
    items: tuple[Row, ...]
    projects: tuple[ProjectPlan, ...]


def read_story(today: date, *, small: bool = False) -> Story:
    """The whole story, or a few recent months of a few customers."""
    customers = tuple(r for r in _rows("customers") if not small or r["company"] in _FEW)
    if small:
        customers = tuple(_shorter(row) for row in customers)
    known = {row["company"]: row["currency"] for row in customers}
    oldest = _RECENT_DAYS if small else None
    projects = tuple(
        _plan(row, today, known[row["company"]])
        for row in _rows("projects")
        if row["company"] in known and (oldest is None or int(row["start"]) <= oldest)
    )
    return Story(today, customers, _rows("items"), projects)


def chance(*names: object) -> float:
    """A number in [0, 1) that is always the same for the same names."""
    digest = hashlib.sha256("|".join(map(str, names)).encode()).hexdigest()
    return int(digest[:_HEX], 16) / (1 << 4 * _HEX)


def deliverables_of(kind: str, phase: int) -> list[Row]:
    """What is handed over with a phase of such a project: rows of name, detail, form, place."""
    return [r for r in _rows("deliverables") if (r["kind"], r["phase"]) == (kind, str(phase))]


def turn_of_month(company: str, months_back: int) -> str:
    """What befalls a customer's monthly charge of so many months ago, "" mostly."""
    named = [r for r in _rows("turns") if r["project"] == company]
    return next((r["turn"] for r in named if r["phase"] == str(months_back)), "")


def said(language: str, kind: str, *names: object) -> str:
    """One of the sentences of this kind, always the same for the same names."""
    lines = [
        row["text"] for row in _rows("words") if (row["language"], row["kind"]) == (language, kind)
    ]
    return lines[int(chance(kind, *names) * len(lines))]


def _plan(row: Row, today: date, currency: str) -> ProjectPlan:
    starts_on = today - timedelta(days=int(row["start"]))
    kinds = [phase for phase in _rows("phases") if phase["kind"] == row["kind"]]
    turns = {(t["project"], t["phase"]): t["turn"] for t in _rows("turns")}
    due_on, phases = starts_on, []
    amounts = _split(row["contract"], [int(phase["share"]) for phase in kinds], currency)
    for number, (phase, amount) in enumerate(zip(kinds, amounts, strict=True), start=1):
        due_on += timedelta(days=int(phase["days"]))
        phases.append(
            Phase(
                number=number,
                title=f"Phase {number}: {phase['title']}",
                amount=amount,
                due_on=due_on,
                scope=phase["scope"],
                acceptance=phase["acceptance"],
                turn=turns.get((row["number"], str(number)), ""),
            )
        )
    return ProjectPlan(row, starts_on, tuple(phases))


def _split(contract: str, shares: Sequence[int], currency: str) -> list[str]:
    """The contract sum by shares, in whole units; the last part takes what is left."""
    total, unit = money.parse_amount(contract, currency), 10 ** money.exponent(currency)
    parts = [total * share // sum(shares) // unit * unit for share in shares[:-1]]
    parts.append(total - sum(parts))
    return [money.to_text(part, currency) for part in parts]


def _shorter(row: Row) -> Row:
    months = {
        n: str(min(int(row[n] or 0), _RECENT_MONTHS)) for n in ("care_months", "support_months")
    }
    return row | months


@lru_cache(maxsize=16)
def _rows(name: str) -> tuple[Row, ...]:
    with (STORY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))
