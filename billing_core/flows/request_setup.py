"""Ask a client to store a payment method: a page of the gateway, its address mailed to them.

Intend, call, record: repeated with the same key it gives the same page and mails once.
"""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection

from billing_core import clock, gateway, ids, settings
from billing_core.documents.letters_money import write_setup
from billing_core.errors import NotAllowed
from billing_core.flows.queue_mail import queue_written_mail
from billing_core.records import customers, db, evidence, keys, organisation, setups
from billing_core.records.evidence import Fact
from billing_core.records.patience import patiently
from billing_core.rules import cards
from billing_core.rules.nouns import Actor, Customer, Setup


@patiently
def request_setup(customer_id: str, *, actor: Actor, key: str | None = None) -> Setup:
    """The set-up with its ``url``; the mail waits in the outbox. Raises NotAllowed, Down.

    The page is open for a day; after that, ask again.
    """
    outside = gateway.outside()
    setup, customer = _intend(customer_id, actor, key)
    if setup.url or setup.state != "pending":
        return setup
    theirs = customer.gateway_customer
    if theirs is None:
        name, mark = customer.billed_as(), f"countersign-cus-{setup.id}"
        made = outside.ensure_customer(customer.id, name=name, email=customer.email, key=mark)
        theirs = _adopt(customer.id, made)
    here = settings.load().pay_base
    seen = outside.open_setup(
        theirs,
        customer=customer.id,
        return_url=f"{here}/stored",
        back_url=here,
        key=f"countersign-{setup.id}",
    )
    return _record(setup, seen.reference, seen.url or "", actor)


def _intend(customer_id: str, actor: Actor, key: str | None) -> tuple[Setup, Customer]:
    mark = keys.fingerprint("request_setup", {"customer": customer_id})
    with db.begin() as connection:
        keys.lock(connection, actor, key)
        customer = customers.lock(connection, customer_id)
        bound = keys.find(connection, actor, key, mark)
        if bound is not None:
            return setups.get(connection, bound["setup"]), customer
        if customer.standing == "suspended":
            raise NotAllowed(
                f"{customer.billed_as()} is suspended. Restore the customer first.",
                code="CUSTOMER_NOT_ACTIVE",
            )
        old = customer.payment_method
        setup = Setup(
            id=ids.new_id("su"),
            customer_id=customer_id,
            state="pending",
            actor_id=actor.id,
            created_at=clock.now(),
            replaces=old.reference if old else None,
        )
        setups.append(connection, setup)
        keys.bind(connection, actor, key, mark, {"setup": setup.id})
        return setup, customer


def _adopt(customer_id: str, made: str) -> str:
    """The gateway's customer of ours: the first one that was recorded stays."""
    with db.begin() as connection:
        customer = customers.lock(connection, customer_id)
        if customer.gateway_customer is None:
            customers.save(connection, replace(customer, gateway_customer=made))
            return made
        return customer.gateway_customer


def _record(setup: Setup, reference: str, url: str, actor: Actor) -> Setup:
    with db.begin() as connection:
        customer = customers.lock(connection, setup.customer_id)
        now = setups.get(connection, setup.id)
        if now.state != "pending":
            return now
        setups.change(connection, setup.id, state="open", reference=reference, url=url)
        _mail(connection, customer, url)
        fact = Fact("method.requested", actor, {"setup": setup.id, "reference": reference})
        evidence.append(connection, customer.id, fact)
        return setups.get(connection, setup.id)


def _mail(connection: Connection, customer: Customer, url: str) -> None:
    company = organisation.get_company(connection)
    method, today = customer.payment_method, clock.today(company.reporting_zone)
    ending = method if method and cards.standing(method, today) != "fine" else None
    body = write_setup(company, customer, url, ending=ending)
    queue_written_mail(
        connection, "setup", customer.email, subject=body.subject, html=body.html, text=body.text
    )
