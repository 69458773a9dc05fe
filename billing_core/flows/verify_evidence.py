"""Check evidence chains against their own bytes and against what the subjects' rows say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from billing_core import ids
from billing_core.errors import NotFound
from billing_core.records import blobs, charges, db, rows
from billing_core.records import evidence as chains
from billing_core.rules import evidence
from billing_core.rules.nouns import Charge

MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """How many chains were checked, and the first thing wrong with each broken one."""

    checked: int
    problems: tuple[str, ...]


def verify_all(progress: Callable[[int, int], None] | None = None) -> VerifyResult:
    """Check every chain, every opening, and each charge's frozen invoice and PDF.

    ``progress(checked, of)`` is called after each chain.
    """
    with db.as_stored() as connection:
        return verify_within(connection, progress)


def verify_within(
    connection: Connection, progress: Callable[[int, int], None] | None = None
) -> VerifyResult:
    """The same inside the caller's transaction, for books that are not committed yet."""
    checked = 0
    problems = [f"{s}: evidence without a subject" for s in chains.orphans(connection)]
    subjects = list(chains.subjects(connection))
    for stream, length, head in subjects:
        problem = _try_stream(connection, stream, length=length, head=head)
        if problem:
            problems.append(problem)
        checked += 1
        if progress is not None:
            progress(checked, len(subjects))
        if len(problems) >= MOST_PROBLEMS:
            break
    return VerifyResult(checked, tuple(map(_printable, problems)))


def _try_stream(connection: Connection, stream: str, *, length: int, head: str) -> str:
    """What is so broken that it cannot even be read is a finding too."""
    try:
        return verify_stream(connection, stream, length=length, head=head)
    except (NotFound, LookupError, TypeError, ValueError, db.SQLAlchemyError) as error:
        return f"{stream}: its rows cannot be read ({type(error).__name__})"


def _printable(problem: str) -> str:
    return problem.encode("utf-8", "backslashreplace").decode()


def verify_stream(connection: Connection, stream: str, *, length: int, head: str) -> str:
    """The first thing wrong with one chain and what hangs on it, or ""."""
    raw = chains.raw_of_stream(connection, stream)
    problem = evidence.check_chain(stream, raw, length=length, head=head)
    if problem:
        return problem
    events: dict[int, dict[str, Any]] = {seq: rows.load(text) for seq, text, _ in raw}
    problem = _check_columns(connection, stream, events)
    if problem:
        return problem
    payloads = {seq: event["payload"] for seq, event in events.items()}
    openings = chains.openings_of(connection, stream)
    erased = chains.erased_of(connection, stream)
    problem = evidence.check_openings(stream, payloads, openings, erased)
    if problem or not stream.startswith("sc_"):
        return problem
    return _check_charge(connection, stream, events)


def _check_columns(connection: Connection, stream: str, events: dict[int, dict[str, Any]]) -> str:
    for seq, kind, at in chains.columns_of(connection, stream):
        event = events[seq]
        if (event["kind"], event["at"]) != (kind, at):
            return f"{stream}: event {seq}: its row's kind or time differs from its bytes"
    return ""


def _check_charge(connection: Connection, stream: str, events: dict[int, dict[str, Any]]) -> str:
    """The frozen invoice, the charge's own row and the PDF against what the chain says of them."""
    charge = charges.get(connection, stream)
    by_kind = {event["kind"]: event["payload"] for event in events.values()}
    if "charge.fired" not in by_kind or "invoice.frozen" not in by_kind:
        return f"{stream}: the chain does not tell of its fire"
    frozen = by_kind["invoice.frozen"]
    wanted = (frozen["number"], frozen["document_sha256"])
    number, sha256, canonical = charges.get_frozen(connection, stream)
    if (number, sha256) != wanted or ids.sha256_hex(canonical) != sha256:
        return f"{stream}: the stored invoice is not the one that was frozen"
    if (charge.invoice_number, charge.document_sha256) != wanted:
        return f"{stream}: the charge names another invoice than the one that was frozen"
    if charge.total_minor != by_kind["charge.fired"]["amount_minor"]:
        return f"{stream}: the charge's amount is not the one that was fired"
    for name, value in _repeated(rows.load(canonical)).items():
        if str(getattr(charge, name)) != str(value):
            return f"{stream}: the charge's {name} is not the one its invoice says"
    return _check_pdf(connection, charge, by_kind.get("invoice.rendered"))


def _repeated(document: dict[str, Any]) -> dict[str, object]:
    """What the charge's row repeats from its invoice, by column."""
    same = ("net_minor", "tax_minor", "total_minor", "currency", "po_number", "issued_on", "due_on")
    (line,) = document["lines"]
    return {name: document[name] for name in same} | {
        "line_minor": line["amount_minor"],
        "description": document["title"],
    }


def _check_pdf(connection: Connection, charge: Charge, rendered: dict[str, Any] | None) -> str:
    known = rendered["pdf_sha256"] if rendered else None
    if charge.pdf_sha256 != known:
        return f"{charge.id}: the charge shows another PDF than the one the chain knows"
    data = blobs.find(connection, known) if known else None
    if known and (data is None or ids.sha256_hex(data) != known):
        return f"{charge.id}: the stored PDF is not the one that was rendered"
    return ""
