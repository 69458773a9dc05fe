"""Many charges at once: charges that real flows made, copied under fresh ids and other days.

For reading benchmarks only: copies have no chain, no mails and no papers of their own. All else is
as the flows wrote it: customers in four currencies with and without tax; paid, refunded in part,
lost to a dispute, waiting, approved and void in the shares of an agency's life; numbers without a
gap in each year; postings that balance.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from billing_core import gateway
from billing_core.flows.refund_charge import refund_charge
from billing_core.flows.take_dispute import take_dispute
from billing_core.flows.void_charge import void_charge
from billing_core.records import db
from billing_core.reports.dossier import dossier
from tests import books
from tests.books import OPERATOR, Seeded

#: What is copied of a charge, parents first; each by its charge.
_TABLES = ("charges", "invoices", "attempts", "revenue", "postings", "refunds", "disputes",
           "gateway_lines")  # fmt: skip
#: Currency → tax of its item; customers of each.
_TAXES: dict[str, dict[str, str | bool]] = {
    "USD": {},
    "EUR": {"tax_name": "VAT", "tax_rate": "19", "tax_included": True},
    "GBP": {"tax_name": "VAT", "tax_rate": "20"},
    "JPY": {"tax_name": "JCT", "tax_rate": "10"},
}
_CUSTOMERS = 3
#: Out of a hundred charges: how each ends.
_SHARES = {"paid": 88, "refunded": 3, "lost": 1, "waiting": 4, "approved": 1, "void": 3}
_ENDINGS = [ending for ending, share in _SHARES.items() for _ in range(share)]
_SPREAD_S, _OPEN_S = 2 * 365 * 86_400, 60 * 86_400
_BATCH = 2000
#: Above this the frozen invoices, 3 kB each, are left out: nothing measured there reads one.
_WITH_INVOICES = 100_000
_CREDIT_NOTE = re.compile(r"[A-Z-]+-\d{4}-\d{5}")
_ID = re.compile(r"\b([a-z]{2,4})_([0-9a-z]{26})")
_MOMENT, _DAY = len("2026-03-16 14:00:00.000000"), len("2026-03-16")

Cell = Callable[["Copy"], Any]


@dataclass(frozen=True, slots=True)
class Copy:
    """Which copy: its number, its invoice's, how far back it lies."""

    number: int
    invoice: str
    back: timedelta


@dataclass(frozen=True, slots=True)
class Template:
    """One charge that the flows made: per table its rows, each cell a value or what makes one."""

    rows: dict[str, list[list[Any]]]
    fired_at: datetime


def fill(file: Path, seeded: Seeded, *, charges: int) -> None:
    """Add ``charges`` charges, spread over two years back from now; what is open, over two months.

    Beside the customer of ``seeded`` a dozen others in four currencies.
    """
    templates = _templates(file, seeded, with_invoices=charges <= _WITH_INVOICES)
    with sqlite3.connect(file, isolation_level=None) as raw:
        raw.execute("PRAGMA foreign_keys=OFF").close()
        raw.execute("BEGIN IMMEDIATE")
        taken = raw.execute("SELECT year, last FROM counters WHERE kind = 'invoice'")
        numbers: dict[int, int] = dict(taken.fetchall())
        waiting: dict[str, list[list[Any]]] = {name: [] for name in _TABLES}
        for number in range(1, charges + 1):
            template, back = _chosen(templates, number, charges)
            year = (template.fired_at - back).year
            numbers[year] = numbers.get(year, 0) + 1
            copy = Copy(number, f"CS-{year}-{numbers[year]:05d}", back)
            for name, rows in template.rows.items():
                waiting[name] += [[c(copy) if callable(c) else c for c in row] for row in rows]
            if not number % _BATCH:
                _write(raw, waiting)
        _write(raw, waiting)
        raw.executemany("INSERT OR REPLACE INTO counters (kind, year, last) VALUES ('invoice',?,?)",
                        numbers.items())  # fmt: skip
        raw.execute("COMMIT")
        raw.execute("ANALYZE").close()
    raw.close()


def _chosen(
    templates: dict[str, list[Template]], number: int, charges: int
) -> tuple[Template, timedelta]:
    """The same for the same number: how it ends by its share, whose it is in turn."""
    ending = _ENDINGS[number * 37 % len(_ENDINGS)]
    spread = _OPEN_S if ending in ("waiting", "approved") else _SPREAD_S
    mine = templates[ending]
    return mine[number % len(mine)], timedelta(seconds=(charges - number) * spread // charges)


def _templates(file: Path, seeded: Seeded, *, with_invoices: bool) -> dict[str, list[Template]]:
    made: dict[str, list[str]] = {ending: [] for ending in _SHARES}
    for whom in _people(seeded):
        for ending, ids in made.items():
            ids.append(_live(whom, ending))
    db.forget()
    with sqlite3.connect(file) as raw:
        found = {e: [_read(raw, each, with_invoices) for each in ids] for e, ids in made.items()}
    raw.close()
    return found


def _people(seeded: Seeded) -> Iterator[tuple[Seeded, str]]:
    yield seeded, "4500.00"
    for currency, tax in _TAXES.items():
        amount = "450000" if currency == "JPY" else "1250.00"
        price = {"unit_price": amount, "max_capture": "9000000" if currency == "JPY" else "9000.00"}
        item: dict[str, str | bool] = {"currency": currency, "name": f"Work in {currency}", **price}
        for number in range(_CUSTOMERS):
            company = f"Company {number + 1} in {currency}"
            yield books.seed(item=item | tax, company=company, currency=currency), amount


def _live(whom: tuple[Seeded, str], ending: str) -> str:
    """One charge from its fire to its ending; its id."""
    seeded, amount = whom
    fired = books.fire(seeded, amount, f"Phase: {ending}", again=True)
    assert fired.charge
    charge = fired.charge.id
    if ending == "void":
        void_charge(charge, reason="", actor=OPERATOR)
    elif ending != "waiting":
        step = books.approve(books.token(fired))
        if ending != "approved":
            books.pay(step)
            books.settle(charge)
    if ending == "refunded":
        refund_charge(charge, amount="100", reason="other", actor=OPERATOR)
    elif ending == "lost":
        company, (attempt,) = gateway.sandbox(), dossier(charge).attempts
        reference = company.open_dispute(attempt.payment_reference or "", "fraudulent")
        company.decide_dispute(reference, won=False)
        take_dispute(reference)
    return charge


def _read(raw: sqlite3.Connection, charge: str, with_invoices: bool) -> Template:
    rows: dict[str, list[list[Any]]] = {}
    raw.row_factory = sqlite3.Row
    ((number, fired),) = raw.execute(
        "SELECT invoice_number, fired_at FROM charges WHERE id = ?", (charge,)
    )
    for name in _TABLES:
        key = "id" if name == "charges" else "charge_id"
        found = raw.execute(f"SELECT * FROM {name} WHERE {key} = ?", (charge,)).fetchall()
        kept = [_cells(dict(row), number, with_invoices) for row in found]
        if kept:
            rows[name] = kept
    return Template(rows, datetime.fromisoformat(fired))


def _cells(row: dict[str, Any], number: str, with_invoices: bool) -> list[Any]:
    shared = {"customer_id", "item_id", "enrolment_id", "project_id", "milestone_id", "actor_id"}
    if "canonical" in row and not with_invoices:
        row["canonical"] = "{}"
    # the frozen invoice stays the first one's: to write it anew would take longer than all else
    shared |= {"canonical"}
    return [v if n in shared else _cell(v, number) for n, v in row.items()]


def _cell(value: Any, number: str) -> Any:
    """The value itself, or what makes it for a copy."""
    if not isinstance(value, str):
        return value
    if value == number:
        return lambda copy: copy.invoice
    if value[4:5] == "-" == value[7:8]:
        if len(value) == _DAY:
            day = date.fromisoformat(value)
            return lambda copy: (day - copy.back).isoformat()
        if len(value) == _MOMENT:
            at = datetime.fromisoformat(value)
            return lambda copy: (at - copy.back).isoformat(" ", "microseconds")
    if _CREDIT_NOTE.fullmatch(value):
        return lambda copy: f"{value[:-5]}{copy.number:07d}"
    if number in value or _ID.search(value):
        # the first ten of an id are its time: a copy's are its number, so that they keep an order
        parts = _ID.split(value)
        if parts[0] == parts[-1] == "" and len(parts) == 4:
            kind, rest = parts[1], parts[2][10:]
            return lambda copy: f"{kind}_{copy.number:010d}{rest}"
        return lambda copy: _put_together(parts, copy, number)
    return value


def _put_together(parts: list[str], copy: Copy, number: str) -> str:
    told = [parts[0].replace(number, copy.invoice)]
    for kind, own, after in zip(parts[1::3], parts[2::3], parts[3::3], strict=True):
        told.append(f"{kind}_{copy.number:010d}{own[10:]}{after.replace(number, copy.invoice)}")
    return "".join(told)


def _write(raw: sqlite3.Connection, waiting: dict[str, list[list[Any]]]) -> None:
    for name, rows in waiting.items():
        if rows:
            marks = ",".join("?" * len(rows[0]))
            raw.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
            rows.clear()
