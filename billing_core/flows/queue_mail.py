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
    payload = {
        "mail": mail.id,
        "kind": kind,
        "message_id": mail.message_id,
        "link": mail.link_id,
    }
    addresses = ", ".join((*mail.to, *mail.cc))
    fact = Fact("mail.queued", actor, payload, {"addresses": addresses})
    evidence.append(connection, charge.id, fact)
    work.enqueue(connection, "send_mail", f"mail:{mail.id}", {"mail": mail.id})
    return mail


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
