"""What a milestone delivered: kept by digest, frozen into the invoice, bound by the approval."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from billing_core.errors import FieldsRefused, IllegalMove, NotFound, StaleDocument
from billing_core.flows import add_deliverable as adding
from billing_core.flows import mint_link
from billing_core.flows.add_deliverable import add_deliverable
from billing_core.flows.approve_charge import approve_charge
from billing_core.flows.drop_deliverable import drop_deliverable
from billing_core.flows.export_evidence import export_evidence
from billing_core.flows.open_link import open_link
from billing_core.flows.read_deliverable import read_deliverable
from billing_core.flows.revise_charge import revise_charge
from billing_core.records import db, deliverables, links
from billing_core.rules.nouns.catalogue import Deliverable
from tests import books as made
from tests.books import OPERATOR, Plan, Seeded
from tests.evidence import second_pack_verifier

PDF = b"%PDF-1.7 the homepage, final"
LINK = {
    "name": "Clickable prototype",
    "url": "https://prototype.example/v3?page=1",
    "detail": "12 screens, as it stood on March 15",
}


@pytest.fixture
def seeded(books: str) -> Seeded:
    """The recipe's books."""
    return made.seed()


@pytest.fixture
def plan(seeded: Seeded) -> Plan:
    """Two delivered phases."""
    return made.plan(seeded.customer, "1000.00", "2000.00", contract_sum="3000.00")


def upload(
    milestone: str, name: str = "homepage.pdf", data: bytes = PDF, **more: Any
) -> Deliverable:
    """Add a file."""
    return add_deliverable(milestone, {"name": name}, data=data, actor=OPERATOR, **more)


def there(milestone: str) -> list[Deliverable]:
    """What the milestone holds."""
    with db.read_only() as connection:
        return deliverables.of_milestone(connection, milestone)


def fire(seeded: Seeded, plan: Plan, phase: int = 0, amount: str = "1000.00") -> Any:
    """Fire a phase, return what was fired."""
    return made.fire(seeded, amount, f"Phase {phase + 1}", milestone=plan.milestones[phase])


def test_a_file_is_kept_whole_and_once(seeded: Seeded, plan: Plan) -> None:
    first = upload(plan.milestones[0], key="one")
    assert upload(plan.milestones[0], key="one") == first
    assert upload(plan.milestones[0], key="two") == first, "the same file again is the same"
    assert there(plan.milestones[0]) == [first]
    assert first.sha256 == hashlib.sha256(PDF).hexdigest()
    assert (first.name, first.detail, first.size_bytes) == ("homepage.pdf", "PDF", len(PDF))


KEPT = (
    ("../../etc/passwd", "passwd"),
    ("C:\\fakepath\\Homepage.pdf", "Homepage.pdf"),
    ("<script>alert(1)<／script>.pdf", "<script>alert(1)<／script>.pdf"),
    ('a"; filename=evil.exe', 'a"; filename=evil.exe'),
    ("設計 №2 — final.pdf", "設計 №2 — final.pdf"),
)
NO_FILE = (
    ("empty.pdf", b"", "file"),
    ("", PDF, "name"),
    ("..", PDF, "name"),
    ("folder/", b"", "file"),
    ("exe\u202efdp.pdf", PDF, "name"),
    ("a\r\nset-cookie: b", PDF, "name"),
    ("\ud800.pdf", PDF, "name"),
    ("x" * 121, PDF, "name"),
)


def test_a_name_keeps_its_words_and_no_folder(plan: Plan) -> None:
    for sent, kept in KEPT:
        assert upload(plan.milestones[0], sent).name == kept


def test_what_is_no_file_is_refused_at_its_field(plan: Plan) -> None:
    for name, data, field in NO_FILE:
        with pytest.raises(FieldsRefused) as refused:
            upload(plan.milestones[0], name, data)
        assert field in refused.value.problems, name
    assert not there(plan.milestones[0])


def test_size_and_number_are_bounded(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    assert adding.MOST_BYTES == 25 * 1024 * 1024
    monkeypatch.setattr(adding, "MOST_BYTES", 10)
    monkeypatch.setattr(adding, "MOST_BYTES_EACH", 25)
    with pytest.raises(FieldsRefused, match="larger than 25 MB"):
        upload(plan.milestones[0], data=b"x" * 11)
    upload(plan.milestones[0], data=b"x" * 10)
    upload(plan.milestones[0], data=b"y" * 10)
    with pytest.raises(FieldsRefused, match="come to"):
        upload(plan.milestones[0], data=b"z" * 6)
    monkeypatch.setattr(adding, "MOST_EACH", 2)
    with pytest.raises(FieldsRefused, match="up to 2"):
        upload(plan.milestones[0], data=b"z")


NOWHERE = (
    "", "javascript:alert(1)", "data:text/html,x", "ftp://a.example/x", "https://", "a.example",
    "https://bank.example@evil.example/", "https://a.example/ b", "https://exämple.de/",
    "http://[", "https://a.example/\u0000", "https://a.example/" + "x" * 1000,
)  # fmt: skip


def test_a_link_leads_to_a_plain_page_or_nowhere(plan: Plan) -> None:
    for url in NOWHERE:
        with pytest.raises(FieldsRefused) as refused:
            add_deliverable(plan.milestones[0], LINK | {"url": url}, actor=OPERATOR)
        assert set(refused.value.problems) == {"url"}, url


def test_a_link_says_what_it_held(plan: Plan) -> None:
    with pytest.raises(FieldsRefused, match="What it held is missing"):
        add_deliverable(plan.milestones[0], LINK | {"detail": " "}, actor=OPERATOR)


def test_the_frozen_invoice_holds_them_and_the_approval_binds_them(
    seeded: Seeded, plan: Plan, driven_clock: Any
) -> None:
    file = upload(plan.milestones[0])
    link = add_deliverable(plan.milestones[0], LINK, actor=OPERATOR)
    upload(plan.milestones[1], "not of this phase.pdf")
    fired = fire(seeded, plan)
    page = open_link(made.token(fired))
    assert page.document["milestone"]["deliverables"] == [
        {"name": "homepage.pdf", "kind": "file", "detail": "PDF", "url": "", "sha256": file.sha256,
         "bytes": len(PDF)},
        {"name": LINK["name"], "kind": "link", "detail": LINK["detail"], "url": LINK["url"],
         "sha256": link.sha256, "bytes": None},
    ]  # fmt: skip
    # another file in the books changes nothing that was sent
    upload(plan.milestones[0], "later.pdf", b"later")
    drop_deliverable(file.id, actor=OPERATOR)
    assert open_link(made.token(fired)).document == page.document
    assert read_deliverable(fired.charge.id, "1").data == PDF
    for wrong in ("0", "2", "3", "-1", "1.0", "١", "01" * 9, "../1"):
        with pytest.raises(NotFound):
            read_deliverable(fired.charge.id, wrong)


def test_the_evidence_pack_carries_the_files_and_a_stranger_can_check_them(
    seeded: Seeded, plan: Plan
) -> None:
    upload(plan.milestones[0])
    add_deliverable(plan.milestones[0], LINK, actor=OPERATOR)
    fired = fire(seeded, plan)
    made.pay(made.approve(made.token(fired)))
    made.settle(fired.charge.id)
    pack = export_evidence(fired.charge.id, actor=OPERATOR)
    assert PDF in pack.data
    assert b"https://prototype.example/v3?page=1" in pack.data
    assert second_pack_verifier.wrong_with(pack.data) == ""
    assert second_pack_verifier.wrong_with(pack.data.replace(PDF, b"x" * len(PDF)))


def test_once_approved_they_stay(seeded: Seeded, plan: Plan) -> None:
    file = upload(plan.milestones[0])
    fired = fire(seeded, plan)
    made.approve(made.token(fired))
    with pytest.raises(FieldsRefused, match="has approved"):
        upload(plan.milestones[0], "late.pdf", b"late")
    with pytest.raises(FieldsRefused, match="has approved"):
        drop_deliverable(file.id, actor=OPERATOR)
    assert there(plan.milestones[0]) == [file]


def test_a_missing_file_is_reason_enough_to_revise(seeded: Seeded, plan: Plan) -> None:
    fired = fire(seeded, plan)
    made.ask_for_changes(made.token(fired), "Where is the file?")
    unchanged = {"amount": "1000.00", "description": "Phase 1", "answer": "Here it is."}
    with pytest.raises(IllegalMove, match="Nothing was changed"):
        revise_charge(fired.charge.id, **unchanged, actor=OPERATOR)
    file = upload(plan.milestones[0])
    stale = open_link(made.token(fired))
    new = revise_charge(fired.charge.id, **unchanged, actor=OPERATOR)
    with db.read_only() as connection:
        link = links.find_live(connection, new.id)
    assert link
    token = mint_link.token_of(link)
    page = open_link(token)
    assert page.document["revises"]["changes"] == [
        {"label": "Files and links", "before": "", "after": f"homepage.pdf ({file.sha256[:12]})"}
    ]
    with pytest.raises(StaleDocument):
        approve_charge(
            token, nonce=page.nonce, document_sha256=stale.document_sha256, accept="yes",
            name="Dana", method="new", code="", visit=made.VISIT,
        )  # fmt: skip


def test_a_dropped_milestone_takes_nothing(seeded: Seeded) -> None:
    from billing_core.flows.save_project import change_milestone, save_milestone

    project = made.plan(seeded.customer).project
    values = {"project_id": project, "title": "Extra", "planned_amount": "1.00"}
    extra = save_milestone(None, values, actor=OPERATOR)
    change_milestone(extra.id, "drop", actor=OPERATOR)
    with pytest.raises(FieldsRefused, match="was dropped"):
        upload(extra.id)
