"""Erasing a person: their values are gone, the chains hold, packs say what is missing and why."""

from __future__ import annotations

import io
import json
import zipfile

import pytest

from billing_core import jobs
from billing_core.documents import pack_verifier
from billing_core.errors import NotAllowed, NotFound, TextRefused
from billing_core.flows.erase_person import erase_person
from billing_core.flows.export_evidence import export_evidence
from billing_core.flows.verify_evidence import verify_all
from billing_core.flows.void_charge import void_charge
from tests import books
from tests.books import OPERATOR
from tests.evidence.second_pack_verifier import wrong_with
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("books")
WHY = "Asked for by letter of March 3"


def test_values_go_the_chain_stays_and_the_pack_says_why() -> None:
    seeded, other = books.seed(), books.seed(name="Ines Kaya", email="ines@example.org")
    charge, kept = books.paid(seeded), books.paid(other)
    jobs.drain()
    erased = erase_person(seeded.customer, why=WHY, actor=OPERATOR)
    assert erased.values >= 3
    assert erased.chains == 1
    assert f"{charge.issued_on.year + 10}-12-31" in erased.sentence
    left = watching.rows("evidence_openings", f"stream = '{charge.id}' AND (value IS NOT NULL"
                         " OR salt IS NOT NULL)")  # fmt: skip
    assert left == []
    assert watching.rows("evidence_openings", f"stream = '{kept.id}' AND value IS NOT NULL")
    assert verify_all().problems == ()
    pack = export_evidence(charge.id, actor=OPERATOR).data
    assert (pack_verifier.check(pack)["charge"], wrong_with(pack)) == (charge.id, "")
    with zipfile.ZipFile(io.BytesIO(pack)) as files:
        gone = json.loads(files.read("erasures.json"))
        assert json.loads(files.read("openings.json")) == []
        assert b"Dana" not in files.read("events.jsonl")
        assert json.loads(files.read("invoice.json"))["buyer"]["name"] == "Dana Whitfield"
    assert {each["why"] for each in gone} == {WHY}
    assert len(gone) == erased.values
    again = erase_person(seeded.customer, why=WHY, actor=OPERATOR)
    assert (again.values, again.sentence[:16]) == (0, "There is nothing")


def test_what_is_unpaid_or_disputed_is_held() -> None:
    seeded = books.seed()
    fired = books.fire(seeded)
    assert fired.charge
    with pytest.raises(NotAllowed, match=fired.charge.invoice_number) as held:
        erase_person(seeded.customer, why=WHY, actor=OPERATOR)
    assert held.value.code == "LEGAL_HOLD"
    void_charge(fired.charge.id, reason="", actor=OPERATOR)
    assert erase_person(seeded.customer, why=WHY, actor=OPERATOR).values


def test_without_a_person_or_a_reason_nothing_happens() -> None:
    seeded = books.seed()
    books.paid(seeded)
    with pytest.raises(NotFound):
        erase_person("bc_nobody", why=WHY, actor=OPERATOR)
    with pytest.raises(TextRefused):
        erase_person(seeded.customer, why=" ", actor=OPERATOR)
    assert watching.rows("evidence_openings", "erased_at IS NOT NULL") == []
