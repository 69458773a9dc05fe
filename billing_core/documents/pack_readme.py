"""README.txt of an evidence pack: what lies in it and how a stranger checks it. Plain text."""

from __future__ import annotations

from collections.abc import Sequence

from billing_core.documents import plain
from billing_core.rules.nouns import Charge

_ABOUT = {
    "summary.pdf": "page one: what was billed, who agreed to it, when money came",
    "invoice.json": "the frozen invoice, canonical JSON; its SHA-256 is what was approved",
    "invoice.pdf": "the paper that was mailed and shown; its SHA-256 is in the chain",
    "receipt.pdf": "the receipt",
    "events.jsonl": "the chain: one event a line, each with the hash of the one before it",
    "openings.json": "the personal values behind the commitments in the events, with their salts",
    "erasures.json": "which values were erased, when and why; the chain holds without them",
    "verify.py": "checks all this; one file, Python's standard library only",
    "manifest.json": "every file with its length and SHA-256, and the head of the chain",
}


def text(charge: Charge, *, through_seq: int, head: str, names: Sequence[str]) -> bytes:
    """The file's bytes; ``names`` are the files of the pack made so far."""
    listed = [name for name in names if "/" not in name]
    lines = [
        f"Evidence for invoice {plain.line(charge.invoice_number)}",
        "",
        f"Charge {charge.id}, told through event {through_seq}.",
        f"Head of its chain: {head}",
        "",
        "To check it:   python verify.py THIS.zip      (Python 3.9 or newer, no network)",
        "",
        *(f"  {name:<15} {_ABOUT[name]}" for name in [*listed, "verify.py", "manifest.json"]),
    ]
    if any(name.startswith("mails/") for name in names):
        lines.append(f"  {'mails/':<15} every mail about it, attachments included")
    if any(name.startswith("deliverables/") for name in names):
        lines.append(
            f"  {'deliverables/':<15} what was delivered; each file's SHA-256 is in invoice.json"
        )
    lines += [
        "",
        "A person who holds a link may act with it, so links in mails/ are cut to six characters,",
        "and codes are left out. The SHA-256 of a mail as it was sent is in its mail.sent event.",
        "",
        "Whoever could change every file here could make a new pack that holds together. So",
        "compare with what left our house: the receipt mailed to the client carries the hash of",
        "the payment's event, and the payment gateway's record the chain as it was approved.",
        "",
    ]
    return "\n".join(lines).encode()
