"""A client with an old link asks for a fresh one: it goes to the address on file, silently."""

from __future__ import annotations

from billing_core import clock
from billing_core.errors import IllegalMove, TooMany
from billing_core.flows.mint_link import replace_link
from billing_core.flows.queue_mail import queue_mail
from billing_core.flows.read_link import find_link
from billing_core.records import charges, customers, db
from billing_core.rules.nouns import Actor, Visit

MOST_PER_HOUR = 3


def renew_link(token: str, *, visit: Visit) -> None:
    """Mint and mail a fresh link if the charge still has a page; the answer is always the same.

    Raises LinkUnknown only. ``visit`` is kept for the limits of the caller.
    """
    del visit  # the address is limited at the door; the chain names the old link as the actor
    with db.begin() as connection:
        old = find_link(connection, token)
        if old.replaced_at is None and old.expires_at > clock.now():
            return
        charge = charges.lock(connection, old.charge_id)
        customer = customers.get(connection, charge.customer_id)
        try:
            link = replace_link(
                connection, charge, actor=Actor("client", old.id), most_per_hour=MOST_PER_HOUR
            )
        except (IllegalMove, TooMany):
            return
        queue_mail(connection, "fresh_link", charge=charge, customer=customer, link=link)
