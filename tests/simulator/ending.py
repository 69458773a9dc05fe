"""The end of a life: every row as the files hold it, read past the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.simulator import company
from tests.simulator.ground import Ground, rows
from tests.simulator.story import Story

Row = dict[str, Any]
TABLES = (
    "charges",
    "invoices",
    "attempts",
    "revenue",
    "postings",
    "disputes",
    "refunds",
    "evidence_events",
    "evidence_openings",
    "jobs",
    "mails",
    "links",
    "nonces",
    "idempotency_keys",
    "commands",
    "customers",
    "items",
    "projects",
)


@dataclass
class End:
    """Rows by table, the gateway's ``payments``, those ``paid``, ``disputed`` and ``refunded`` of
    them, and what the outside knows.
    """

    story: Story
    now: datetime
    tables: dict[str, list[Row]]
    blobs: dict[str, bytes]
    payments: list[Row]
    paid: list[Row]
    disputed: list[Row]
    refunded: list[Row]

    def of(self, table: str, **where: Any) -> list[Row]:
        """The rows of one table with these values."""
        return [r for r in self.tables[table] if all(r[n] == v for n, v in where.items())]

    def is_surplus(self, payment: Row) -> bool:
        """True when the books hold a payment apart: it came a second time."""
        return bool(self.of("attempts", reference=payment["id"], surplus=1))

    def dispute_of(self, payment: Row) -> str:
        """How far a payment's dispute is in the gateway's file: open, won, lost; "" for none."""
        return next((d["status"] for d in self.disputed if d["payment"] == payment["payment"]), "")

    def chain(self, stream: str) -> list[Row]:
        """A chain's rows in order."""
        return sorted(self.of("evidence_events", stream=stream), key=lambda row: row["seq"])


def read_end(ground: Ground, story: Story) -> End:
    """Read both files once."""
    tables = {table: rows(ground.books, f'SELECT * FROM "{table}"') for table in TABLES}
    blobs = dict(ground.books.execute("SELECT sha256, data FROM blobs").fetchall())
    payments = rows(ground.bank, "SELECT * FROM payments ORDER BY id")
    now, bank = story.world.now, ground.bank
    paid, disputed = company.paid(bank), company.disputes(bank, now)
    return End(story, now, tables, blobs, payments, paid, disputed, company.refunds(bank))
