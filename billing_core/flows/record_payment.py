"""Record a payment made elsewhere (bank transfer, cheque, cash): the whole sum, once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.errors import FieldsRefused, IllegalMove, TextRefused
from billing_core.flows.book_capture import move_to_paid, record_money
from billing_core.flows.end_attempt import end_alive_attempt
from billing_core.records import attempts, charges, customers, db, keys, organisation
from billing_core.records.patience import patiently
from billing_core.rules import charge_states, texts
from billing_core.rules.nouns import Actor, Charge, Customer, Revenue

METHODS = {
    "bank_transfer": "Bank transfer",
    "cheque": "Cheque",
    "cash": "Cash",
    "other": "Other",
}


@patiently
def record_payment(
    charge_id: str,
    *,
    method: str,
    paid_on: str,
    reference: str,
    actor: Actor,
    key: str | None = None,
) -> Charge:
    """Book the invoice's whole total as paid by hand on ``paid_on`` (ISO date, not in the future).

    An open gateway page is cancelled first, once the fields are right. Raises FieldsRefused,
    IllegalMove.
    """
    with db.read_only() as connection:
        charge = charges.get(connection, charge_id)
        customer = customers.get(connection, charge.customer_id)
        _check(method, paid_on, reference, charge, _latest_day(connection, customer))
    end_alive_attempt(charge_id, key=key, actor=actor)
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        charge = charges.lock(connection, charge_id)
        customer = customers.get(connection, charge.customer_id)
        latest = _latest_day(connection, customer)
        day, clean = _check(method, paid_on, reference, charge, latest)
        values = {"charge": charge_id, "method": method, "on": paid_on, "reference": clean}
        mark = keys.fingerprint("record_payment", values)
        if keys.find(connection, actor, key, mark) is None:
            _book(connection, charge, method, day, clean, actor)
            keys.bind(connection, actor, key, mark, {"charge": charge_id})
        return charges.get(connection, charge_id)


def _book(
    connection: Connection, charge: Charge, method: str, day: date, reference: str, actor: Actor
) -> None:
    charge_states.move("record_payment", charge.state)
    if attempts.find_alive(connection, charge.id):
        raise IllegalMove("The client is paying at this moment. Wait for the outcome.")
    revenue = Revenue(
        id=ids.new_id("rev"),
        charge_id=charge.id,
        customer_id=charge.customer_id,
        item_id=charge.item_id,
        project_id=charge.project_id,
        kind="payment",
        gross_minor=charge.total_minor,
        tax_minor=charge.tax_minor,
        fee_minor=0,
        net_minor=charge.total_minor,
        currency=charge.currency,
        method=METHODS[method],
        gateway="manual",
        reference=reference,
        source="manual",
        booked_at=datetime.combine(day, time(12), tzinfo=UTC),
        recorded_at=clock.now(),
    )
    move_to_paid(connection, charge, "record_payment")
    record_money(connection, charge, revenue, actor)


def _latest_day(connection: Connection, customer: Customer) -> date:
    """Today, where it is later: in the books' own zone or where the customer is."""
    company = organisation.get_company(connection)
    return max(clock.today(company.reporting_zone), clock.today(customer.time_zone))


def _check(
    method: str, paid_on: str, reference: str, charge: Charge, latest: date
) -> tuple[date, str]:
    problems = {}
    if method not in METHODS:
        problems["method"] = "Choose how it was paid."
    day = charge.issued_on
    try:
        day = date.fromisoformat(paid_on.strip())
        if day > latest:
            problems["paid_on"] = "This day has not come yet."
        elif day.year < charge.issued_on.year - 1:
            problems["paid_on"] = "This day lies long before the invoice."
    except ValueError:
        problems["paid_on"] = "Write the day as year-month-day, for example 2026-03-15."
    clean = ""
    try:
        clean = texts.check_line(reference, "The reference", most=120, required=False)
    except TextRefused as refusal:
        problems["reference"] = refusal.sentence
    if problems:
        raise FieldsRefused(problems)
    return day, clean
