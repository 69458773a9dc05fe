"""Balanced postings: debit +, credit -, each set sums to zero per currency (document 1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from billing_core.errors import BooksBroken


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a set, in minor units of ``currency``."""

    account: str
    amount_minor: int
    currency: str


def capture(gateway: str, *, net_minor: int, tax_minor: int, currency: str) -> tuple[Posting, ...]:
    """Money collected at a gateway: cash + · sales − · tax −."""
    return balanced(
        Posting(f"cash:{gateway}", net_minor + tax_minor, currency),
        Posting("sales", -net_minor, currency),
        Posting("tax", -tax_minor, currency),
    )


def fee(gateway: str, *, fee_minor: int, currency: str) -> tuple[Posting, ...]:
    """What the gateway keeps: fees + · cash −."""
    return balanced(
        Posting("fees", fee_minor, currency),
        Posting(f"cash:{gateway}", -fee_minor, currency),
    )


def refund(gateway: str, *, net_minor: int, tax_minor: int, currency: str) -> tuple[Posting, ...]:
    """Money sent back: refunds + · tax + · cash −. Negative sums take it back."""
    return balanced(
        Posting("refunds", net_minor, currency),
        Posting("tax", tax_minor, currency),
        Posting(f"cash:{gateway}", -net_minor - tax_minor, currency),
    )


def moved(account: str, gateway: str, *, amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """Cash that left into ``account``: account + · cash −. A negative sum is cash that came."""
    return balanced(
        Posting(account, amount_minor, currency),
        Posting(f"cash:{gateway}", -amount_minor, currency),
    )


def dispute_lost(into: str, *, amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """What the bank held is gone for good: dispute_losses, or suspense, + · dispute_held −."""
    return balanced(
        Posting(into, amount_minor, currency),
        Posting("dispute_held", -amount_minor, currency),
    )


def exchanged(gateway: str, *, given: tuple[int, str], got: tuple[int, str]) -> tuple[Posting, ...]:
    """Cash that the gateway turned into another currency: out of one, into the other."""
    (gave_minor, gave), (got_minor, into) = given, got
    return balanced(
        Posting("exchange", gave_minor, gave),
        Posting(f"cash:{gateway}", -gave_minor, gave),
        Posting(f"cash:{gateway}", got_minor, into),
        Posting("exchange", -got_minor, into),
    )


def second_money(gateway: str, *, amount_minor: int, currency: str) -> tuple[Posting, ...]:
    """Money that came a second time for one charge: cash + · suspense −, never revenue (I2)."""
    return balanced(
        Posting(f"cash:{gateway}", amount_minor, currency),
        Posting("suspense", -amount_minor, currency),
    )


def balanced(*postings: Posting) -> tuple[Posting, ...]:
    """The postings without empty lines; BooksBroken if they do not sum to zero per currency."""
    if any(sums := _sums(postings)):
        raise BooksBroken(f"A set of postings does not sum to zero: {sums}")
    return tuple(p for p in postings if p.amount_minor)


def _sums(postings: Iterable[Posting]) -> list[int]:
    totals: dict[str, int] = {}
    for posting in postings:
        totals[posting.currency] = totals.get(posting.currency, 0) + posting.amount_minor
    return [total for total in totals.values() if total]
