"""The trial balance: every account's balance per currency, and whether the books balance."""

from __future__ import annotations

from dataclasses import dataclass

from billing_core.records import books, db


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One account in one currency; debit +, credit −, in minor units."""

    account: str
    currency: str
    balance_minor: int


@dataclass(frozen=True, slots=True)
class TrialBalance:
    """``balanced`` when all accounts sum to zero per currency and every set does."""

    accounts: tuple[AccountLine, ...]
    balanced: bool


def trial_balance() -> TrialBalance:
    """Read the ledger once."""
    with db.read_only() as connection:
        lines = tuple(
            AccountLine(row.account, row.currency, int(row.balance_minor))
            for row in books.balances(connection)
        )
        broken = books.unbalanced_sets(connection)
    totals: dict[str, int] = {}
    for line in lines:
        totals[line.currency] = totals.get(line.currency, 0) + line.balance_minor
    return TrialBalance(lines, not broken and not any(totals.values()))
