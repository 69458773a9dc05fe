"""What an erasure needs to know of a customer: their chains, what is held, what is kept."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Connection, func, or_, select, union_all

from billing_core.records import tables

_C, _D, _P = tables.charges, tables.disputes, tables.projects
#: A dispute that the bank has not decided.
_UNDECIDED = ("open", "under_review")
#: The states in which money may still come.
_UNPAID = ("charging", "pending_client", "changes_requested", "approved", "disputed")


def streams_of(connection: Connection, customer_id: str) -> list[str]:
    """Every chain about a customer: their own, their projects', their charges'."""
    charges = select(_C.c.id).where(_C.c.customer_id == customer_id)
    projects = select(_P.c.id).where(_P.c.customer_id == customer_id)
    found = connection.execute(union_all(charges, projects)).scalars()
    return [customer_id, *found]


def holds_on(connection: Connection, customer_id: str) -> list[str]:
    """The invoices of a customer that are unpaid or disputed, oldest first."""
    contested = select(_D.c.charge_id).where(_D.c.status.in_(_UNDECIDED))
    statement = (
        select(_C.c.invoice_number)
        .where(_C.c.customer_id == customer_id)
        .where(or_(_C.c.state.in_(_UNPAID), _C.c.id.in_(contested)))
        .order_by(_C.c.fired_at)
        .limit(10)
    )
    return list(connection.execute(statement).scalars())


def last_invoice_on(connection: Connection, customer_id: str) -> date | None:
    """The date of a customer's latest invoice; None when there is none."""
    latest = select(func.max(_C.c.issued_on)).where(_C.c.customer_id == customer_id)
    found: date | None = connection.execute(latest).scalar_one()
    return found
