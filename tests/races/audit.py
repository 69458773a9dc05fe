"""Are the books sound? What must hold after any race, said by the books and by the sandbox.

The sandbox keeps its own file and its own sum; nothing here believes a page.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlalchemy import select

from billing_core import gateway
from billing_core.flows.verify_evidence import verify_all
from billing_core.records import books, db, tables
from billing_core.reports.trial_balance import trial_balance


def check_books() -> None:
    """Ledger balanced, cash = the sandbox's own sum, evidence whole, numbers gapless."""
    balance = trial_balance()
    assert balance.balanced
    cash = {a.currency: a.balance_minor for a in balance.accounts if a.account == "cash:sandbox"}
    assert cash == gateway.sandbox().balance(), "the gateway says another sum than the ledger"
    assert not [a for a in balance.accounts if a.account == "suspense"], "money came twice"
    verified = verify_all()
    assert verified.problems == ()
    check_numbers()
    check_singles()


def check_numbers() -> None:
    """Invoice numbers of each year are 1 … n, each once."""
    numbers = sorted(_column(tables.charges.c.invoice_number))
    by_year: dict[str, list[int]] = {}
    for number in numbers:
        year, _, counted = number.rpartition("-")
        by_year.setdefault(year, []).append(int(counted))
    for year, counted in by_year.items():
        assert counted == list(range(1, len(counted) + 1)), f"{year} has gaps or doubles"


def check_singles() -> None:
    """At most one approval, one success and one capture for each charge."""
    events = tables.events
    approved = select(events.c.stream).where(events.c.kind == "charge.approved")
    assert _doubles(_all(approved)) == []
    attempts = tables.attempts
    succeeded = select(attempts.c.charge_id).where(attempts.c.outcome == "succeeded")
    assert _doubles(_all(succeeded)) == []
    captured = select(tables.revenue.c.charge_id).where(tables.revenue.c.kind == "capture")
    assert _doubles(_all(captured)) == []
    assert sorted(_all(captured)) == sorted(_all(succeeded)), "a success without revenue"


def check_one_capture(charge_id: str, *, attempts: int = 1) -> None:
    """Exactly one approval and one capture, after so many attempts."""
    with db.read_only() as connection:
        rows = books.revenue_of(connection, charge_id)
        events = tables.events
        kinds = Counter(
            connection.execute(select(events.c.kind).where(events.c.stream == charge_id)).scalars()
        )
        charge = connection.execute(
            select(tables.charges).where(tables.charges.c.id == charge_id)
        ).one()
    assert charge.state == "captured"
    assert kinds["charge.approved"] == 1
    assert kinds["attempt.started"] == attempts
    assert kinds["charge.captured"] == 1
    assert [(r.kind, r.gross_minor) for r in rows] == [("capture", charge.total_minor)]


def check_paid(charge_id: str) -> None:
    """One capture over the whole sum, however many tries it took."""
    with db.read_only() as connection:
        found = books.revenue_of(connection, charge_id)
        row = connection.execute(
            select(tables.charges).where(tables.charges.c.id == charge_id)
        ).one()
    assert row.state == "captured", f"{charge_id} was told paid and is {row.state}"
    assert [(r.kind, r.gross_minor) for r in found] == [("capture", row.total_minor)]


def streams_with(kind: str) -> set[str]:
    """The charges whose chain has an event of ``kind``."""
    return set(_all(select(tables.events.c.stream).where(tables.events.c.kind == kind)))


def charges() -> list[Any]:
    """Every charge's row."""
    with db.read_only() as connection:
        return list(connection.execute(select(tables.charges)))


def dead_jobs() -> list[Any]:
    """Jobs that were given up."""
    jobs = tables.jobs
    with db.read_only() as connection:
        return list(connection.execute(select(jobs).where(jobs.c.dead_at.is_not(None))))


def _column(column: Any) -> list[Any]:
    return _all(select(column))


def _all(statement: Any) -> list[Any]:
    with db.read_only() as connection:
        return list(connection.execute(statement).scalars())


def _doubles(found: list[str]) -> list[str]:
    return [name for name, count in Counter(found).items() if count > 1]
