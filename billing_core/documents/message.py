"""One mail as a MIME message: headers and parts, the same bytes for the same arguments.

Nothing here sends. A line break can never enter a header: every header text is made one line first,
and an address that is none is refused.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.header import Header
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import formataddr

from billing_core.documents import plain
from billing_core.documents.mails import MailBody
from billing_core.errors import TextRefused

_NOT_IN_ID = re.compile(r"[^!-~]|[<>()\[\]\\,;:\"]")
_NAME_MOST = 120
_FILENAME_MOST = 80
#: Against loops and out-of-office answers (RFC 3834; the second is Exchange's own).
_MACHINE_MADE = (("Auto-Submitted", "auto-generated"), ("X-Auto-Response-Suppress", "All"))

#: (filename, content, MIME type)
Attachment = tuple[str, bytes, str]


@dataclass(frozen=True)
class Mailbox:
    """A mail address with the name that stands before it ("" for none)."""

    address: str
    name: str = ""


def build_message(
    body: MailBody,
    *,
    sender: Mailbox,
    to: Sequence[Mailbox],
    message_id: str,
    date: datetime,
    cc: Sequence[Mailbox] = (),
    reply_to: Mailbox | None = None,
    attachments: Sequence[Attachment] = (),
) -> EmailMessage:
    """``body`` addressed and dated (``date`` aware), text and HTML as alternatives, files behind.

    ``message_id`` is with or without its angle brackets; the parts' boundaries follow from it.
    Domains outside ASCII are written in their ASCII form; a local part outside ASCII makes the
    message one for SMTPUTF8. Raises TextRefused for an address that is none.
    """
    everyone = [sender, *to, *cc, *([reply_to] if reply_to else [])]
    plain_ascii = all(box.address.rpartition("@")[0].isascii() for box in everyone)
    policy = (SMTP if plain_ascii else SMTPUTF8).clone(refold_source="none")
    message = EmailMessage(policy=policy)
    for name, boxes in (("From", [sender]), ("To", to), ("Cc", cc), ("Reply-To", [reply_to])):
        written = [_written(box) for box in boxes if box]
        if written:
            message.set_raw(name, ",\n ".join(written))
    message.set_raw("Subject", _encoded(plain.line(body.subject), used=len("Subject: ")))
    message["Date"] = date.astimezone(UTC)
    message.set_raw("Message-ID", _message_id(message_id))
    for name, value in _MACHINE_MADE:
        message[name] = value
    _fill(message, body, attachments)
    _fix_parts(message, seed=message_id)
    return message


def _fill(message: EmailMessage, body: MailBody, attachments: Sequence[Attachment]) -> None:
    message.set_content(body.text, charset="utf-8", cte="quoted-printable")
    message.add_alternative(body.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for filename, content, mime in attachments:
        maintype, _, subtype = mime.partition("/")
        message.add_attachment(
            content, maintype=maintype, subtype=subtype, filename=_filename(filename)
        )


def _fix_parts(message: EmailMessage, *, seed: str) -> None:
    # "=_" cannot occur in quoted-printable or base64, so no content can end a part early
    for number, part in enumerate(message.walk()):
        if part is not message:
            del part["MIME-Version"]
        if part.is_multipart():
            digest = hashlib.sha256(f"{seed}/{number}".encode()).hexdigest()
            part.set_boundary(f"=_{digest[:32]}")


def _written(box: Mailbox) -> str:
    local, _, domain = box.address.strip().rpartition("@")
    if not local or not domain or not _is_clean(local + domain):
        raise TextRefused(f"{plain.line(box.address, most=254)!r} is not a mail address.")
    name = plain.line(box.name, most=_NAME_MOST)
    written = Address(display_name=name, username=local, domain=_ascii_domain(domain))
    address = written.addr_spec
    if name.isascii():
        return formataddr((name, address)) if address.isascii() else str(written)
    return f"{_encoded(name, used=len('Reply-To: '))}\n <{address}>"


def _encoded(text: str, *, used: int) -> str:
    # folded here, once: Python's own refolding loses spaces between encoded words
    charset = "us-ascii" if text.isascii() else "utf-8"
    return Header(text, charset, header_name="X" * used, maxlinelen=76).encode()


def _ascii_domain(domain: str) -> str:
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        raise TextRefused(f"{plain.line(domain, most=254)!r} is not a mail domain.") from None


def _is_clean(text: str) -> bool:
    return text.isprintable() and not any(character in ' "(),:;<>@[\\]' for character in text)


def _message_id(message_id: str) -> str:
    # an id is ours and ASCII; anything else in it could only break the header
    return f"<{_NOT_IN_ID.sub('', message_id)}>"


def _filename(filename: str) -> str:
    bare = plain.line(filename).replace("/", "-").replace("\\", "-")
    return plain.cut(bare, _FILENAME_MOST) or "attachment"
