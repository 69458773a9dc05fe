"""Erase a customer's personal values from the evidence: what was committed to is taken out, value
and salt; the chains still verify, and packs say what was erased, when and why.

Frozen invoices, credit notes and receipts, and the mails they went with, stay as long as tax law
asks, and the answer says so. What is still in dispute or unpaid is held: the law needs it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from billing_core import clock
from billing_core.errors import NotAllowed
from billing_core.records import customers, db, evidence, organisation
from billing_core.records import erasures as records
from billing_core.records.patience import patiently
from billing_core.rules import texts
from billing_core.rules.nouns import Actor

#: Years that tax law keeps an invoice, whatever is erased.
INVOICE_RETENTION_YEARS = 10


@dataclass(frozen=True, slots=True)
class Erased:
    """How many values are gone, of how many chains; until when the last invoice is kept."""

    values: int
    chains: int
    invoices_until: date | None

    @property
    def sentence(self) -> str:
        """The answer to who asked for it."""
        gone = f"{self.values:,} personal values of {self.chains:,} chains are erased."
        if not self.values:
            gone = "There is nothing left to erase."
        if self.invoices_until is None:
            return gone
        return (
            f"{gone} Invoices, credit notes, receipts and their mails are kept until "
            f"{self.invoices_until.isoformat()}, as tax law asks ({INVOICE_RETENTION_YEARS} years)."
        )


@patiently
def erase_person(customer_id: str, *, why: str, actor: Actor) -> Erased:
    """Take a customer's names, addresses and words out of every chain about them; for good.

    NotFound for an unknown customer, TextRefused without a reason, NotAllowed while a charge of
    theirs is unpaid or a dispute is undecided. Safe to repeat: what came later goes too.
    """
    reason = texts.check_line(why, "The reason", most=300)
    with db.begin() as connection:
        customers.lock(connection, customer_id)
        _check_free(connection, customer_id)
        streams = records.streams_of(connection, customer_id)
        count, touched = evidence.erase(connection, streams, why=reason, at=clock.now())
        last = records.last_invoice_on(connection, customer_id)
        about = {"customer": customer_id, "values": count, "chains": touched, "why": reason}
        organisation.note_act(connection, "evidence.erased", about, actor)
    return Erased(count, touched, _kept_until(last) if last else None)


def _check_free(connection: Connection, customer_id: str) -> None:
    held = records.holds_on(connection, customer_id)
    if held:
        numbers = ", ".join(held[:3]) + (" and others" if len(held) > 3 else "")
        raise NotAllowed(
            f"This evidence is still needed: {numbers} is unpaid or disputed. Erase it when that "
            "is over.",
            code="LEGAL_HOLD",
        )


def _kept_until(last: date) -> date:
    """The end of the year in which the years are over: they begin with the year after."""
    return date(last.year + INVOICE_RETENTION_YEARS, 12, 31)
