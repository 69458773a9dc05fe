"""Two verifiers, written apart from the same lines, agree on what real flows wrote."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import pytest

from billing_core.flows.open_link import open_link
from billing_core.flows.verify_evidence import verify_all
from tests import books
from tests.evidence import second_verifier
from tests.evidence.conftest import Vault

FORMAT = {"v", "stream", "seq", "kind", "at", "actor", "payload", "prev"}
KINDS = {
    "charge.fired", "invoice.frozen", "invoice.rendered", "mail.queued", "link.minted",
    "link.replaced", "invoice.viewed", "code.sent", "code.verified", "changes.requested",
    "charge.approved", "attempt.started", "attempt.requires_action", "attempt.succeeded",
    "attempt.declined", "charge.captured", "payment.recorded", "charge.voided",
}  # fmt: skip


def test_the_second_verifier_shares_nothing_with_the_product() -> None:
    tree = ast.parse(Path(second_verifier.__file__).read_text(encoding="utf-8"))
    named = [n.module or "" for n in ast.walk(tree) if isinstance(n, ast.ImportFrom)]
    named += [a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names]
    assert named
    assert not [name for name in named if name.split(".")[0] not in sys.stdlib_module_names]


def test_both_verifiers_accept_what_the_flows_wrote(vault: Vault, stories: dict[str, str]) -> None:
    assert vault.problems() == ()
    assert vault.second_problems() == {}
    chains = vault.ask("SELECT stream, count(*) FROM evidence_events GROUP BY stream")
    assert {stream for stream, _ in chains} == set(stories.values())
    assert all(isinstance(count, int) and count >= 4 for _, count in chains)
    kinds = {kind for (kind,) in vault.ask("SELECT DISTINCT kind FROM evidence_events")}
    assert kinds >= KINDS


def test_events_hold_what_the_format_says_and_no_address(vault: Vault) -> None:
    everything = ""
    for (text,) in vault.ask("SELECT canonical FROM evidence_events"):
        event = json.loads(str(text))
        assert set(event) == FORMAT
        assert set(event["actor"]) == {"kind", "id"}
        # the sentence that was agreed to stands in the clear, and the description with it
        event["payload"].pop("agreement", None)
        everything += json.dumps(event, ensure_ascii=False)
    personal = vault.ask("SELECT DISTINCT value FROM evidence_openings WHERE length(value) > 8")
    assert len(personal) > 10
    assert not [value for (value,) in personal if str(value) in everything]
    assert "dana@harborvine.example" in {value for (value,) in personal}
    assert "203.0.113.7" in {value for (value,) in personal}


def test_an_approval_holds_what_was_approved(vault: Vault, stories: dict[str, str]) -> None:
    ((text,),) = vault.ask(
        "SELECT canonical FROM evidence_events WHERE stream = ? AND kind = 'charge.approved'",
        stories["strange words"],
    )
    payload = json.loads(str(text))["payload"]
    ((frozen, pdf, canonical),) = vault.ask(
        "SELECT c.document_sha256, c.pdf_sha256, i.canonical FROM charges c"
        " JOIN invoices i ON i.charge_id = c.id WHERE c.id = ?",
        stories["strange words"],
    )
    assert (payload["document_sha256"], payload["pdf_sha256"]) == (frozen, pdf)
    assert payload["agreement"] == json.loads(str(canonical))["agreement"]
    assert payload["identity"] == "link+code"
    assert {n for n, v in payload.items() if isinstance(v, dict)} >= {
        "name", "address", "peer", "forwarded", "user_agent", "accept_language", "mailed_to",
    }  # fmt: skip


@pytest.mark.parametrize("story", ["paid", "strange words", "answered"])
def test_erased_openings_still_verify(vault: Vault, stories: dict[str, str], story: str) -> None:
    erased = vault.run(
        "UPDATE evidence_openings SET salt = NULL, value = NULL, erased_why = 'asked for',"
        " erased_at = '2027-01-01 00:00:00.000000' WHERE stream = ?",
        stories[story],
    )
    assert erased >= 3
    assert vault.problems() == ()
    assert vault.second_problems() == {}


@pytest.mark.parametrize(
    "half",
    ["salt = NULL", "value = NULL", "salt = NULL, value = NULL",
     "erased_at = '2027-01-01 00:00:00.000000'",
     "salt = NULL, erased_at = '2027-01-01 00:00:00.000000'",
     "value = NULL, erased_at = '2027-01-01 00:00:00.000000'"],
)  # fmt: skip
def test_half_an_erasure_is_found(vault: Vault, stories: dict[str, str], half: str) -> None:
    vault.run(
        f"UPDATE evidence_openings SET {half} WHERE stream = ? AND path = '/payload/name'",
        stories["paid"],
    )
    (problem,) = vault.problems()
    assert problem.startswith(stories["paid"])
    assert set(vault.second_problems()) == {stories["paid"]}


def test_chains_hold_on_both_databases(database: str, driven_clock: object) -> None:
    seeded = books.seed()
    paid = books.paid(seeded)
    fired = books.fire(seeded, "45.00", "設計 👩‍👩‍👧‍👦")
    assert open_link(books.token(fired)).charge.chain_length >= 4
    found = verify_all()
    assert found.problems == ()
    assert found.checked >= 3
    assert books.charge(paid.id).chain_length > 8
