"""The tables of the books. Shapes only; reads and writes stand in each noun's own file."""

from billing_core.records.tables.access import api_keys, codes, links, nonces
from billing_core.records.tables.books import events, openings, postings, revenue
from billing_core.records.tables.catalogue import (
    customers,
    deliverables,
    enrolments,
    items,
    milestones,
    projects,
)
from billing_core.records.tables.charging import attempts, charges, invoices
from billing_core.records.tables.columns import meta
from billing_core.records.tables.organisation import (
    blobs,
    company_settings,
    counters,
    setting_changes,
)
from billing_core.records.tables.outside import (
    concerns,
    disputes,
    lines,
    messages,
    reconciliations,
    refunds,
    setups,
)
from billing_core.records.tables.work import commands, heartbeats, jobs, keys, mails, requests

__all__ = [
    "api_keys",
    "attempts",
    "blobs",
    "charges",
    "codes",
    "commands",
    "company_settings",
    "concerns",
    "counters",
    "customers",
    "deliverables",
    "disputes",
    "enrolments",
    "events",
    "heartbeats",
    "invoices",
    "items",
    "jobs",
    "keys",
    "lines",
    "links",
    "mails",
    "messages",
    "meta",
    "milestones",
    "nonces",
    "openings",
    "postings",
    "projects",
    "reconciliations",
    "refunds",
    "requests",
    "revenue",
    "setting_changes",
    "setups",
]
