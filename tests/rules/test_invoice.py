"""The canonical invoice: every key is there, its bytes are stable, and differences are told."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any

import pytest
import rfc8785

from billing_core.rules import amounts, invoice
from billing_core.rules.invoice import Heading, Parties, Phase
from billing_core.rules.nouns import Address, Company
from tests.rules import samples

KEYS = {
    "v", "kind", "number", "issued_on", "due_on", "issued_at", "issued_by", "language",
    "time_zone", "currency", "exponent", "seller", "buyer", "title", "item", "po_number", "lines",
    "net_minor", "tax_minor", "total_minor", "tax", "project", "milestone", "terms", "agreement",
    "revises",
}  # fmt: skip
INNER = {
    "seller": "name address tax_id email bank refund_policy statement_descriptor",
    "buyer": "id name company address tax_id",
    "item": "id name description",
    "tax": "name rate_ppm included note",
    "terms": "text version days",
    "project": "id name number contract_sum_minor phases paid_minor this_minor to_come_minor",
    "milestone": "id title scope acceptance delivered_on deliverables",
}
PHASES = (
    Phase(1, "Discovery", "paid", 200_000),
    Phase(2, "Homepage designs", "this", 450_000),
    Phase(3, "Templates", "delivered", 300_000),
    Phase(4, "Launch", "planned", 150_000),
    Phase(5, "Care", "billed", 70_000),
    Phase(6, "Extra", "approved", 7_000),
    Phase(7, "Begun", "in_progress", 1_000),
)
# of ``document()`` below: bytes that are once frozen must be drawn the same for ever
GOLDEN = "d6505e1ff4998130bd37bedcc9d991be3c8449de47c2ca2284370aa7c1ae6a4f"


def heading(**other: Any) -> Heading:
    """What stands on top of the recipe's invoice."""
    known: dict[str, Any] = {
        "number": "CS-2026-00001",
        "issued_on": date(2026, 3, 16),
        "due_on": date(2026, 4, 15),
        "issued_at": "2026-03-16T14:00:00.000000Z",
        "issued_by": "Maya Okafor",
        "title": "Phase 2: Homepage designs — delivered March 15",
        "po_number": "PO-7",
        "agreement": "I have reviewed this invoice and agree to pay $4,500.00.",
    }
    return Heading(**known | other)


def parties(**other: Any) -> Parties:
    """A bare invoice, unless a project and a milestone are given."""
    known: dict[str, Any] = {
        "company": samples.company(),
        "customer": samples.customer(),
        "item": samples.item(),
        "project": None,
        "milestone": None,
    }
    return Parties(**known | other)


def document(line: int = 450_000, rate: int = 0, **other: Any) -> invoice.Document:
    """The recipe's invoice; ``other`` names fields of the heading or of the parties."""
    on_top = {name: other.pop(name) for name in list(other) if name in Heading.__slots__}
    sums = amounts.add_tax(line, rate, included=False)
    return invoice.build(heading(**on_top), parties(**other), sums, other.get("revises"))


def planned(**other: Any) -> invoice.Document:
    """The same, as the second phase of a project."""
    whole = {"project": samples.project(**other), "milestone": samples.milestone()}
    return document(phases=PHASES, **whole)


@pytest.mark.parametrize("made", [document(), planned()], ids=["bare", "planned"])
def test_every_key_is_always_there(made: invoice.Document) -> None:
    assert set(made) == KEYS
    for name, keys in INNER.items():
        if made[name] is not None:
            assert set(made[name]) == set(keys.split())
    assert made["revises"] is None


def test_every_key_is_there_when_nothing_is_known() -> None:
    empty = {"company": Company(), "customer": samples.customer(company="", address=Address())}
    made = document(po_number="", issued_by="", **empty)
    assert set(made) == KEYS
    assert set(made["seller"]) == set(INNER["seller"].split())
    assert made["seller"]["address"] == made["buyer"]["address"] == []
    assert (made["po_number"], made["issued_by"], made["seller"]["bank"]) == ("", "", [])


def test_what_the_client_agrees_to_is_what_was_decided() -> None:
    made = document(line=450_000, rate=82_500)
    assert (made["net_minor"], made["tax_minor"], made["total_minor"]) == (450_000, 37_125, 487_125)
    assert made["lines"] == [
        {"description": "Phase 2: Homepage designs — delivered March 15", "amount_minor": 450_000}
    ]
    assert made["title"] == made["lines"][0]["description"]
    assert (made["currency"], made["exponent"]) == ("USD", 2)
    assert (made["issued_on"], made["due_on"]) == ("2026-03-16", "2026-04-15")
    assert made["seller"]["bank"][0] == {"label": "Bank", "value": "First Harbor"}
    assert made["agreement"] == heading().agreement


@pytest.mark.parametrize(("currency", "exponent"), [("JPY", 0), ("USD", 2), ("KWD", 3)])
def test_the_exponent_is_the_currencys(currency: str, exponent: int) -> None:
    assert document(item=samples.item(currency=currency))["exponent"] == exponent


def test_the_project_adds_up() -> None:
    project = planned(contract_sum_minor=1_178_000)["project"]
    assert project["paid_minor"] == 200_000
    assert project["this_minor"] == 450_000
    assert project["to_come_minor"] == 300_000 + 150_000 + 1_000
    assert project["contract_sum_minor"] == 1_178_000
    assert [phase["state"] for phase in project["phases"]] == [p.state for p in PHASES]
    assert [phase["position"] for phase in project["phases"]] == [1, 2, 3, 4, 5, 6, 7]


def test_the_milestone_tells_when_it_was_delivered() -> None:
    assert planned()["milestone"]["delivered_on"] == "2026-03-15"
    undelivered = samples.milestone(delivered_on=None)
    assert document(milestone=undelivered)["milestone"]["delivered_on"] is None


def test_a_projects_own_terms_come_before_the_companys() -> None:
    assert document()["terms"] == {"text": "Payment within 30 days.", "version": "", "days": 30}
    own = planned(terms_text="Net 10.", terms_version="2")["terms"]
    assert own == {"text": "Net 10.", "version": "2", "days": 30}
    unnamed = planned(terms_version="2")["terms"]
    assert unnamed == {"text": "Payment within 30 days.", "version": "", "days": 30}


@pytest.mark.parametrize("made", [document(), planned()], ids=["bare", "planned"])
def test_the_frozen_bytes_are_canonical_json(made: invoice.Document) -> None:
    text, sha256 = invoice.freeze(made)
    assert text.encode() == rfc8785.dumps(made)
    assert sha256 == hashlib.sha256(text.encode()).hexdigest()
    shuffled = dict(reversed(made.items()))
    shuffled["seller"] = dict(reversed(made["seller"].items()))
    assert invoice.freeze(shuffled) == (text, sha256)


def test_the_frozen_bytes_never_change() -> None:
    assert invoice.freeze(document())[1] == GOLDEN


@pytest.mark.parametrize("name", sorted(KEYS - {"v", "kind", "exponent"}))
def test_any_difference_is_another_digest(name: str) -> None:
    made = planned()
    other = made | {name: "something else"}
    assert invoice.freeze(other)[1] != invoice.freeze(made)[1]


def test_a_document_never_differs_from_itself() -> None:
    for made in (document(), planned()):
        assert invoice.differences(made, dict(made)) == []


def test_sums_are_told_first_and_all_three_of_them() -> None:
    before, after = document(450_000, 100_000), document(400_000, 100_000, title="Phase 2, less")
    assert invoice.differences(before, after) == [
        {"label": "Net", "before": "4500.00", "after": "4000.00"},
        {"label": "Tax", "before": "450.00", "after": "400.00"},
        {"label": "Total", "before": "4950.00", "after": "4400.00"},
        {"label": "Title", "before": document()["title"], "after": "Phase 2, less"},
    ]


@pytest.mark.parametrize(
    ("label", "before", "after", "told"),
    [
        ("Due", {}, {"due_on": date(2026, 4, 20)}, ("2026-04-15", "2026-04-20")),
        ("Invoice date", {}, {"issued_on": date(2026, 3, 17)}, ("2026-03-16", "2026-03-17")),
        ("Your PO", {"po_number": ""}, {"po_number": "PO-8"}, ("", "PO-8")),
        (
            "Terms",
            {},
            {"company": samples.company(terms_text="Net 10.")},
            ("Payment within 30 days.", "Net 10."),
        ),
        (
            "What was delivered",
            {},
            {"milestone": samples.milestone(scope="Three designs")},
            ("", "Three designs"),
        ),
    ],
)
def test_each_changed_field_is_told(
    label: str, before: dict[str, Any], after: dict[str, Any], told: tuple[str, str]
) -> None:
    changes = invoice.differences(document(**before), document(**after))
    assert changes == [{"label": label, "before": told[0], "after": told[1]}]
