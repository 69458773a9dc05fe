"""A mail to yourself: whether the mail server takes mail from here, said at once."""

from __future__ import annotations

import html

from billing_core import clock, ids
from billing_core.documents.mails import MailBody
from billing_core.documents.message import Mailbox, build_message
from billing_core.errors import NotAllowed
from billing_core.flows.send_mail import sender_of
from billing_core.gateway import mail as server
from billing_core.records import db, organisation
from billing_core.rules import texts

_WORDS = "This is a test mail from Countersign. If you can read it, invoices reach you too."


def send_test_mail(to: str) -> str:
    """Send one now and say what happened; nothing is stored.

    TextRefused for an address that is none, NotAllowed without a mail server, and the mail
    server's own Down or Misused.
    """
    address = texts.check_email(to, "The address")
    if not server.is_configured():
        raise NotAllowed(
            "No mail server is set: mail stays in the outbox. Set COUNTERSIGN_SMTP_URL."
        )
    with db.read_only() as connection:
        sender = sender_of(organisation.get_company(connection))
    body = MailBody("Test mail from Countersign", f"<p>{html.escape(_WORDS)}</p>", f"{_WORDS}\n")
    message = build_message(
        body,
        sender=sender,
        to=[Mailbox(address)],
        message_id=f"<{ids.new_id('m')}@countersign.invalid>",
        date=clock.now(),
    )
    server.send(message, [address])
    return f"The mail server took it for {address}. Look into that mailbox."
