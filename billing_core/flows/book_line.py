"""Book what the gateway's own books say of a payment: its fee, and the currency it settled in.

A line is booked once, whichever comes first: the payment itself, or ``reconcile`` days later. The
caller holds the charge's lock.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.flows.book_capture import book_capture
from billing_core.gateway.port import Seen
from billing_core.records import books, concerns, gateway_lines
from billing_core.rules import ledger
from billing_core.rules.nouns import Attempt, Charge, Line, Revenue


def book_with_line(
    connection: Connection, charge: Charge, attempt: Attempt, seen: Seen, *, move: str
) -> None:
    """Book a succeeded attempt together with its line, where there is one already."""
    line = seen.line
    if line is None or not gateway_lines.take(connection, line, charge.id):
        book_capture(connection, charge, attempt, seen, move=move)
        return
    with_fee = bool(move) and line.currency == seen.currency
    if with_fee:
        seen = replace(seen, fee_minor=line.fee_minor)
    book_capture(connection, charge, attempt, seen, move=move)
    if not with_fee:
        _post(connection, charge, attempt.gateway, line, (seen.amount_minor, seen.currency))
    _check(connection, charge, line, seen.amount_minor)


def book_late_line(connection: Connection, charge: Charge, attempt: Attempt, line: Line) -> bool:
    """Book the line of a payment that was booked without it. False when it was booked before."""
    if not gateway_lines.take(connection, line, charge.id):
        return False
    _post(connection, charge, attempt.gateway, line, (attempt.amount_minor, attempt.currency))
    _check(connection, charge, line, attempt.amount_minor)
    captured = [r for r in books.revenue_of(connection, charge.id) if r.kind == "capture"]
    if captured and line.currency == charge.currency and line.fee_minor:
        books.append_revenue(connection, fee_row(captured[0], line))
    return True


def _post(
    connection: Connection, charge: Charge, gateway: str, line: Line, paid: tuple[int, str]
) -> None:
    """The fee, and the exchange where the account settles in another currency."""
    if line.currency != paid[1]:
        turned = ledger.exchanged(gateway, given=paid, got=(line.amount_minor, line.currency))
        books.append_postings(
            connection, turned, event="exchange", charge_id=charge.id, booked_at=line.booked_at
        )
    fee = ledger.fee(gateway, fee_minor=line.fee_minor, currency=line.currency)
    books.append_postings(
        connection, fee, event="fee", charge_id=charge.id, booked_at=line.booked_at
    )


def _check(connection: Connection, charge: Charge, line: Line, paid_minor: int) -> None:
    if line.currency == charge.currency and line.amount_minor != paid_minor:
        sentence = (
            "The gateway's own books hold another sum for this payment than the payment itself: "
            f"{line.amount_minor} instead of {paid_minor} minor units of {line.currency}."
        )
        concerns.raise_up(connection, "books_differ", line.id, sentence, charge_id=charge.id)


def fee_row(captured: Revenue, line: Line, kind: str = "fee") -> Revenue:
    """What the gateway kept, told after the revenue was booked: a row of its own."""
    return replace(
        captured,
        id=ids.new_id("rev"),
        kind=kind,
        gross_minor=0,
        tax_minor=0,
        fee_minor=line.fee_minor,
        net_minor=-line.fee_minor,
        reference=line.id,
        booked_at=line.booked_at,
        recorded_at=clock.now(),
    )
