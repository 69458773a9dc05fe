"""Evidence packs: the same bytes, nothing secret in them, a verifier that a stranger can run."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from billing_core import jobs, settings
from billing_core.documents import pack_verifier
from billing_core.errors import NotAllowed, NotFound
from billing_core.flows.answer_changes import answer_changes
from billing_core.flows.export_evidence import EvidenceBroken, export_evidence, export_own_copy
from billing_core.flows.save_company import save_company
from billing_core.flows.void_charge import void_charge
from billing_core.records import db, organisation
from billing_core.reports import dossier
from tests import books
from tests.books import OPERATOR
from tests.flows import watching

pytestmark = pytest.mark.usefixtures("books")


def opened(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as pack:
        assert pack.testzip() is None
        return {name: pack.read(name) for name in pack.namelist()}


@pytest.fixture
def paid() -> str:
    charge = books.paid(books.seed())
    jobs.drain()
    return charge.id


def test_a_pack_holds_what_the_format_says_and_is_whole(paid: str) -> None:
    pack = export_evidence(paid, actor=OPERATOR)
    files = opened(pack.data)
    assert set(files) == {
        "README.txt", "summary.pdf", "invoice.json", "invoice.pdf", "receipt.pdf", "events.jsonl",
        "openings.json", "manifest.json", "verify.py", "mails/001-invoice.eml",
        "mails/002-receipt.eml",
    }  # fmt: skip
    assert list(files) == sorted(files)
    manifest = json.loads(files["manifest.json"])
    assert (manifest["v"], manifest["charge"]) == (1, paid)
    assert manifest["head"] == pack.head == dossier.dossier(paid).charge.chain_head
    assert pack_verifier.check(pack.data) == manifest
    with zipfile.ZipFile(io.BytesIO(pack.data)) as entries:
        for entry in entries.infolist():
            assert (entry.date_time, entry.compress_type) == ((1980, 1, 1, 0, 0, 0), 0)


def test_the_same_charge_gives_the_same_bytes(paid: str) -> None:
    first = export_evidence(paid, actor=OPERATOR)
    assert export_evidence(paid, actor=OPERATOR).data == first.data == export_own_copy(paid).data


def test_other_settings_change_no_byte_of_a_pack(
    paid: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever sent a mail stays its sender, whatever stands under Settings a year later."""
    before = export_evidence(paid, actor=OPERATOR)
    assert b"From: Northlight Studio" in opened(before.data)["mails/001-invoice.eml"]
    save_company({"name": "Southlight Ltd", "email": "new@southlight.example",
                  "operator_name": "Somebody Else"}, actor=OPERATOR)  # fmt: skip
    monkeypatch.setenv("COUNTERSIGN_MAIL_FROM", "Robot <robot@elsewhere.example>")
    settings.forget()
    after = export_evidence(paid, actor=OPERATOR)
    assert after.data == before.data


def test_an_earlier_event_gives_the_same_bytes_whatever_came_after() -> None:
    charge = books.fire(books.seed()).charge
    assert charge is not None
    before = export_evidence(charge.id, actor=OPERATOR)
    void_charge(charge.id, reason="Sent twice", actor=OPERATOR)
    jobs.drain()
    after = export_evidence(charge.id, actor=OPERATOR)
    assert after.through_seq > before.through_seq
    again = export_evidence(charge.id, actor=OPERATOR, through_seq=before.through_seq)
    assert again.data == before.data


def test_a_stranger_checks_it_with_the_file_that_is_in_it(paid: str, tmp_path: Path) -> None:
    data = export_evidence(paid, actor=OPERATOR).data
    (tmp_path / "verify.py").write_bytes(opened(data)["verify.py"])
    (tmp_path / "whole.zip").write_bytes(data)
    (tmp_path / "broken.zip").write_bytes(data.replace(b"Dana", b"Dora", 1))

    def verify(name: str) -> subprocess.CompletedProcess[str]:
        words = [sys.executable, "-I", "-S", "verify.py", name]
        return subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)

    whole, broken = verify("whole.zip"), verify("broken.zip")
    assert (whole.returncode, broken.returncode) == (0, 1)
    assert whole.stdout.startswith(f"Whole: charge {paid}, ")
    assert broken.stdout.startswith("WRONG: ")
    assert verify("nothing.zip").returncode == 2
    assert "Traceback" not in whole.stderr + broken.stderr


def test_no_secret_leaves_with_it(paid: str) -> None:
    url = dossier.dossier(paid).pay_url
    assert url
    token = url.rpartition("/")[2]
    for name, data in opened(export_evidence(paid, actor=OPERATOR).data).items():
        assert token.encode() not in data, name
        assert token[:12].encode() not in data, name
    mail = opened(export_own_copy(paid).data)["mails/001-invoice.eml"]
    assert f"{token[:6]}...".encode() in mail


def test_an_export_stands_in_the_staff_log_and_not_in_the_chain(paid: str) -> None:
    before = dossier.dossier(paid).charge.chain_head
    pack = export_evidence(paid, actor=OPERATOR)
    assert dossier.dossier(paid).charge.chain_head == before
    with db.read_only() as connection:
        (name, _, about, who, _), *_ = organisation.changes(connection, 1)
    assert (name, who) == ("evidence.exported", OPERATOR.id)
    assert json.loads(about) == {"charge": paid, "head": pack.head, "through_seq": pack.through_seq}


def test_before_an_approval_there_is_no_own_copy() -> None:
    charge = books.fire(books.seed()).charge
    assert charge is not None
    with pytest.raises(NotFound):
        export_own_copy(charge.id)
    with pytest.raises(NotFound):
        export_evidence("sc_nobody", actor=OPERATOR)


@pytest.mark.parametrize("through", [1, 99])
def test_an_event_that_is_not_there_or_too_early_is_refused(paid: str, through: int) -> None:
    with pytest.raises(NotAllowed):
        export_evidence(paid, actor=OPERATOR, through_seq=through)


def test_books_that_do_not_hold_give_no_pack(paid: str) -> None:
    watching.write("UPDATE evidence_events SET canonical = replace(canonical, '450000', '45')")
    with pytest.raises(EvidenceBroken, match="event 1"):
        export_evidence(paid, actor=OPERATOR)


def test_hostile_words_stay_words_and_climb_nowhere() -> None:
    seeded = books.seed()
    words = "../../etc/passwd <script>alert(1)</script> =cmd() 测试 العربية 🙂"
    fired = books.fire(seeded, description=words)
    charge = fired.charge
    assert charge is not None
    books.ask_for_changes(books.token(fired), words)
    answer_changes(charge.id, answer=words, actor=OPERATOR)
    jobs.drain()
    files = opened(export_evidence(charge.id, actor=OPERATOR).data)
    assert all(".." not in name and not name.startswith("/") for name in files)
    values = [o["value"] for o in json.loads(files["openings.json"])]
    assert values.count(words) >= 2
