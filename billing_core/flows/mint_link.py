"""Links into a charge: the first one at fire, and a fresh one whenever an operator asks."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from billing_core import clock, ids, settings
from billing_core.errors import IllegalMove, TooMany
from billing_core.records import (
    charges,
    customers,
    db,
    evidence,
    keyfile,
    keys,
    links,
    organisation,
)
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import schedule
from billing_core.rules.charge_states import WORDS
from billing_core.rules.nouns import SYSTEM, Actor, Charge, Company, Customer, Link

MOST_PER_HOUR = 20
_WITH_LINK = ("pending_client", "changes_requested", "approved", "captured", "expired")


@patiently
def mint_link(charge_id: str, *, actor: Actor, key: str | None = None) -> str:
    """Replace the charge's link and return the new address; the old one answers 410 from now."""
    mark = keys.fingerprint("new_link", {"charge": charge_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        if keys.find(connection, actor, key, mark) is None:
            charge = charges.lock(connection, charge_id)
            replace_link(connection, charge, actor=actor)
            keys.bind(connection, actor, key, mark, {"charge": charge_id})
        link = links.find_live(connection, charge_id)
    assert link is not None
    return address_of(link)


def replace_link(
    connection: Connection, charge: Charge, *, actor: Actor, most_per_hour: int = MOST_PER_HOUR
) -> Link:
    """End the old link and mint a new one, in the caller's transaction."""
    if charge.state not in _WITH_LINK:
        raise IllegalMove(
            f"This charge is {WORDS[charge.state].lower()}: there is nothing to open.",
            state=charge.state,
        )
    since = clock.now() - timedelta(hours=1)
    if links.count_since(connection, charge.id, since) >= most_per_hour:
        raise TooMany("This charge got many new links within the hour. Try again later.")
    company = organisation.get_company(connection)
    customer = customers.get(connection, charge.customer_id)
    links.replace_all(connection, charge.id, clock.now())
    return add_link(connection, charge, customer, company, actor=actor, kind="link.replaced")


def current_link(connection: Connection, charge: Charge, *, actor: Actor) -> Link:
    """The link the client has, as long as it works; else a new one."""
    link = links.find_live(connection, charge.id)
    if link is not None and link.expires_at > clock.now():
        return link
    return replace_link(connection, charge, actor=actor)


def add_link(
    connection: Connection,
    charge: Charge,
    customer: Customer,
    company: Company,
    *,
    actor: Actor = SYSTEM,
    kind: str = "link.minted",
) -> Link:
    """Mint a link for the customer's primary billing address and write it into the chain."""
    link = put_link(connection, charge, customer, company)
    evidence.append(connection, charge.id, link_fact(link, actor, kind))
    return link


def put_link(connection: Connection, charge: Charge, customer: Customer, company: Company) -> Link:
    """Mint a link; the caller writes its ``link_fact`` together with others."""
    now = clock.now()
    link = Link(
        id=ids.new_id("ln"),
        charge_id=charge.id,
        minted_at=now,
        expires_at=schedule.link_expires_at(now, company.link_life_days),
        mailed_to=customer.email,
    )
    links.append(connection, link, token_of(link))
    return link


def link_fact(link: Link, actor: Actor, kind: str = "link.minted") -> Fact:
    """What the chain says of a new link."""
    payload = {"link": link.id, "expires_at": clock.stamp(link.expires_at)}
    return Fact(kind, actor, payload, {"mailed_to": link.mailed_to})


def token_of(link: Link) -> str:
    """The link's token, derived from the installation's secret and never stored."""
    return ids.link_token(keyfile.secret_key(), link.id)


def address_of(link: Link) -> str:
    """The address of the client's page behind this link."""
    return f"{settings.load().pay_base}/pay/{token_of(link)}"
