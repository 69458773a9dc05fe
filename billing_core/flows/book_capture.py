"""Book money that arrived: charge, revenue, ledger, chain and receipt in one transaction.

Money that came a second time, or for another sum, goes to suspense and never to revenue (I2).
"""

from __future__ import annotations

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.flows.plan_reminders import drop_reminders
from billing_core.flows.queue_mail import queue_mail
from billing_core.gateway.port import Seen
from billing_core.records import books, charges, customers, evidence, links
from billing_core.records.evidence import Fact
from billing_core.rules import charge_states, ledger
from billing_core.rules.nouns import Actor, Attempt, Charge, Revenue


def capture_move(connection: Connection, charge: Charge, seen: Seen) -> str:
    """The move that this money makes: ``capture``, ``late_money``, or "" where it is surplus."""
    if (seen.amount_minor, seen.currency) != (charge.total_minor, charge.currency):
        return ""
    if charge_states.can("capture", charge.state):
        return "capture"
    if not charge_states.can("late_money", charge.state):
        return ""
    # a milestone that was billed anew has its one live charge: this money waits apart
    milestone = charge.milestone_id
    standing = charges.find_live_for_milestone(connection, milestone) if milestone else None
    return "late_money" if standing in (None, charge) else ""


def book_capture(
    connection: Connection, charge: Charge, attempt: Attempt, seen: Seen, *, move: str
) -> None:
    """Book one succeeded attempt by the ``capture_move``; the caller holds the charge's lock."""
    if not move:
        _to_suspense(connection, charge, seen, attempt.gateway)
        return
    booked_at = seen.booked_at or clock.now()
    revenue = Revenue(
        id=ids.new_id("rev"),
        charge_id=charge.id,
        customer_id=charge.customer_id,
        item_id=charge.item_id,
        project_id=charge.project_id,
        kind="capture",
        gross_minor=charge.total_minor,
        tax_minor=charge.tax_minor,
        fee_minor=seen.fee_minor,
        net_minor=charge.total_minor - seen.fee_minor,
        currency=charge.currency,
        method=seen.method_label or attempt.method_label,
        gateway=attempt.gateway,
        reference=seen.payment_reference or seen.reference,
        source="gateway",
        booked_at=booked_at,
        recorded_at=clock.now(),
    )
    move_to_paid(connection, charge, move)
    record_money(connection, charge, revenue, Actor("gateway", attempt.gateway))


def move_to_paid(connection: Connection, charge: Charge, move: str) -> None:
    """Move the charge to captured by the named move of the state table."""
    charges.change(
        connection,
        charge.id,
        state=charge_states.move(move, charge.state),
        captured_at=clock.now(),
        ended_at=None,
        late_money=move == "late_money",
    )


def record_money(connection: Connection, charge: Charge, revenue: Revenue, actor: Actor) -> None:
    """Revenue row, postings, chain and receipt mail of a charge that is paid now."""
    books.append_revenue(connection, revenue)
    manual = revenue.source == "manual"
    account = "bank" if manual else revenue.gateway
    postings = ledger.capture(
        account,
        net_minor=charge.net_minor,
        tax_minor=charge.tax_minor,
        currency=charge.currency,
    )
    event = "payment" if manual else "capture"
    books.append_postings(
        connection, postings, event=event, charge_id=charge.id, booked_at=revenue.booked_at
    )
    if revenue.fee_minor:
        fees = ledger.fee(account, fee_minor=revenue.fee_minor, currency=charge.currency)
        books.append_postings(
            connection, fees, event="fee", charge_id=charge.id, booked_at=revenue.booked_at
        )
    payload = {
        "revenue": revenue.id,
        "gross_minor": revenue.gross_minor,
        "currency": revenue.currency,
        "gateway": revenue.gateway,
        "reference": revenue.reference,
        "booked_at": clock.stamp(revenue.booked_at),
    }
    personal = {"method": revenue.method}
    kind = "payment.recorded" if manual else "charge.captured"
    evidence.append(connection, charge.id, Fact(kind, actor, payload, personal))
    drop_reminders(connection, charge.id)
    customer = customers.get(connection, charge.customer_id)
    link = links.find_live(connection, charge.id)
    queue_mail(connection, "receipt", charge=charge, customer=customer, link=link)


def _to_suspense(connection: Connection, charge: Charge, seen: Seen, gateway: str) -> None:
    charges.change(connection, charge.id, late_money=True)
    books.append_postings(
        connection,
        ledger.second_money(gateway, amount_minor=seen.amount_minor, currency=seen.currency),
        event="second_money",
        charge_id=charge.id,
        booked_at=seen.booked_at or clock.now(),
    )
