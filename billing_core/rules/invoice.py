"""The canonical invoice: everything the client sees above the button, frozen at fire.

``document_sha256`` is the SHA-256 of its canonical JSON (document 4, "What is approved"). The
page, the mail and the PDF are drawn from this and from nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from billing_core.rules import evidence, money
from billing_core.rules.amounts import Sums
from billing_core.rules.nouns import Company, Customer, Item, Milestone, Project
from billing_core.rules.nouns.catalogue import Deliverable

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Phase:
    """One milestone as the project overview shows it; ``state`` includes ``this``."""

    position: int
    title: str
    state: str
    amount_minor: int


@dataclass(frozen=True, slots=True)
class Heading:
    """What stands on top: number, dates, who issued it, and the sentence to agree to."""

    number: str
    issued_on: date
    due_on: date
    issued_at: str
    issued_by: str
    title: str
    po_number: str
    agreement: str


@dataclass(frozen=True, slots=True)
class Parties:
    """Everything the document draws on."""

    company: Company
    customer: Customer
    item: Item
    project: Project | None
    milestone: Milestone | None
    phases: Sequence[Phase] = ()
    deliverables: Sequence[Deliverable] = ()


def build(
    heading: Heading, parties: Parties, sums: Sums, revises: dict[str, Any] | None
) -> Document:
    """The canonical invoice as a dict; every key is always there."""
    customer, item, company = parties.customer, parties.item, parties.company
    return {
        "v": 1,
        "kind": "invoice",
        "number": heading.number,
        "issued_on": heading.issued_on.isoformat(),
        "due_on": heading.due_on.isoformat(),
        "issued_at": heading.issued_at,
        "issued_by": heading.issued_by,
        "language": customer.language,
        "time_zone": customer.time_zone,
        "currency": item.currency,
        "exponent": money.exponent(item.currency),
        "seller": _seller(company),
        "buyer": {
            "id": customer.id,
            "name": customer.name,
            "company": customer.company,
            "address": customer.address.lines(),
            "tax_id": customer.tax_id,
        },
        "title": heading.title,
        "item": {"id": item.id, "name": item.name, "description": item.description},
        "po_number": heading.po_number,
        "lines": [{"description": heading.title, "amount_minor": sums.line_minor}],
        "net_minor": sums.net_minor,
        "tax_minor": sums.tax_minor,
        "total_minor": sums.total_minor,
        "tax": {
            "name": item.tax_name,
            "rate_ppm": item.tax_rate_ppm,
            "included": item.tax_included,
            "note": item.tax_note,
        },
        "project": _project(parties, sums),
        "milestone": _milestone(parties.milestone, parties.deliverables),
        "terms": _terms(parties),
        "agreement": heading.agreement,
        "revises": revises,
    }


def freeze(document: Document) -> tuple[str, str]:
    """The canonical text and its SHA-256."""
    text = evidence.canonical(document)
    return text, evidence.digest(text)


def _seller(company: Company) -> dict[str, Any]:
    return {
        "name": company.name,
        "address": company.address.lines(),
        "tax_id": company.tax_id,
        "email": company.email,
        "bank": [{"label": label, "value": value} for label, value in company.bank],
        "refund_policy": company.refund_policy,
        "statement_descriptor": company.statement_descriptor,
    }


def _project(parties: Parties, sums: Sums) -> dict[str, Any] | None:
    project, phases = parties.project, parties.phases
    if project is None:
        return None
    paid = sum(p.amount_minor for p in phases if p.state == "paid")
    to_come = sum(
        p.amount_minor for p in phases if p.state in ("planned", "in_progress", "delivered")
    )
    return {
        "id": project.id,
        "name": project.name,
        "number": project.number,
        "contract_sum_minor": project.contract_sum_minor,
        "phases": [
            {
                "position": p.position,
                "title": p.title,
                "state": p.state,
                "amount_minor": p.amount_minor,
            }
            for p in phases
        ],
        "paid_minor": paid,
        "this_minor": sums.line_minor,
        "to_come_minor": to_come,
    }


def delivered(deliverables: Sequence[Deliverable]) -> list[dict[str, Any]]:
    """What was delivered as the document holds it: digests bind what the client approves.

    ``bytes`` is None for a link, and its ``sha256`` that of what was noted about it.
    """
    return [
        {
            "name": each.name,
            "kind": each.kind,
            "detail": each.detail,
            "url": each.url,
            "sha256": each.sha256,
            "bytes": each.size_bytes if each.kind == "file" else None,
        }
        for each in deliverables
    ]


def _milestone(
    milestone: Milestone | None, deliverables: Sequence[Deliverable]
) -> dict[str, Any] | None:
    if milestone is None:
        return None
    on = milestone.delivered_on
    return {
        "id": milestone.id,
        "title": milestone.title,
        "scope": milestone.scope,
        "acceptance": milestone.acceptance,
        "delivered_on": on.isoformat() if on else None,
        "deliverables": delivered(deliverables),
    }


def _terms(parties: Parties) -> dict[str, Any]:
    project, company = parties.project, parties.company
    own = project.terms_text if project else ""
    return {
        "text": own or company.terms_text,
        "version": project.terms_version if project and own else "",
        "days": company.terms_days,
    }


#: As much of a digest as people compare.
_DIGEST_START = 12
_COMPARED = (
    ("Title", ("title",)),
    ("What was delivered", ("milestone", "scope")),
    ("Invoice date", ("issued_on",)),
    ("Due", ("due_on",)),
    ("Your PO", ("po_number",)),
    ("Terms", ("terms", "text")),
)


def differences(before: Document, after: Document) -> list[dict[str, str]]:
    """What a revision changed in words and dates, for *what changed since you last looked*.

    Sums are added in front by ``sum_changes``, so that a reader sees the money first.
    """
    changes = sum_changes(before, after)
    for label, path in _COMPARED:
        old, new = _at(before, path), _at(after, path)
        if old != new:
            changes.append({"label": label, "before": old, "after": new})
    old, new = _delivered_at(before), _delivered_at(after)
    if old != new:
        changes.append({"label": "Files and links", "before": old, "after": new})
    return changes


def sum_changes(before: Document, after: Document) -> list[dict[str, str]]:
    """Net, tax and total before and after, as decimal strings, where any of them differs."""
    labels = (("Net", "net_minor"), ("Tax", "tax_minor"), ("Total", "total_minor"))
    if all(before[name] == after[name] for _, name in labels):
        return []
    return [
        {
            "label": label,
            "before": money.to_text(before[name], before["currency"]),
            "after": money.to_text(after[name], after["currency"]),
        }
        for label, name in labels
    ]


def _delivered_at(document: Document) -> str:
    """Each deliverable with the start of its digest, one a line: the same name may hold another."""
    entries = (document["milestone"] or {}).get("deliverables", [])
    return "\n".join(f"{entry['name']} ({entry['sha256'][:_DIGEST_START]})" for entry in entries)


def _at(document: Document, path: tuple[str, ...]) -> str:
    value: Any = document
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return "" if value is None else str(value)
