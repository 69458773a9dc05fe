"""What needs a person now, and how far a newcomer has come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, Row

from billing_core import clock
from billing_core.records import attempts as attempt_rows
from billing_core.records import charges as charge_rows
from billing_core.records import concerns as concern_rows
from billing_core.records import customers, db, evidence, organisation, sums
from billing_core.records import disputes as dispute_rows
from billing_core.records import mails as mail_rows
from billing_core.records import requests as request_rows
from billing_core.records import work as work_rows
from billing_core.reports import requests
from billing_core.reports.lists import LIMIT, is_overdue, reporting_today
from billing_core.reports.risks import days_words
from billing_core.rules import cards
from billing_core.rules.nouns import Charge, Request


@dataclass(frozen=True, slots=True)
class Need:
    """One thing to look at. ``kind`` is late_money, changes_requested, failed, overdue, approved,
    mail_failed, job_dead, dispute, gateway_account, webhook_secret, books_differ, message_parked,
    refund_failed, request or card_expiring; ``state`` the badge to show."""

    kind: str
    charge_id: str | None
    title: str
    detail: str
    amount_minor: int | None
    currency: str | None
    state: str
    customer_id: str | None = None


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """Which steps of a newcomer's way are done."""

    company: bool
    item: bool
    customer: bool
    enrolled: bool
    charged: bool
    paid: bool


_WATCHED = ("changes_requested", "failed", "approved", "pending_client")
_UNPAID = ("approved", "charging", "failed", "pending_client")
_ORDER = (
    "gateway_account",
    "dispute",
    "webhook_secret",
    "late_money",
    "books_differ",
    "message_parked",
    "refund_failed",
    "request",
    "changes_requested",
    "failed",
    "overdue",
    "approved",
    "card_expiring",
    "mail_failed",
    "job_dead",
)
_CONCERNS = {
    "gateway_account": "The payment gateway",
    "webhook_secret": "Messages of the gateway’s that cannot be believed",
    "dispute": "A payment is disputed",
    "books_differ": "Our books and the gateway’s differ",
    "message_parked": "A message of the gateway’s that our rules refuse",
    "refund_failed": "A refund did not arrive",
}
_WORK = {
    "send_mail": "sending a mail",
    "remind_client": "a reminder",
    "settle_attempt": "asking the gateway about a payment",
    "settle_refund": "asking the gateway about a refund",
    "apply_webhook": "a message of the gateway’s",
    "detach_method": "having the gateway forget a replaced card",
}
_OF_CHARGES = ("late_money", "changes_requested", "failed", "overdue", "approved")
_QUOTED_CHARS = 90


def needs_me_now() -> tuple[Need, ...]:
    """Everything that waits for a person, the most urgent kind first."""
    with db.read_only() as connection:
        today = reporting_today(connection)
        rows = charge_rows.search(connection, late_money=True, limit=LIMIT)
        rows += charge_rows.search(connection, states=_WATCHED, late_money=False, limit=5 * LIMIT)
        needs = [_of_charge(connection, row, today) for row in rows]
        dead = [_dead(connection, job) for job in work_rows.dead(connection, LIMIT)]
        concerns = concern_rows.open_ones(connection, LIMIT)
        asked = [_request(connection, each) for each in _waiting_requests(connection)]
        asked += _cards(connection, today)
        told_of = [_concern(connection, each) for each in concerns]
        failed = [m for m in mail_rows.search(connection, None, LIMIT) if m.state == "failed"]
    found = [need for need in needs if need] + asked
    for mail in failed:
        title = f"Mail to {', '.join(mail.to)}"
        found.append(Need("mail_failed", mail.charge_id, title, mail.problem, None, None, "failed"))
    found += told_of
    told = {mail.id for mail in failed}
    found += [need for mail_id, need in dead if need and mail_id not in told]
    return tuple(sorted(found, key=lambda need: _ORDER.index(need.kind)))


def _of_charge(connection: Connection, row: Row[Any], today: date) -> Need | None:
    charge = charge_rows.of(row)
    kind = "late_money" if charge.late_money else charge.state
    if kind == "pending_client" and is_overdue(charge, today):
        kind = "overdue"
    if kind not in _OF_CHARGES:
        return None
    return Need(
        kind=kind,
        charge_id=charge.id,
        title=f"{row.customer_company or row.customer_name}, {charge.invoice_number}",
        detail=_detail(connection, kind, charge, today),
        amount_minor=charge.total_minor,
        currency=charge.currency,
        state=charge.state,
    )


def _detail(connection: Connection, kind: str, charge: Charge, today: date) -> str:
    """What a person should know before opening it."""
    if kind == "changes_requested":
        return _quoted(connection, charge.id)
    if kind == "overdue":
        due = f"{charge.due_on:%B} {charge.due_on.day}"
        return f"{days_words((today - charge.due_on).days)} late, due {due}"
    if kind == "approved" and charge.approved_at:
        zone = organisation.get_company(connection).reporting_zone
        since = (today - charge.approved_at.astimezone(clock.zone(zone)).date()).days
        when = "today" if since < 1 else f"{days_words(since)} ago"
        return f"Approved {when}, not paid yet"
    if kind == "late_money":
        return "Money came for a charge that had ended, or came twice"
    return "The payment failed"


def _quoted(connection: Connection, charge_id: str) -> str:
    """The beginning of what the client wrote last, unless it was erased."""
    opened = evidence.openings_of(connection, charge_id)
    said = [" ".join(each.value.split()) for each in opened if each.path == "/payload/message"]
    if not said:
        return "The client wrote"
    words = said[-1]
    return f"“{words}”" if len(words) <= _QUOTED_CHARS else f"“{words[:_QUOTED_CHARS].rstrip()} …”"


def _waiting_requests(connection: Connection) -> list[Request]:
    return request_rows.search(connection, waiting=True, limit=LIMIT)


def _request(connection: Connection, found: Request) -> Need:
    row, act = requests.row(connection, found), "Refund" if found.verb == "refund" else "Charge"
    asker = found.asked_by.name or found.asked_by.id
    detail = f"Asked by {asker}: waits for a second person"
    title = f"{act}, {row.customer}"
    return Need("request", None, title, detail, found.amount_minor, found.currency, "waiting")


def _cards(connection: Connection, today: date) -> list[Need]:
    """Stored cards that can be charged no longer than another month, or no more."""
    months = cards.months_to_watch(today)
    needs = []
    for customer in customers.with_cards_ending(connection, months, LIMIT):
        method = customer.payment_method
        if method is None or (standing := cards.standing(method, today)) == "fine":
            continue
        ends = cards.last_day(method)
        word = "could be charged until" if standing == "expired" else "can be charged until"
        detail = f"{method.label()} {word} {ends:%B} {ends.day}. The client is asked for another."
        needs.append(Need("card_expiring", None, customer.billed_as(), detail, None, None,
                          "waiting", customer.id))  # fmt: skip
    return needs


def _concern(connection: Connection, found: concern_rows.Concern) -> Need:
    if found.kind == "dispute" and found.charge_id:
        return _dispute(connection, found, found.charge_id)
    title = _CONCERNS.get(found.kind, found.kind)
    return Need(found.kind, found.charge_id, title, found.sentence, None, None, "failed")


def _dispute(connection: Connection, found: concern_rows.Concern, charge_id: str) -> Need:
    """Whose payment a bank objects to, for what reason, and the day until which it listens."""
    charge = charge_rows.get(connection, charge_id)
    name = customers.get(connection, charge.customer_id).billed_as()
    dispute = dispute_rows.find_by_reference(connection, found.about)
    detail, minor = found.sentence, charge.total_minor
    if dispute is not None:
        kind = "Chargeback" if dispute.kind == "chargeback" else "Inquiry, no money has moved"
        detail, minor = f"{kind}: {dispute.reason.replace('_', ' ')}", dispute.amount_minor
        if dispute.due_by:
            zone = clock.zone(organisation.get_company(connection).reporting_zone)
            day = dispute.due_by.astimezone(zone)
            detail += f", answer by {day:%B} {day.day}"
    title = f"{name}, {charge.invoice_number}"
    return Need("dispute", charge_id, title, detail, minor, charge.currency, "disputed")


def _dead(connection: Connection, job: work_rows.DeadJob) -> tuple[str | None, Need | None]:
    """Work that was given up, and its mail's id: mails say so themselves. A payment that was given
    up is no need any more once its charge is paid or over."""
    title, charge = f"Given up: {_WORK.get(job.kind, job.kind)}", None
    if "attempt" in job.payload:
        attempt = attempt_rows.get(connection, job.payload["attempt"])
        charge = charge_rows.get(connection, attempt.charge_id)
        if charge.state not in _UNPAID:
            return None, None
        title = f"{title}, {charge.invoice_number}"
    need = Need(
        kind="job_dead",
        charge_id=charge.id if charge else None,
        title=title,
        detail=job.error,
        amount_minor=charge.total_minor if charge else None,
        currency=charge.currency if charge else None,
        state="failed",
    )
    return job.payload.get("mail"), need


def first_steps() -> FirstSteps:
    """Read from the books, so that it is right however somebody got there."""
    with db.read_only() as connection:
        return FirstSteps(
            company=bool(organisation.get_company(connection).name),
            item=sums.exists(connection, "items"),
            customer=sums.exists(connection, "customers"),
            enrolled=sums.exists(connection, "enrolments"),
            charged=sums.exists(connection, "charges"),
            paid=sums.exists(connection, "revenue"),
        )
