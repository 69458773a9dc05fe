"""Mail a six-digit code to the billing address on file (5 per hour and charge)."""

from __future__ import annotations

from datetime import timedelta

from billing_core import clock
from billing_core.errors import AlreadyDone, TooMany
from billing_core.flows import read_link
from billing_core.flows.queue_mail import queue_mail
from billing_core.records import db, evidence, links
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules.nouns import Actor, Visit
from billing_core.rules.sentences import Sentence

MOST_PER_HOUR = 5


@patiently
def send_code(token: str, *, nonce: str, visit: Visit) -> None:
    """Queue the code's mail. The nonce is not spent: the form it came from goes on.

    Raises LinkUnknown, LinkExpired, AlreadyDone (nothing left to approve or pay) and TooMany.
    """
    with db.begin() as connection:
        entered = read_link.enter(connection, token, lock=True)
        read_link.check_nonce_unspent(connection, nonce)
        charge = entered.charge
        if charge.state not in ("pending_client", "approved"):
            raise AlreadyDone("This invoice has moved on.")
        since = clock.now() - timedelta(hours=1)
        if len(links.codes_since(connection, charge.id, since)) >= MOST_PER_HOUR:
            raise TooMany(
                Sentence("Five codes were mailed within the hour. Please try again later.")
            )
        code_id = links.append_code(connection, charge.id)
        actor = Actor("client", entered.link.id)
        fact = Fact("code.sent", actor, {"code": code_id}, {"address": visit.address})
        evidence.append(connection, charge.id, fact)
        queue_mail(
            connection,
            "code",
            charge=charge,
            customer=entered.customer,
            link=entered.link,
            facts={"code_id": code_id},
        )
