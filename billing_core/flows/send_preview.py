"""Send me a preview first: the mail as it would go out, to the organisation's own address."""

from __future__ import annotations

from collections.abc import Mapping

from billing_core.errors import Refused
from billing_core.flows.preview_charge import preview
from billing_core.flows.queue_mail import queue_written_mail
from billing_core.records import db, keys, mails, organisation
from billing_core.rules.nouns import Actor, Mail


def send_preview(values: Mapping[str, str], *, actor: Actor, key: str | None = None) -> Mail:
    """Queue the preview; nothing is numbered, frozen or told to the client.

    Raises Refused with the gate's sentence, or when the organisation has no address of its own.
    """
    seen = preview(values, actor)
    if seen.mail is None:
        raise Refused(seen.problem or "Nothing to preview yet.")
    mark = keys.fingerprint("preview", dict(values))
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return mails.get(connection, bound["mail"])
        to = organisation.get_company(connection).email
        if not to:
            raise Refused("Enter your own email under Settings first: the preview goes there.")
        body = seen.mail
        mail = queue_written_mail(
            connection,
            "preview",
            to,
            subject=f"Preview: {body.subject}",
            html=body.html,
            text=body.text,
        )
        keys.bind(connection, actor, key, mark, {"mail": mail.id})
        return mail
