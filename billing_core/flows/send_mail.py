"""Compose a queued mail once, and hand it to the mail server. Without a server it is kept in the
outbox, where an operator reads it.

The server is called with no transaction open. A repeat after an unknown answer carries the same
Message-ID and the same bytes, so that a double can be told (I12).
"""

from __future__ import annotations

from contextlib import suppress
from email.message import EmailMessage
from email.utils import parseaddr

from sqlalchemy import Connection

from billing_core import clock, ids, settings
from billing_core.documents.mails import MailBody
from billing_core.documents.message import Mailbox, build_message
from billing_core.errors import Misused, Refused
from billing_core.flows.render_invoice import PDF, render_invoice, render_void
from billing_core.flows.render_receipt import render_receipt
from billing_core.flows.write_mail import write_mail
from billing_core.gateway import mail as server
from billing_core.records import blobs, charges, db, evidence, mails, organisation, rows
from billing_core.records.evidence import Fact
from billing_core.records.patience import repeatably
from billing_core.reports import outbox
from billing_core.rules.nouns import SYSTEM, Company, Mail

#: Where a mail's own facts keep who sent it; and what stands there for one nobody could send.
_SENDER, _NOBODY = "sender", ("outbox@countersign.invalid", "Countersign outbox")
_WITH_INVOICE = ("invoice", "reminder", "answered", "fresh_link")


def send_mail(mail_id: str) -> None:
    """Compose if needed, then send. Safe to repeat; Down is tried again, Misused is final."""
    mail = compose_mail(mail_id)
    if mail.state == "sent":
        return
    if not server.is_configured():
        with db.begin() as connection:
            mails.change(connection, mail_id, state="kept", facts=_with_sender(connection, mail_id))
        return
    try:
        message = message_of(mail)
        server.send(message, [*mail.to, *mail.cc])
    except (Misused, Refused) as error:
        _record_failure(mail, error.sentence)
        raise Misused(error.sentence) from error
    _record_sent(mail, ids.sha256_hex(message.as_bytes()))


@repeatably
def compose_mail(mail_id: str) -> Mail:
    """The mail with its words and attachments, written once and stored."""
    with db.read_only() as connection:
        mail = mails.get(connection, mail_id)
        own = mails.facts_of(connection, mail_id)
    if mail.subject:
        return mail
    files = _attachments(mail)
    with db.begin() as connection:
        mail = mails.get(connection, mail_id, lock=True)
        if mail.subject:
            return mail
        body = write_mail(connection, mail, own)
        kept = [(name, blobs.put(connection, data, PDF), PDF) for name, data in files]
        mails.change(
            connection,
            mail_id,
            subject=body.subject,
            html=body.html,
            text=body.text,
            attachments=rows.dump(kept),
            facts=_with_sender(connection, mail_id),
        )
        return mails.get(connection, mail_id)


def _attachments(mail: Mail) -> list[tuple[str, bytes]]:
    """The papers that go along, by file name."""
    if mail.charge_id is None:
        return []
    with db.read_only() as connection:
        number = charges.get(connection, mail.charge_id).invoice_number
    if mail.kind in _WITH_INVOICE:
        return [(f"{number}.pdf", render_invoice(mail.charge_id))]
    if mail.kind == "receipt":
        return [(f"{number}-receipt.pdf", render_receipt(mail.charge_id))]
    if mail.kind == "voided":
        return [(f"{number}-cancelled.pdf", render_void(mail.charge_id))]
    return []


def message_of(mail: Mail, *, shown: bool = True) -> EmailMessage:
    """A composed mail as sent, links and codes in place; not ``shown``, they are cut for a pack.

    It comes from whoever was its sender when it was composed, whatever the settings say today.
    """
    with db.read_only() as connection:
        company = organisation.get_company(connection)
        frozen = mails.facts_of(connection, mail.id).get(_SENDER)
        _, (html, text) = outbox.fill(connection, mail, (mail.html, mail.text), cut=not shown)
        files = [
            (name, blobs.find(connection, sha256) or b"", mime)
            for name, sha256, mime in mail.attachments
        ]
    if frozen is None and shown:
        frozen = _sender(company)
    sender, reply = (Mailbox(*each) if each else None for each in frozen or (_NOBODY, None))
    return build_message(
        MailBody(subject=mail.subject, html=html, text=text),
        sender=sender or Mailbox(*_NOBODY),
        to=[Mailbox(address) for address in mail.to],
        cc=[Mailbox(address) for address in mail.cc],
        reply_to=reply,
        message_id=mail.message_id,
        date=mail.queued_at,
        attachments=files,
    )


def sender_of(company: Company) -> Mailbox:
    """MAIL_FROM, with or without a name of its own; else the organisation's address."""
    name, address = parseaddr(settings.load().mail_from)
    if not (address or company.email):
        raise Misused("There is no sender: set COUNTERSIGN_MAIL_FROM, or your email in Settings.")
    return Mailbox(address or company.email, name or company.name)


def _sender(company: Company) -> list[list[str] | None]:
    """Who sends and who is answered, as address and name; Misused where nobody is set."""
    sender = sender_of(company)
    reply = [company.email, company.operator_name] if company.email else None
    return [[sender.address, sender.name], reply]


def _with_sender(connection: Connection, mail_id: str) -> str:
    """A mail's facts with its sender, so that it stays what it was; none where there is nobody."""
    facts = mails.facts_of(connection, mail_id)
    with suppress(Misused):
        facts = {_SENDER: _sender(organisation.get_company(connection))} | facts
    return rows.dump(facts)


@repeatably
def _record_sent(mail: Mail, sha256: str) -> None:
    payload = {"mail": mail.id, "message_id": mail.message_id, "bytes_sha256": sha256}
    with db.begin() as connection:
        facts = _with_sender(connection, mail.id)
        mails.change(
            connection, mail.id, state="sent", sent_at=clock.now(), problem="", facts=facts
        )
        _tell(connection, mail, "mail.sent", payload)
        if mail.kind == "receipt":
            _tell(connection, mail, "receipt.sent", {"mail": mail.id})


@repeatably
def _record_failure(mail: Mail, problem: str) -> None:
    with db.begin() as connection:
        mails.change(connection, mail.id, state="failed", problem=problem)
        _tell(connection, mail, "mail.failed", {"mail": mail.id, "problem": problem})


def _tell(connection: Connection, mail: Mail, kind: str, payload: dict[str, str]) -> None:
    if mail.charge_id is not None:
        charges.lock(connection, mail.charge_id)
        evidence.append(connection, mail.charge_id, Fact(kind, SYSTEM, dict(payload)))
