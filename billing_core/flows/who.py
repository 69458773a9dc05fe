"""Who is at the console. One local operator on loopback; sign-in comes with its own issue."""

from __future__ import annotations

from billing_core.records import db, organisation
from billing_core.rules.nouns import LOCAL_OPERATOR, Actor


def local_actor() -> Actor:
    """The operator of this machine, under the name the organisation gave."""
    with db.read_only() as connection:
        company = organisation.get_company(connection)
    return Actor(LOCAL_OPERATOR.kind, LOCAL_OPERATOR.id, company.operator_name or company.name)
