"""From a token to its link and charge, with the nonce that one page view may spend once."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection

from billing_core import clock, ids
from billing_core.errors import AlreadyDone, LinkExpired, LinkUnknown, NotAllowed, StaleDocument
from billing_core.records import charges, customers, keyfile, links, organisation
from billing_core.rules.nouns import Charge, Company, Customer, Link
from billing_core.rules.sentences import Sentence

NONCE_LIFE = timedelta(hours=24)
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_NONCE = re.compile(r"\d{1,12}\.n_[0-9a-z]{26}\.[A-Za-z0-9_-]{43}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Entered:
    """A client who came in through a link: the charge is locked when the flow writes."""

    link: Link
    charge: Charge
    customer: Customer
    company: Company


def read_link(connection: Connection, token: str) -> Link:
    """The link of this token. LinkUnknown for unknown ones, LinkExpired for old ones."""
    link = find_link(connection, token)
    check_works(link)
    return link


def check_works(link: Link) -> None:
    """LinkExpired for a link that was replaced, or whose time is over."""
    if link.replaced_at is not None or link.expires_at <= clock.now():
        raise LinkExpired("This link no longer works.", link=link.id)


def find_link(connection: Connection, token: str) -> Link:
    """The link of this token, old ones included; LinkUnknown otherwise."""
    link = links.find_by_token(connection, token) if _TOKEN.fullmatch(token) else None
    if link is None:
        raise LinkUnknown("There is no such link.")
    return link


def enter(connection: Connection, token: str, *, lock: bool) -> Entered:
    """Link, charge, customer and settings behind a token."""
    link = read_link(connection, token)
    read = charges.lock if lock else charges.get
    charge = read(connection, link.charge_id)
    return Entered(
        link=link,
        charge=charge,
        customer=customers.get(connection, charge.customer_id),
        company=organisation.get_company(connection),
    )


def new_nonce(link: Link, document_sha256: str) -> str:
    """A signed value of this link and document, good for 24 hours and one use."""
    until = int((clock.now() + NONCE_LIFE).timestamp())
    body = f"{until}.{ids.new_id('n')}"
    return f"{body}.{_signature(link, document_sha256, body)}"


def check_nonce_unspent(connection: Connection, nonce: str) -> None:
    """AlreadyDone when this nonce has acted before: nothing happens twice."""
    if _NONCE.fullmatch(nonce) and links.is_spent(connection, nonce):
        raise AlreadyDone("This was done already.")


def check_document(entered: Entered, nonce: str, document_sha256: str) -> None:
    """StaleDocument unless nonce and digest are of the document the charge holds now."""
    if document_sha256 != entered.charge.document_sha256:
        raise StaleDocument("The invoice is not the one this page showed.")
    if not _NONCE.fullmatch(nonce):
        raise StaleDocument("This page was not made by us.")
    body, _, signature = nonce.rpartition(".")
    wanted = _signature(entered.link, document_sha256, body)
    if not ids.same(signature, wanted):
        raise StaleDocument("This page was not made by us, or for another invoice.")
    if int(body.partition(".")[0]) < clock.now().timestamp():
        raise StaleDocument("This page is more than a day old.")


def check_available(entered: Entered) -> None:
    """NotAllowed while the customer is suspended: the page shows, approve and pay wait."""
    if entered.customer.standing != "active":
        raise NotAllowed(blocked_sentence(entered.customer), code="NOT_AVAILABLE")


def blocked_sentence(customer: Customer) -> str:
    """Why approving and paying is not possible now; empty when it is."""
    if customer.standing == "active":
        return ""
    return Sentence("Approving and paying is not available at the moment. Nothing was charged.")


def _signature(link: Link, document_sha256: str, body: str) -> str:
    return ids.sign(keyfile.secret_key(), "nonce", f"{link.id}.{document_sha256}.{body}")
