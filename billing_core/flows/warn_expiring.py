"""Cards that end soon: the client is asked for a new one, once per card, 30 days ahead.

Called by the worker's sweep. Where the gateway has a page for it, the mail leads there.
"""

from __future__ import annotations

import logging

from sqlalchemy import Connection

from billing_core import clock, gateway
from billing_core.documents.letters_money import write_setup
from billing_core.errors import GatewayError, Refused
from billing_core.flows.queue_mail import queue_written_mail
from billing_core.flows.request_setup import request_setup
from billing_core.records import customers, db, evidence, organisation
from billing_core.records.evidence import Fact
from billing_core.rules import cards
from billing_core.rules.nouns import SYSTEM, Customer

log = logging.getLogger("countersign.cards")
AT_ONCE = 200
WARNED = "method.expiring"


def warn_expiring() -> int:
    """Warn everybody who was not warned about this very card; how many were."""
    with db.read_only() as connection:
        today = clock.today(organisation.get_company(connection).reporting_zone)
        months = cards.months_to_watch(today)
        found = customers.with_cards_ending(connection, months, AT_ONCE)
        due = [
            each.id
            for each in found
            if each.payment_method
            and cards.standing(each.payment_method, today) != "fine"
            and not was_warned(connection, each)
        ]
    return sum(_warn(customer_id) for customer_id in due)


def was_warned(connection: Connection, customer: Customer) -> bool:
    """True when the customer's chain tells of a warning about the card that is stored now."""
    method = customer.payment_method
    return method is not None and any(
        event.kind == WARNED and event.payload.get("method") == method.reference
        for event in evidence.of_stream(connection, customer.id)
    )


def _warn(customer_id: str) -> bool:
    with db.read_only() as connection:
        method = customers.get(connection, customer_id).payment_method
    if method is None:
        return False
    asked = gateway.has_setup_page()
    if asked:
        try:
            # its own key: asked again after a death it is the same page, and one mail
            request_setup(customer_id, actor=SYSTEM, key=f"expiring:{method.reference}"[:200])
        except (GatewayError, Refused) as error:
            log.warning("customer %s is not warned yet: %s", customer_id, error.sentence)
            return False
    with db.begin() as connection:
        customer = customers.lock(connection, customer_id)
        if customer.payment_method != method or was_warned(connection, customer):
            return False
        if not asked:
            _mail(connection, customer)
        payload = {
            "method": method.reference,
            "last_day": cards.last_day(method).isoformat(),
        }
        evidence.append(connection, customer_id, Fact(WARNED, SYSTEM, payload))
    return True


def _mail(connection: Connection, customer: Customer) -> None:
    company = organisation.get_company(connection)
    body = write_setup(company, customer, "", ending=customer.payment_method)
    queue_written_mail(
        connection, "setup", customer.email, subject=body.subject, html=body.html, text=body.text
    )
