"""The rows of a plan between a draft's text and the table on the screen. Pure; draws nothing.

What the table's widget tells is only ever its edits: they are applied to the rows it was drawn
from, and to nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import date
from typing import Any

import pandas as pd

from billing_core import ids
from billing_core.documents import wording as spoken
from billing_core.errors import Refused
from billing_core.rules import money
from billing_core.rules import plan as rules
from billing_core.rules.plan import PlanRow

PLACE, TITLE, AMOUNT, DUE, SCOPE, STATE = (
    "Place", "Milestone", "Amount", "Due", "What belongs to it", "State",
)  # fmt: skip
_FIELDS = {TITLE: "title", AMOUNT: "amount", DUE: "due_on", SCOPE: "scope"}
State = Mapping[str, Any]


_CHUNK = 6000
_MOST_CHUNKS = 16


def frame(rows: Sequence[PlanRow], states: Mapping[str, str]) -> pd.DataFrame:
    """The table that is edited; ``states`` are words by milestone id."""
    return pd.DataFrame(
        {
            PLACE: pd.Series(range(1, len(rows) + 1), dtype="Int64"),
            TITLE: pd.Series([row.title for row in rows], dtype="object"),
            AMOUNT: pd.Series([row.amount for row in rows], dtype="object"),
            DUE: pd.Series([_day(row.due_on) for row in rows], dtype="object"),
            SCOPE: pd.Series([row.scope for row in rows], dtype="object"),
            STATE: pd.Series([states.get(row.id, "New") for row in rows], dtype="object"),
        }
    )


def applied(before: Sequence[PlanRow], state: State) -> tuple[list[PlanRow], bool]:
    """What the table holds after its edits, and whether a row was given another place."""
    edits = {int(number): cells for number, cells in (state.get("edited_rows") or {}).items()}
    rows = [_row(row, edits.get(number, {})) for number, row in enumerate(before)]
    moves = [(rows[n], edits[n][PLACE]) for n in edits if edits[n].get(PLACE)]
    gone = set(state.get("deleted_rows") or ())
    kept = [row for number, row in enumerate(rows) if number not in gone]
    for cells in state.get("added_rows") or ():
        added = _row(PlanRow(), cells)
        kept.append(added)
        if cells.get(PLACE):
            moves.append((added, cells[PLACE]))
    for row, place in moves:
        at = next((n for n, each in enumerate(kept) if each is row), None)
        if at is not None:
            kept.insert(max(int(place) - 1, 0), kept.pop(at))
    return kept, bool(moves)


def _row(row: PlanRow, cells: Mapping[str, Any]) -> PlanRow:
    typed = {
        field: str(cells[name] or "").strip() for name, field in _FIELDS.items() if name in cells
    }
    return replace(row, **typed)


def summed(rows: Sequence[PlanRow], currency: str, contract_minor: int | None) -> str:
    """What the plan comes to, and what of the contract remains, in words."""
    kept = [row for row in rows if not row.is_blank()]
    amounts = [minor_of(row.amount, currency) for row in kept]
    total = spoken.money(sum(minor or 0 for minor in amounts), currency)
    count = "1 milestone" if len(kept) == 1 else f"{len(kept)} milestones"
    open_words = "" if None not in amounts else " Rows without an amount do not count yet."
    left = rules.left_minor(amounts, contract_minor)
    if left is None or contract_minor is None:
        return f"{count}, {total} in all. No contract sum is agreed.{open_words}"
    contract = spoken.money(contract_minor, currency)
    if left == 0:
        return f"{count}, {total}: the whole contract sum, nothing remains.{open_words}"
    rest = spoken.money(abs(left), currency)
    if left > 0:
        return f"{count}, {total} of {contract}: {rest} remains to be planned.{open_words}"
    return f"{count}, {total}: {rest} above the contract sum of {contract}.{open_words}"


def kept(rows: Sequence[PlanRow]) -> dict[str, str]:
    """The rows as values of a draft, each no longer than a draft's value may be."""
    text = json.dumps([asdict(row) for row in rows], ensure_ascii=False)
    count = min(len(text) // _CHUNK + 1, _MOST_CHUNKS)
    return {f"rows{n}": text[n * _CHUNK : (n + 1) * _CHUNK] for n in range(count)}


def loaded(draft: Mapping[str, str]) -> list[PlanRow]:
    """The rows of a draft; none where it holds no rows."""
    text = "".join(draft.get(f"rows{number}", "") for number in range(_MOST_CHUNKS))
    try:
        return [PlanRow(**{k: str(v) for k, v in row.items()}) for row in json.loads(text)]
    except (ValueError, TypeError, AttributeError):
        return []


def mark(rows: Sequence[PlanRow]) -> str:
    """A short digest of what is typed."""
    return ids.sha256_hex(json.dumps([asdict(row) for row in rows]))[:16]


def minor_of(text: str, currency: str) -> int | None:
    """Minor units of a typed amount, None where it is none."""
    try:
        return money.parse_amount(text, currency, grouped=True)
    except Refused:
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
