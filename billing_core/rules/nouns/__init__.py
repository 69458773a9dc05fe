"""The nouns of the domain as frozen values, named as document 1 names them.

Flows return them, screens read them; never a mapped row, so they can be passed anywhere.
"""

from billing_core.rules.nouns.catalogue import Enrolment, Item, Milestone, Project
from billing_core.rules.nouns.charging import Attempt, Charge, Event, Link, Mail, Request, Revenue
from billing_core.rules.nouns.outside import Dispute, Line, Refund, Setup
from billing_core.rules.nouns.people import (
    LOCAL_OPERATOR,
    SYSTEM,
    Actor,
    Address,
    Company,
    Customer,
    PaymentMethod,
    Visit,
)

__all__ = [
    "LOCAL_OPERATOR",
    "SYSTEM",
    "Actor",
    "Address",
    "Attempt",
    "Charge",
    "Company",
    "Customer",
    "Dispute",
    "Enrolment",
    "Event",
    "Item",
    "Line",
    "Link",
    "Mail",
    "Milestone",
    "PaymentMethod",
    "Project",
    "Refund",
    "Request",
    "Revenue",
    "Setup",
    "Visit",
]
