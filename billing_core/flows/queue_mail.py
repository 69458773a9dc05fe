"""Ask for a mail, in the transaction of the fact it tells. The worker composes and sends it."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from billing_core import clock, ids, settings
from billing_core.records import evidence, mails, work
from billing_core.records.evidence import Fact
from billing_core.rules.nouns import SYSTEM, Actor, Charge, Customer, Link, Mail


def queue_mail(
    connection: Connection,
    kind: str,
    *,
    charge: Charge,
    customer: Customer,
    link: Link | None,
    facts: dict[str, Any] | None = None,
    actor: Actor = SYSTEM,
) -> Mail:
    """Queue one mail about a charge to the customer's billing addresses (codes: primary only)."""
    mail = put_mail(connection, kind, charge=charge, customer=customer, link=link, facts=facts)
    evidence.append(connection, charge.id, mail_fact(mail, actor))
    return mail


def put_mail(
    connection: Connection,
    kind: str,
    *,
    charge: Charge,
    customer: Customer,
    link: Link | None,
    facts: dict[str, Any] | None = None,
) -> Mail:
    """As ``queue_mail``; the caller writes the ``mail_fact`` together with others."""
    mail = Mail(
        id=ids.new_id("ml"),
        kind=kind,
        to=(customer.email,),
        cc=() if kind == "code" else customer.cc,
        subject="",
        state="queued",
        message_id=_message_id(),
        queued_at=clock.now(),
        charge_id=charge.id,
        link_id=link.id if link else None,
    )
    mails.append(connection, mail, facts or {})
    work.enqueue(connection, "send_mail", f"mail:{mail.id}", {"mail": mail.id})
    return mail


def mail_fact(mail: Mail, actor: Actor) -> Fact:
    """What the chain says of a queued mail."""
    payload = {
        "mail": mail.id,
        "kind": mail.kind,
        "message_id": mail.message_id,
        "link": mail.link_id,
    }
    return Fact("mail.queued", actor, payload, {"addresses": ", ".join((*mail.to, *mail.cc))})


def queue_written_mail(
    connection: Connection, kind: str, to: str, *, subject: str, html: str, text: str
) -> Mail:
    """Queue a finished mail to the organisation itself; no chain tells of it."""
    mail = Mail(
        id=ids.new_id("ml"),
        kind=kind,
        to=(to,),
        cc=(),
        subject=subject,
        html=html,
        text=text,
        state="queued",
        message_id=_message_id(),
        queued_at=clock.now(),
    )
    mails.append(connection, mail, {})
    work.enqueue(connection, "send_mail", f"mail:{mail.id}", {"mail": mail.id})
    return mail


def _message_id() -> str:
    domain = settings.load().mail_from.rpartition("@")[2].strip("> ") or "countersign.invalid"
    return f"<{ids.new_id('m')}@{domain}>"
