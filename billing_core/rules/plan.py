"""A contract's plan as it is typed: shares that sum to the cent, and what is left in words.

Pure. Amounts are minor units of one currency; typed ones are decimal text, a percentage of the
contract sum (``30%``), or ``rest``.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from decimal import Decimal

from billing_core.errors import AmountRefused
from billing_core.rules import money
from billing_core.rules.nouns import Milestone

MOST_ROWS = 60
REST = "rest"
_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s*%", re.ASCII)
_BETWEEN = re.compile(r"\s*[/;\n]\s*|\s*,\s+")
_WHOLE = Decimal(1).scaleb(2)
_TOLD = ("id", "position", "title", "planned_minor", "due_on", "scope")


@dataclass(frozen=True, slots=True)
class PlanRow:
    """One milestone as typed; ``id`` is "" for a new one."""

    id: str = ""
    title: str = ""
    amount: str = ""
    due_on: str = ""
    scope: str = ""

    def is_blank(self) -> bool:
        """True for a row somebody added and left."""
        return not any(part.strip() for part in asdict(self).values())


def as_typed(milestone: Milestone, currency: str) -> PlanRow:
    """A milestone as the editor shows it."""
    return PlanRow(
        id=milestone.id,
        title=milestone.title,
        amount=money.to_text(milestone.planned_minor, currency),
        due_on=milestone.due_on.isoformat() if milestone.due_on else "",
        scope=milestone.scope,
    )


def version_of(plan: Sequence[Milestone]) -> str:
    """A digest of everything a plan's editor shows: another one means that it was changed."""
    told = [[str(asdict(milestone)[name]) for name in _TOLD] for milestone in plan]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()


def parse_shares(
    text: str, currency: str, *, contract_minor: int | None, other_minor: int = 0
) -> list[int]:
    """Amounts for ``30% / 30% / rest``: percentages of the contract sum, amounts, or the rest.

    Percentages that make 100 sum to the contract to the last unit: what rounding leaves goes to
    the parts that lost most by it. ``other_minor`` is what the rest must leave to others. Raises
    AmountRefused with the part that is wrong.
    """
    parts = [part.strip() for part in _BETWEEN.split(text.strip()) if part.strip()]
    if not parts:
        raise AmountRefused("Write the shares, for example 30% / 30% / rest.")
    if len(parts) > MOST_ROWS:
        raise AmountRefused(f"A plan has up to {MOST_ROWS} milestones.")
    percents = [_percent(part) for part in parts]
    by_percent = iter(_by_percent([p for p in percents if p is not None], contract_minor))
    found: list[int | None] = []
    for part, percent in zip(parts, percents, strict=True):
        if percent is not None:
            found.append(next(by_percent))
        elif part.lower() == REST:
            found.append(None)
        else:
            found.append(money.parse_amount(part, currency, grouped=True))
    return _with_rest(found, currency, contract_minor, other_minor)


def split(total_minor: int, weights: Sequence[Decimal]) -> list[int]:
    """``total_minor`` by ``weights``: whole units that sum to it exactly, largest remainder first.

    >>> split(100, [Decimal(1), Decimal(1), Decimal(1)])
    [34, 33, 33]
    """
    whole = sum(weights, Decimal(0))
    exact = [total_minor * weight / whole for weight in weights]
    parts = [int(share) for share in exact]
    order = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in order[: total_minor - sum(parts)]:
        parts[i] += 1
    return parts


def left_minor(amounts: Sequence[int | None], contract_minor: int | None) -> int | None:
    """What of the contract is not planned yet: negative when the plan is above it."""
    if contract_minor is None:
        return None
    return contract_minor - sum(amount for amount in amounts if amount is not None)


def _percent(part: str) -> Decimal | None:
    found = _PERCENT.fullmatch(part)
    return Decimal(found[1]) if found else None


def _by_percent(percents: Sequence[Decimal], contract_minor: int | None) -> list[int]:
    if not percents:
        return []
    if contract_minor is None:
        raise AmountRefused("A percentage needs a contract sum. Write amounts, or agree on one.")
    total = sum(percents, Decimal(0))
    if total > _WHOLE:
        raise AmountRefused(f"The percentages make {total.normalize():f}%, more than the whole.")
    if min(percents) <= 0:
        raise AmountRefused("A share must be more than zero.")
    parts = split(int(contract_minor * total / _WHOLE), percents)
    for part in parts:
        money.check_amount(part)
    return parts


def _with_rest(
    found: Sequence[int | None], currency: str, contract_minor: int | None, other_minor: int
) -> list[int]:
    if None not in found:
        return [amount for amount in found if amount is not None]
    if found.count(None) > 1:
        raise AmountRefused("Only one share can be the rest.")
    if contract_minor is None:
        raise AmountRefused("The rest needs a contract sum. Write an amount, or agree on one.")
    rest = contract_minor - other_minor - sum(amount for amount in found if amount is not None)
    if rest <= 0:
        over = f"{money.to_text(-rest, currency)} {currency} more than the whole"
        said = over if rest else "the whole already"
        raise AmountRefused(f"Nothing is left for the rest: the others make {said}.")
    return [rest if amount is None else amount for amount in found]
