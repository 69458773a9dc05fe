"""Book a refund as it leaves and as it arrives: postings, revenue, credit note, mail.

Used by ``settle_refund`` under the charge's lock.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.documents.letters_money import write_refund
from billing_core.flows.book_line import fee_row
from billing_core.flows.queue_mail import queue_written_mail
from billing_core.gateway.port import SeenRefund
from billing_core.records import (
    books,
    charges,
    customers,
    evidence,
    gateway_lines,
    organisation,
    refunds,
    rows,
)
from billing_core.records.evidence import Fact
from billing_core.rules import charge_states, ledger, money
from billing_core.rules.nouns import SYSTEM, Charge, Company, Customer, Line, Refund, Revenue

ON_ITS_WAY = "refunds_pending"


def book_refund(
    connection: Connection, charge: Charge, refund: Refund, seen: SeenRefund, *, state: str
) -> None:
    """Book the step from ``refund.state`` to ``state``; cash moves once each way."""
    at = seen.booked_at or clock.now()
    left_before = refund.state in ("processing", "succeeded")
    if not left_before and state in ("processing", "succeeded"):
        _post(connection, charge, "refund_sent", _left(refund, 1), at)
    if state == "succeeded" and refund.surplus:
        _post(connection, charge, "refund", _given_back(refund, 1), at)
    elif state == "succeeded":
        _arrived(connection, charge, refund, seen, at)
    elif state in ("failed", "cancelled") and left_before:
        _post(connection, charge, "refund_returned", _left(refund, -1), at)
        if refund.state == "succeeded" and refund.surplus:
            _post(connection, charge, "refund_undone", _given_back(refund, -1), at)
        elif refund.state == "succeeded":
            _undo(connection, charge, refund, at)
    for line in seen.lines:
        note_line(connection, charge, refund, line)


def _arrived(
    connection: Connection, charge: Charge, refund: Refund, seen: SeenRefund, at: datetime
) -> None:
    """The client has it: revenue goes down, the credit note gets its number, the client a mail."""
    _post(connection, charge, "refund", _counted(refund, 1), at)
    books.append_revenue(connection, _row(connection, charge, refund, -1, seen))
    number, company = _number(connection), organisation.get_company(connection)
    customer = customers.get(connection, charge.customer_id)
    canonical = rows.dump(_credit_note(connection, charge, refund, number))
    digest = ids.sha256_hex(canonical)
    refunds.change(
        connection, refund.id, number=number, canonical=canonical, document_sha256=digest
    )
    payload = {"refund": refund.id, "number": number, "document_sha256": digest,
               "amount_minor": refund.amount_minor, "currency": refund.currency}  # fmt: skip
    evidence.append(connection, charge.id, Fact("credit_note.issued", SYSTEM, payload))
    _mail(connection, charge, refund, number, (company, customer))
    done = sum(r.amount_minor for r in refunds.of_charge(connection, charge.id)
               if r.state == "succeeded" and not r.surplus)  # fmt: skip
    if done == charge.total_minor and charge_states.can("refund_all", charge.state):
        state = charge_states.move("refund_all", charge.state)
        charges.change(connection, charge.id, state=state, ended_at=clock.now())


def _undo(connection: Connection, charge: Charge, refund: Refund, at: datetime) -> None:
    """It had arrived, and came back all the same: the credit note stands, its sums do not."""
    _post(connection, charge, "refund_undone", _counted(refund, -1), at)
    books.append_revenue(connection, _row(connection, charge, refund, 1, None))
    if charge.state == "refunded":
        # the milestone may have been billed anew meanwhile, so the charge stays ended
        charges.change(connection, charge.id, late_money=True)


def _left(refund: Refund, sign: int) -> tuple[ledger.Posting, ...]:
    return ledger.moved(
        ON_ITS_WAY,
        refund.gateway,
        amount_minor=sign * refund.amount_minor,
        currency=refund.currency,
    )


def _counted(refund: Refund, sign: int) -> tuple[ledger.Posting, ...]:
    net = refund.amount_minor - refund.tax_minor
    return ledger.balanced(
        ledger.Posting("refunds", sign * net, refund.currency),
        ledger.Posting("tax", sign * refund.tax_minor, refund.currency),
        ledger.Posting(ON_ITS_WAY, -sign * refund.amount_minor, refund.currency),
    )


def _given_back(refund: Refund, sign: int) -> tuple[ledger.Posting, ...]:
    """What came a second time is gone again: suspense + · refunds_pending −, never revenue."""
    return ledger.balanced(
        ledger.Posting("suspense", sign * refund.amount_minor, refund.currency),
        ledger.Posting(ON_ITS_WAY, -sign * refund.amount_minor, refund.currency),
    )


def note_line(connection: Connection, charge: Charge, refund: Refund, line: Line) -> None:
    """A line of the gateway's own books about this refund: its fee, and another currency."""
    if not gateway_lines.take(connection, line, charge.id):
        return
    if line.currency != refund.currency:
        sign = -1 if line.amount_minor < 0 else 1
        given = (sign * refund.amount_minor, refund.currency)
        turned = ledger.exchanged(
            refund.gateway, given=given, got=(line.amount_minor, line.currency)
        )
        _post(connection, charge, "exchange", turned, line.booked_at)
    fee = ledger.fee(refund.gateway, fee_minor=line.fee_minor, currency=line.currency)
    _post(connection, charge, "fee", fee, line.booked_at)
    paid = [r for r in books.revenue_of(connection, charge.id) if r.kind == "capture"]
    if paid and line.fee_minor and line.currency == charge.currency:
        books.append_revenue(connection, fee_row(paid[0], line))


def _post(
    connection: Connection,
    charge: Charge,
    event: str,
    postings: tuple[ledger.Posting, ...],
    at: datetime,
) -> None:
    books.append_postings(connection, postings, event=event, charge_id=charge.id, booked_at=at)


def _row(
    connection: Connection, charge: Charge, refund: Refund, sign: int, seen: SeenRefund | None
) -> Revenue:
    paid = [r for r in books.revenue_of(connection, charge.id) if r.kind == "capture"]
    return Revenue(
        id=ids.new_id("rev"),
        charge_id=charge.id,
        customer_id=charge.customer_id,
        item_id=charge.item_id,
        project_id=charge.project_id,
        kind="refund",
        gross_minor=sign * refund.amount_minor,
        tax_minor=sign * refund.tax_minor,
        fee_minor=0,
        net_minor=sign * refund.amount_minor,
        currency=refund.currency,
        method=paid[0].method if paid else "",
        gateway=refund.gateway,
        reference=(seen.reference if seen else refund.reference) or refund.id,
        source="gateway",
        booked_at=(seen.booked_at if seen else None) or clock.now(),
        recorded_at=clock.now(),
    )


def _number(connection: Connection) -> str:
    company = organisation.get_company(connection)
    year = clock.now().astimezone(clock.zone(company.reporting_zone)).year
    count = organisation.next_number(connection, "credit_note", year)
    return f"{company.invoice_prefix}CN-{year}-{count:05d}"


def _credit_note(
    connection: Connection, charge: Charge, refund: Refund, number: str
) -> dict[str, object]:
    """The canonical credit note: what it takes back, and of which frozen invoice."""
    document = rows.load(charges.get_canonical(connection, charge.id))
    return {
        "v": 1,
        "kind": "credit_note",
        "number": number,
        "issued_on": clock.today(document["time_zone"]).isoformat(),
        "language": document["language"],
        "currency": refund.currency,
        "exponent": money.exponent(refund.currency),
        "seller": document["seller"],
        "buyer": document["buyer"],
        "invoice": {
            "number": charge.invoice_number,
            "document_sha256": charge.document_sha256,
            "total_minor": charge.total_minor,
        },
        "net_minor": refund.amount_minor - refund.tax_minor,
        "tax_minor": refund.tax_minor,
        "total_minor": refund.amount_minor,
        "reason": refund.reason,
        "note": refund.note,
    }


def _mail(
    connection: Connection,
    charge: Charge,
    refund: Refund,
    number: str,
    parties: tuple[Company, Customer],
) -> None:
    company, customer = parties
    paid = [r for r in books.revenue_of(connection, charge.id) if r.kind == "capture"]
    body = write_refund(
        company,
        customer,
        amount_minor=refund.amount_minor,
        currency=refund.currency,
        invoice=charge.invoice_number,
        number=number,
        method=paid[0].method if paid else "",
        reason=refund.note,
    )
    queue_written_mail(
        connection, "refund", customer.email, subject=body.subject, html=body.html, text=body.text
    )
