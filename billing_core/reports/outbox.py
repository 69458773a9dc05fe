"""Mail as the outbox shows it: links and codes filled in where the stored text holds a place."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from billing_core import ids
from billing_core.records import blobs, db, keyfile, links
from billing_core.records import mails as mail_rows
from billing_core.reports.dossier import pay_url
from billing_core.rules.nouns import Mail

PAY_URL_PLACE = "{{PAY_URL}}"
CODE_PLACE = "{{CODE}}"
_SHOWN_OF_TOKEN = 6


@dataclass(frozen=True, slots=True)
class ShownMail:
    """One mail as its reader gets it."""

    mail: Mail
    html: str
    text: str
    pay_url: str
    attachments: tuple[tuple[str, bytes], ...]


def mails(charge_id: str | None = None, limit: int = 200) -> tuple[Mail, ...]:
    """Mails, newest first."""
    with db.read_only() as connection:
        return tuple(mail_rows.search(connection, charge_id, limit))


def mail(mail_id: str) -> ShownMail:
    """One mail with its attachments, or NotFound."""
    with db.read_only() as connection:
        found = mail_rows.get(connection, mail_id)
        url, filled = fill(connection, found, (found.html, found.text))
        files = tuple(
            (name, blobs.find(connection, sha256) or b"") for name, sha256, _ in found.attachments
        )
    return ShownMail(found, filled[0], filled[1], url, files)


def fill(
    connection: Connection, found: Mail, texts: tuple[str, ...], *, cut: bool = False
) -> tuple[str, tuple[str, ...]]:
    """The mail's link, and ``texts`` with link and code in their places.

    ``cut`` keeps six characters of the link's token and none of the code: for packs (document 4).
    """
    url = pay_url(links.get(connection, found.link_id)) if found.link_id else ""
    if cut:
        place, _, token = url.rpartition("/")
        short = f"{place}/{token[:_SHOWN_OF_TOKEN]}..." if url else ""
        return short, tuple(
            t.replace(PAY_URL_PLACE, short).replace(CODE_PLACE, "......") for t in texts
        )
    code_id = mail_rows.facts_of(connection, found.id).get("code_id")
    code = ids.mailed_code(keyfile.secret_key(), code_id) if code_id else ""
    return url, tuple(t.replace(PAY_URL_PLACE, url).replace(CODE_PLACE, code) for t in texts)
