"""The end of a life: every row as the files hold it, read past the product."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.simulator.ground import Ground, rows
from tests.simulator.story import Story

Row = dict[str, Any]
TABLES = (
    "charges",
    "invoices",
    "attempts",
    "revenue",
    "postings",
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
    """Rows by table, the gateway's ``payments``, and what the outside knows."""

    story: Story
    now: datetime
    tables: dict[str, list[Row]]
    blobs: dict[str, bytes]
    payments: list[Row]

    def of(self, table: str, **where: Any) -> list[Row]:
        """The rows of one table with these values."""
        return [r for r in self.tables[table] if all(r[n] == v for n, v in where.items())]

    def chain(self, stream: str) -> list[Row]:
        """A chain's rows in order."""
        return sorted(self.of("evidence_events", stream=stream), key=lambda row: row["seq"])


def read_end(ground: Ground, story: Story) -> End:
    """Read both files once."""
    tables = {table: rows(ground.books, f'SELECT * FROM "{table}"') for table in TABLES}
    blobs = dict(ground.books.execute("SELECT sha256, data FROM blobs").fetchall())
    payments = rows(ground.bank, "SELECT * FROM payments ORDER BY id")
    return End(story, story.world.now, tables, blobs, payments)
