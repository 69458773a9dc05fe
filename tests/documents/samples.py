"""Canonical invoices to set: the agency of the look, and everything that is unlike it.

Canonical documents only; ``gallery`` has the facts around them and sets them all.
"""

from __future__ import annotations

import copy
from typing import Any

Document = dict[str, Any]

DIGEST = "e41b9d0277ac" + "5" * 52
SEAL = "b7a012ef5c39" + "0d" * 26


def northlight() -> Document:
    """The look's invoice: five phases, four deliverables, tax of zero with a note."""
    return {
        "v": 1,
        "kind": "invoice",
        "number": "NS-2026-00042",
        "issued_on": "2026-03-16",
        "due_on": "2026-04-15",
        "issued_at": "2026-03-16T13:12:00.000000Z",
        "issued_by": "Maya Okafor",
        "language": "en",
        "time_zone": "America/New_York",
        "currency": "USD",
        "exponent": 2,
        "seller": _northlight_studio(),
        "buyer": {
            "id": "bc_7",
            "name": "Harbor & Vine",
            "company": "Harbor & Vine, Inc.",
            "address": [
                "Alma Reyes, Accounts",
                "200 Battery Street",
                "Burlington, VT 05401",
                "USA",
            ],
            "tax_id": "",
        },
        "title": "Phase 2: Homepage designs — delivered March 15",
        "item": {"id": "bi_1", "name": "Project milestone", "description": "Project milestone"},
        "po_number": "HV-7731",
        "lines": [
            {
                "description": "Phase 2: Homepage designs — delivered March 15",
                "amount_minor": 450000,
            }
        ],
        "net_minor": 450000,
        "tax_minor": 0,
        "total_minor": 450000,
        "tax": {
            "name": "Sales tax",
            "rate_ppm": 0,
            "included": False,
            "note": "not charged on design services",
        },
        "project": _relaunch(),
        "milestone": _homepage(),
        "terms": {
            "text": "Payment within 30 days of the invoice date. The rights in the designs pass to "
            "Harbor & Vine when this invoice is paid. Two rounds of revision are included in phase "
            "2; one was used. Agreement version 2 of January 12, 2026.",
            "version": "Agreement version 2 of January 12, 2026",
            "days": 30,
        },
        "agreement": "I have reviewed Phase 2: Homepage designs, I may approve it for "
        "Harbor & Vine, and I agree to pay $4,500.00.",
        "revises": None,
    }


def minimal() -> Document:
    """As little as an invoice can hold: no project, milestone, address, bank, tax or order."""
    document = northlight()
    document["seller"] |= {
        "address": [],
        "tax_id": "",
        "bank": [],
        "email": "",
        "refund_policy": "",
    }
    document["seller"]["statement_descriptor"] = ""
    document["buyer"] |= {"company": "", "address": []}
    document["terms"] = {"text": "", "version": "", "days": 30}
    tax = {"name": "", "rate_ppm": 0, "included": False, "note": ""}
    return document | {
        "title": "Consulting",
        "lines": [{"description": "Consulting", "amount_minor": 450000}],
        "po_number": "",
        "project": None,
        "milestone": None,
        "tax": tax,
        "issued_by": "",
    }


def forty_phases() -> Document:
    """Forty phases of 1,000.00, one of them this invoice: more than a page."""
    document = northlight()
    states = {1: "paid", 2: "this", 3: "billed", 4: "approved", 5: "delivered", 6: "in_progress"}
    document["project"] |= {
        "contract_sum_minor": 4000000,
        "paid_minor": 100000,
        "this_minor": 100000,
        "to_come_minor": 3800000,
        "phases": [
            {
                "position": n,
                "title": f"Phase number {n} of the long programme",
                "state": states.get(n, "planned"),
                "amount_minor": 100000,
            }
            for n in range(1, 41)
        ],
    }
    return document | {"net_minor": 100000, "total_minor": 100000} | _one_line(100000)


def yen() -> Document:
    """A currency without decimals, consumption tax on top, Japanese names."""
    document = northlight()
    document["buyer"] |= {
        "name": "株式会社ミナト",
        "company": "株式会社ミナト",
        "address": ["東京都港区芝公園4-2-8", "105-0011", "日本"],
    }
    document["tax"] = {"name": "消費税", "rate_ppm": 100000, "included": False, "note": ""}
    return (
        document
        | {"currency": "JPY", "exponent": 0, "time_zone": "Asia/Tokyo", "project": None}
        | {"net_minor": 450000, "tax_minor": 45000, "total_minor": 495000}
    )


def dinar() -> Document:
    """A currency of three decimals, Arabic names, tax included."""
    document = northlight()
    document["buyer"] |= {
        "name": "شركة الميناء للتجارة",
        "company": "شركة الميناء للتجارة",
        "address": ["شارع الخليج العربي", "مدينة الكويت", "الكويت"],
    }
    document["tax"] = {"name": "VAT", "rate_ppm": 50000, "included": True, "note": ""}
    document["title"] = "المرحلة الثانية: تصميم الصفحة الرئيسية — سُلّمت في 15 مارس"
    return (
        document
        | {"currency": "KWD", "exponent": 3, "time_zone": "Asia/Kuwait", "project": None}
        | {"net_minor": 4285714, "tax_minor": 214286, "total_minor": 4500000}
        | _one_line(4500000, document["title"])
    )


def taxed() -> Document:
    """Two lines, VAT of 19 % on top, a reverse-charge note, a document it replaces."""
    document = northlight()
    document["buyer"]["address"] = ["Lange Straße 1", "10115 Berlin", "Germany"]
    document["tax"] = {"name": "VAT", "rate_ppm": 190000, "included": False, "note": ""}
    document["lines"] = [
        {"description": "Homepage designs — final", "amount_minor": 400000},
        {"description": "Booking bar", "amount_minor": 50000},
    ]
    document["revises"] = {
        "number": "NS-2026-00041",
        "document_sha256": "a" * 64,
        "changes": [],
        "messages": [],
    }
    return document | {"currency": "EUR", "tax_minor": 85500, "total_minor": 535500}


def long_names() -> Document:
    """Everything as long as it may be, words without a space included."""
    document = northlight()
    document["seller"]["name"] = (
        "The Northlight Studio for Considered Websites and Printed Matter " * 2
    )
    document["buyer"]["company"] = "Donaudampfschifffahrtsgesellschaftskapitänswitwenrente " * 3
    document["buyer"]["address"] = ["W" * 120, "200 Battery Street " * 6, "Canada"]
    document["title"] = "Everything agreed in the review of March 11 and then some more of it " * 3
    document["title"] += "— " + "delivered in the second half of March, " * 3
    document["milestone"]["scope"] = "The new homepage for desktop, tablet and phone. " * 12
    document["terms"]["text"] = "These terms are long because somebody's lawyer wrote them. " * 40
    document["seller"]["refund_policy"] = "Refunds are made within 14 days on request. " * 3
    for phase in document["project"]["phases"]:
        phase["title"] *= 6
    return document | _one_line(450000, document["title"])


def all_samples() -> dict[str, Document]:
    """Every sample under its name."""
    makers = (northlight, minimal, forty_phases, yen, dinar, taxed, long_names)
    return {maker.__name__: maker() for maker in makers}


def hostile(document: Document, text: str) -> Document:
    """``document`` with ``text`` in every place where a person's words can stand."""
    return _with_text(copy.deepcopy(document), text)


_KEPT = frozenset(
    {"v", "kind", "issued_on", "due_on", "issued_at", "language", "time_zone", "currency", "state"}
    | {"sha256", "document_sha256", "delivered_on", "id"}
)


def _with_text(value: Any, text: str) -> Any:
    if isinstance(value, str):
        return text
    if isinstance(value, list):
        return [_with_text(part, text) for part in value]
    if isinstance(value, dict):
        return {k: part if k in _KEPT else _with_text(part, text) for k, part in value.items()}
    return value


def _northlight_studio() -> dict[str, Any]:
    return {
        "name": "Northlight Studio",
        "address": ["14 Quay Street", "Portland, ME 04101", "USA"],
        "tax_id": "EIN 00-0000000",
        "email": "billing@northlight.example",
        "bank": [
            {"label": "Bank", "value": "Casco Savings Bank"},
            {"label": "Routing", "value": "000 000 000"},
            {"label": "Account", "value": "0000 4417 20"},
        ],
        "refund_policy": "",
        "statement_descriptor": "NORTHLIGHT STUDIO",
    }


def _relaunch() -> dict[str, Any]:
    phases = [
        (1, "Discovery and sitemap", "paid", 300000),
        (2, "Homepage designs", "this", 450000),
        (3, "Inner page templates", "in_progress", 600000),
        (4, "Build and content", "planned", 600000),
        (5, "Launch and training", "planned", 300000),
    ]
    keys = ("position", "title", "state", "amount_minor")
    return {
        "id": "prj_1",
        "name": "Website relaunch",
        "number": "P-7",
        "contract_sum_minor": 2250000,
        "phases": [dict(zip(keys, phase, strict=True)) for phase in phases],
        "paid_minor": 300000,
        "this_minor": 450000,
        "to_come_minor": 1500000,
    }


def _homepage() -> dict[str, Any]:
    files = [
        ("Homepage designs, final", "file", "PDF, 14 pages", "9f2c41d7a0e3", 8200000),
        ("Phone and tablet layouts", "file", "PDF, 9 pages", "51be07fac3d8", 5600000),
        ("Clickable prototype", "link", "as it stood on March 15", "c80a6e1492bf", None),
        ("Notes from the review of March 11", "file", "text, 2 pages", "07d3be954a61", 38000),
    ]
    keys = ("name", "kind", "detail", "sha256", "bytes")
    return {
        "id": "ms_2",
        "title": "Homepage designs",
        "scope": "",
        "acceptance": "",
        "delivered_on": "2026-03-15",
        "deliverables": [dict(zip(keys, entry, strict=True)) for entry in files],
    }


def _one_line(amount_minor: int, title: str = "Phase 2: Homepage designs") -> Document:
    return {"title": title, "lines": [{"description": title, "amount_minor": amount_minor}]}
