"""Intend to collect: the attempt's row with its own key and frozen parameters, in the caller's
transaction. The gateway is called afterwards by ``settle_attempt``, which can repeat it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import Connection

from billing_core import clock, gateway, ids, settings
from billing_core.flows.mint_link import token_of
from billing_core.gateway.port import Order
from billing_core.records import attempts, charges, evidence, links, organisation, projects, work
from billing_core.records.evidence import Fact
from billing_core.rules.nouns import SYSTEM, Actor, Attempt, Charge, Customer, Link

FIRST_LOOK = timedelta(seconds=20)


def start_attempt(
    connection: Connection,
    charge: Charge,
    customer: Customer,
    *,
    via: str,
    link: Link | None,
    actor: Actor = SYSTEM,
) -> Attempt:
    """Store one attempt ``via`` checkout, saved or off_session; the caller holds the charge."""
    attempt_id = ids.new_id("at")
    method = customer.payment_method if via != "checkout" else None
    parameters = {
        "merchant": organisation.get_company(connection).name,
        "description": charge.description,
        # the way back is named by its link: a token never stands in the database (I14)
        "link": link.id if link else "",
        "pay_base": settings.load().pay_base,
        "customer": customer.id,
        "method": method.reference if method else "",
        "gateway_customer": customer.gateway_customer or "",
        "email": customer.email,
        "statement": _statement(connection, charge),
    }
    attempt = Attempt(
        id=attempt_id,
        charge_id=charge.id,
        number=attempts.next_number(connection, charge.id),
        gateway=gateway.current().name,
        via=via,
        idempotency_key=f"countersign-{attempt_id}",
        amount_minor=charge.total_minor,
        currency=charge.currency,
        outcome="pending",
        started_at=clock.now(),
        parameters={},
        method_label=method.label() if method else "",
    )
    payload = {
        "attempt": attempt.id,
        "number": attempt.number,
        "gateway": attempt.gateway,
        "via": via,
        "amount_minor": attempt.amount_minor,
        "currency": attempt.currency,
    }
    head = evidence.append(connection, charge.id, Fact("attempt.started", actor, payload))
    attempt = replace(attempt, parameters=parameters | {"chain_head": head})
    attempts.append(connection, attempt)
    work.enqueue(
        connection,
        "settle_attempt",
        f"settle:{attempt.id}",
        {"attempt": attempt.id},
        due_at=clock.now() + FIRST_LOOK,
    )
    return attempt


def order_of(connection: Connection, attempt: Attempt) -> Order:
    """What the gateway is asked to collect, the same at every repetition."""
    charge = charges.get(connection, attempt.charge_id)
    frozen = attempt.parameters
    return Order(
        amount_minor=attempt.amount_minor,
        currency=attempt.currency,
        description=frozen["description"],
        merchant=frozen["merchant"],
        return_url=_return_url(connection, frozen["link"], frozen["pay_base"]),
        customer=frozen["customer"] or None,
        method=frozen["method"] or None,
        gateway_customer=frozen.get("gateway_customer") or None,
        email=frozen.get("email", ""),
        statement=frozen.get("statement", ""),
        first_asked_at=attempt.started_at,
        off_session=attempt.via == "off_session",
        metadata={
            "charge_id": charge.id,
            "attempt_id": attempt.id,
            "invoice_number": charge.invoice_number,
            "document_sha256": charge.document_sha256,
            "chain_head": frozen["chain_head"],
        },
    )


def _statement(connection: Connection, charge: Charge) -> str:
    """What the client reads on a bank statement behind the company's name: the contract's."""
    if charge.project_id is None:
        return charge.invoice_number
    project = projects.get(connection, charge.project_id)
    return project.number or project.name


def _return_url(connection: Connection, link_id: str, pay_base: str) -> str:
    if not link_id:
        return pay_base
    return f"{pay_base}/pay/{token_of(links.get(connection, link_id))}/status"
