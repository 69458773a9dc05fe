"""Sums, dates and names as a frozen invoice's own reader reads them. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from billing_core.documents import wording

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Words:
    """Sums and dates in the document's own language, currency and time zone."""

    language: str
    currency: str
    zone: str

    def money(self, amount_minor: int) -> str:
        """``$4,500.00`` from minor units of the document's currency."""
        return wording.money(amount_minor, self.currency, self.language)

    def day(self, on: date | str) -> str:
        """``March 16, 2026``."""
        return wording.day(on, self.language)

    def moment(self, at: datetime | str) -> str:
        """``March 16, 2026, 9:12 AM EDT`` on the customer's clocks."""
        aware = datetime.fromisoformat(at) if isinstance(at, str) else at
        return wording.moment(aware, self.zone, self.language)


def words_of(document: Document) -> Words:
    """The formatters of ``document``."""
    return Words(document["language"], document["currency"], document["time_zone"])


def buyer(document: Document) -> str:
    """Whom the invoice is made out to."""
    return str(document["buyer"]["company"] or document["buyer"]["name"])


def issuer(document: Document) -> str:
    """The person who issued it, or the company when nobody named themselves."""
    return str(document["issued_by"] or document["seller"]["name"])
