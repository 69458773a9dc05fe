"""Check evidence chains against their own bytes and against what the subjects' rows say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from billing_core import ids
from billing_core.records import blobs, charges, db, rows
from billing_core.records import evidence as chains
from billing_core.rules import evidence

MOST_PROBLEMS = 20


@dataclass(frozen=True, slots=True)
class VerifyResult:
    """How many chains were checked, and the first thing wrong with each broken one."""

    checked: int
    problems: tuple[str, ...]


def verify_all(progress: Callable[[int], None] | None = None) -> VerifyResult:
    """Check every chain, every opening, and each charge's frozen invoice and PDF."""
    checked, problems = 0, []
    with db.read_only() as connection:
        problems += [f"{s}: events without a subject" for s in chains.orphans(connection)]
        for stream, length, head in list(chains.subjects(connection)):
            problem = verify_stream(connection, stream, length=length, head=head)
            if problem:
                problems.append(problem)
            checked += 1
            if progress is not None:
                progress(checked)
            if len(problems) >= MOST_PROBLEMS:
                break
    return VerifyResult(checked, tuple(problems))


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
    problem = evidence.check_openings(stream, payloads, openings)
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
    """The frozen invoice, the PDF and the sums against what the chain says of them."""
    charge = charges.get(connection, stream)
    by_kind = {event["kind"]: event["payload"] for event in events.values()}
    if "charge.fired" not in by_kind or "invoice.frozen" not in by_kind:
        return f"{stream}: the chain does not tell of its fire"
    canonical = charges.get_canonical(connection, stream)
    frozen = by_kind["invoice.frozen"]
    wanted = (frozen["document_sha256"], frozen["number"])
    if (ids.sha256_hex(canonical), charge.invoice_number) != wanted:
        return f"{stream}: the stored invoice is not the one that was frozen"
    if charge.document_sha256 != frozen["document_sha256"]:
        return f"{stream}: the charge names another invoice than the one that was frozen"
    if charge.total_minor != by_kind["charge.fired"]["amount_minor"]:
        return f"{stream}: the charge's amount is not the one that was fired"
    rendered = by_kind.get("invoice.rendered")
    if rendered is None:
        return "" if charge.pdf_sha256 is None else f"{stream}: a PDF the chain does not know"
    data = blobs.find(connection, rendered["pdf_sha256"])
    if data is None or ids.sha256_hex(data) != rendered["pdf_sha256"]:
        return f"{stream}: the stored PDF is not the one that was rendered"
    return ""
