"""An evidence pack: everything about one charge in one zip that a stranger can check (document 4).

The same charge through the same event gives the same bytes. Reads, but for two things that must be
there first: the invoice's PDF and the words of queued mails, each made once and then kept.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from billing_core import ids
from billing_core.documents import evidence_summary, pack_readme, pack_verifier, pdf
from billing_core.documents.evidence_summary import Told
from billing_core.errors import NotAllowed, NotFound, Refused
from billing_core.flows.render_invoice import render_invoice
from billing_core.flows.send_mail import compose_mail, message_of
from billing_core.flows.verify_evidence import verify_stream
from billing_core.flows.write_mail import PAID, receipt_facts
from billing_core.records import blobs, charges, db, evidence, mails, organisation, rows
from billing_core.records.patience import repeatably
from billing_core.rules import texts
from billing_core.rules.evidence import canonical
from billing_core.rules.nouns import Actor, Charge, Event, Mail

_APPROVED = ("charge.approved", "payment.recorded")
_MOST_MAILS = 1000


class EvidenceBroken(Refused):
    """The chain in the books does not hold; the sentence names the first thing wrong with it."""

    code = "EVIDENCE_BROKEN"


@dataclass(frozen=True, slots=True)
class Pack:
    """One pack: ``name`` is a file name, ``head`` the hash of event ``through_seq``."""

    charge_id: str
    name: str
    data: bytes
    through_seq: int
    head: str


def export_evidence(charge_id: str, *, actor: Actor, through_seq: int | None = None) -> Pack:
    """The pack of a charge, through its last event or an earlier one; noted in the staff log.

    NotFound for an unknown charge, NotAllowed where ``through_seq`` names no event or comes before
    the invoice's PDF, EvidenceBroken when the books themselves do not hold.
    """
    pack = _make(charge_id, through_seq)
    _note(pack, actor)
    return pack


@repeatably
def _note(pack: Pack, actor: Actor) -> None:
    about = {"charge": pack.charge_id, "through_seq": pack.through_seq, "head": pack.head}
    with db.begin() as connection:
        organisation.note_act(connection, "evidence.exported", about, actor)


def _make(charge_id: str, through_seq: int | None) -> Pack:
    render_invoice(charge_id)
    with db.read_only() as connection:
        queued = mails.search(connection, charge_id, _MOST_MAILS)
    for mail in queued:
        compose_mail(mail.id)
    problem = verify_charge(charge_id)
    if problem:
        raise EvidenceBroken(f"This evidence cannot be exported, it does not hold. {problem}")
    with db.read_only() as connection:
        charge = charges.get(connection, charge_id)
        return _pack(connection, charge, through_seq or charge.chain_length)


def verify_charge(charge_id: str) -> str:
    """The first thing wrong with one charge's evidence, or ""; NotFound for an unknown charge."""
    with db.as_stored() as connection:
        charge = charges.get(connection, charge_id)
        return verify_stream(
            connection, charge_id, length=charge.chain_length, head=charge.chain_head
        )


def export_own_copy(charge_id: str) -> Pack:
    """The client's own copy: the same pack, once they have approved or paid; else NotFound."""
    check_own_copy(charge_id)
    return _make(charge_id, None)


def check_own_copy(charge_id: str) -> None:
    """NotFound while the client has neither approved nor paid."""
    with db.read_only() as connection:
        kinds = {event.kind for event in evidence.of_stream(connection, charge_id)}
    if not kinds & set(_APPROVED):
        raise NotFound("There is a copy of the evidence once the invoice is approved.")


def _pack(connection: Connection, charge: Charge, through_seq: int) -> Pack:
    story = [e for e in evidence.of_stream(connection, charge.id) if e.seq <= through_seq]
    _check_reach(story, through_seq)
    files = _papers(connection, charge, story)
    files |= _evidence(connection, charge, story)
    files |= _letters(connection, charge, story)
    head = story[-1].hash
    files["README.txt"] = pack_readme.text(
        charge, through_seq=through_seq, head=head, names=sorted(files)
    )
    files["verify.py"] = Path(pack_verifier.__file__).read_bytes()
    files["manifest.json"] = _manifest(files, charge.id, story[-1])
    name = f"{texts.file_name(charge.invoice_number)}-evidence-{through_seq}.zip"
    return Pack(charge.id, name, pack_verifier.zip_bytes(files), through_seq, head)


def _check_reach(story: list[Event], through_seq: int) -> None:
    if not story or story[-1].seq != through_seq:
        raise NotAllowed(f"There is no event {through_seq} in this charge's chain.")
    if "invoice.rendered" not in {event.kind for event in story}:
        raise NotAllowed(
            f"Event {through_seq} comes before the invoice's PDF: a pack needs the paper itself."
        )


def _papers(connection: Connection, charge: Charge, story: list[Event]) -> dict[str, bytes]:
    """The frozen invoice and what was made from it."""
    canonical_text = charges.get_canonical(connection, charge.id)
    document = rows.load(canonical_text)
    opened = _opened(connection, charge.id)
    told = [Told(event, opened.get(event.seq, {})) for event in story]
    paper = blobs.find(connection, charge.pdf_sha256 or "")
    assert paper is not None, "verified a moment ago"
    files = {
        "invoice.json": canonical_text.encode(),
        "invoice.pdf": paper,
        "summary.pdf": evidence_summary.summary_pdf(document, charge_id=charge.id, story=told),
    }
    payment = receipt_facts(connection, charge)
    if payment and any(event.kind in PAID for event in story):
        files["receipt.pdf"] = pdf.receipt_pdf(document, payment=payment)
    return files | _deliverables(connection, document)


def _deliverables(connection: Connection, document: dict[str, Any]) -> dict[str, bytes]:
    """The files that the invoice names, as far as they are kept."""
    files: dict[str, bytes] = {}
    milestone = document["milestone"] or {}
    for number, entry in enumerate(milestone.get("deliverables", []), start=1):
        data = blobs.find(connection, entry["sha256"]) if entry["sha256"] else None
        if data is not None:
            files[f"deliverables/{number:02d}-{texts.file_name(entry['name'])}"] = data
    return files


def _evidence(connection: Connection, charge: Charge, story: list[Event]) -> dict[str, bytes]:
    """The chain, what opens its commitments, and what was erased."""
    last = story[-1].seq
    openings = [
        {"seq": o.seq, "path": o.path, "salt": o.salt, "value": o.value}
        for o in evidence.openings_of(connection, charge.id)
        if o.seq <= last
    ]
    erased = [e for e in evidence.erasures_of(connection, charge.id) if e["seq"] <= last]
    files = {
        "events.jsonl": "".join(f"{event.canonical}\n" for event in story).encode(),
        "openings.json": canonical(openings).encode(),
    }
    return files | ({"erasures.json": canonical(erased).encode()} if erased else {})


def _letters(connection: Connection, charge: Charge, story: list[Event]) -> dict[str, bytes]:
    """The mails of these events, in the order queued, links cut to six characters."""
    told = [str(e.payload["mail"]) for e in story if e.kind == "mail.queued"]
    return {
        f"mails/{number:03d}-{texts.file_name(mail.kind)}.eml": _letter(mail)
        for number, mail in enumerate(_mails(connection, told), start=1)
    }


def _mails(connection: Connection, told: Iterable[str]) -> Iterable[Mail]:
    return (mails.get(connection, mail_id) for mail_id in told)


def _letter(mail: Mail) -> bytes:
    return message_of(mail, shown=False).as_bytes()


def _opened(connection: Connection, charge_id: str) -> dict[int, dict[str, str]]:
    opened: dict[int, dict[str, str]] = {}
    for opening in evidence.openings_of(connection, charge_id):
        opened.setdefault(opening.seq, {})[opening.path.removeprefix("/payload/")] = opening.value
    return opened


def _manifest(files: dict[str, bytes], charge_id: str, last: Event) -> bytes:
    listed = [
        {"path": name, "bytes": len(files[name]), "sha256": ids.sha256_hex(files[name])}
        for name in sorted(files)
    ]
    manifest = {
        "v": 1,
        "charge": charge_id,
        "through_seq": last.seq,
        "head": last.hash,
        "files": listed,
    }
    return canonical(manifest).encode()
