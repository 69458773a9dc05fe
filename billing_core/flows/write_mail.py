"""Gather what a mail's words need, from the books, and have it written. Reads only.

Stored mails hold places for the link and for a code; they are filled in at send and on screen.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import Connection

from billing_core import clock
from billing_core.documents.mails import Kind, MailBody, MailFacts, Said, compose
from billing_core.documents.sheet import ReceiptFacts, VoidStamp
from billing_core.records import books, charges, evidence, links, rows
from billing_core.reports.outbox import CODE_PLACE, PAY_URL_PLACE
from billing_core.rules.invoice import Document
from billing_core.rules.nouns import Charge, Event, Mail

#: Shown where a link will stand, in previews.
NO_LINK = "#"
_ASKED = ("changes.requested", "charge.declined_by_client")
#: The events that say that money came.
PAID = ("charge.captured", "payment.recorded")


def write_preview(kind: Kind, document: Document, *, expires_on: date) -> MailBody:
    """The mail as it would go out, with a link that leads nowhere."""
    facts = MailFacts(
        pay_url=NO_LINK, link_expires_on=expires_on, reply_name=str(document["issued_by"])
    )
    return compose(kind, document=document, facts=facts)


def write_mail(connection: Connection, mail: Mail, own: dict[str, Any]) -> MailBody:
    """Compose a queued mail about a charge; ``own`` are the facts stored with it."""
    assert mail.charge_id is not None
    charge = charges.get(connection, mail.charge_id)
    document = rows.load(charges.get_canonical(connection, charge.id))
    expires_on = None
    if mail.link_id:
        link = links.get(connection, mail.link_id)
        expires_on = link.expires_at.astimezone(clock.zone(document["time_zone"])).date()
    today = clock.today(document["time_zone"])
    facts = MailFacts(
        pay_url=PAY_URL_PLACE,
        link_expires_on=expires_on,
        reply_name=str(document["issued_by"]),
        attached=mail.kind in ("invoice", "reminder", "answered", "fresh_link", "receipt"),
        days_overdue=(today - charge.due_on).days,
        request=_request(connection, charge, document) if mail.kind == "answered" else None,
        answer=_answer(own, today) if mail.kind == "answered" else None,
        receipt=receipt_facts(connection, charge) if mail.kind == "receipt" else None,
        void=_void_stamp(connection, charge) if mail.kind == "voided" else None,
        reason=str(own.get("reason", "")),
        code=CODE_PLACE if mail.kind == "code" else "",
    )
    return compose(_kind(mail.kind), document=document, facts=facts)


def receipt_facts(connection: Connection, charge: Charge) -> ReceiptFacts | None:
    """The payment of a paid charge, with the chain's head at that moment; None while unpaid."""
    paid = [r for r in books.revenue_of(connection, charge.id) if r.kind in ("capture", "payment")]
    if not paid:
        return None
    seals = [e.hash for e in evidence.of_stream(connection, charge.id) if e.kind in PAID]
    return ReceiptFacts(
        paid_at=paid[0].booked_at,
        method=paid[0].method,
        reference=paid[0].reference,
        amount_minor=paid[0].gross_minor,
        seal=seals[0] if seals else "",
    )


def _request(connection: Connection, charge: Charge, document: Document) -> Said | None:
    asked: list[Event] = [e for e in evidence.of_stream(connection, charge.id) if e.kind in _ASKED]
    if not asked:
        return None
    opened = {(o.seq, o.path): o.value for o in evidence.openings_of(connection, charge.id)}
    words = opened.get((asked[-1].seq, "/payload/message"), "")
    zone = clock.zone(document["time_zone"])
    on = clock.read_stamp(asked[-1].at).astimezone(zone).date()
    return Said(str(document["buyer"]["name"]), on, words)


def _answer(own: dict[str, Any], today: date) -> Said:
    return Said(str(own.get("answered_by", "")), today, str(own.get("answer", "")))


def _void_stamp(connection: Connection, charge: Charge) -> VoidStamp:
    successor = charges.get(connection, charge.revised_by) if charge.revised_by else None
    ended = charge.ended_at or clock.now()
    return VoidStamp(ended.date(), successor.invoice_number if successor else "")


def _kind(kind: str) -> Kind:
    known: dict[str, Kind] = {
        "invoice": "invoice",
        "reminder": "reminder",
        "answered": "answered",
        "receipt": "receipt",
        "code": "code",
        "voided": "voided",
        "fresh_link": "fresh_link",
    }
    return known[kind]
