"""Page one of an evidence pack: what was billed, who agreed to it, and when money came.

In English whatever the invoice's language, since a bank reads it. Made from the frozen invoice and
the events given, so that the same pack always has the same page. Decides nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from billing_core import clock
from billing_core.documents import pdf, plain, sections, wording
from billing_core.documents.sheet import Document, Row, Sheet
from billing_core.rules.nouns import Event

_MOST_ROWS = 22
_TOLD = {
    "charge.fired": "Charged by {actor}",
    "invoice.frozen": "Invoice {number} written",
    "invoice.rendered": "Invoice set as PDF",
    "mail.queued": "Mail written: {kind}",
    "mail.sent": "Mail handed to the mail server",
    "mail.failed": "Mail refused by the mail server",
    "invoice.viewed": "Invoice opened, {grade}",
    "invoice.downloaded": "Invoice downloaded",
    "code.sent": "Code mailed to the billing address",
    "code.verified": "Code typed in rightly",
    "changes.requested": "Client asked for changes",
    "changes.answered": "Request answered",
    "charge.declined_by_client": "Client declined",
    "charge.approved": "Approved by {name}",
    "attempt.succeeded": "Payment went through at the gateway",
    "attempt.declined": "Payment was declined",
    "charge.captured": "Paid",
    "payment.recorded": "Payment recorded by hand",
    "receipt.sent": "Receipt sent",
    "reminder.sent": "Reminder sent",
    "charge.voided": "Withdrawn",
    "charge.expired": "Expired",
    "refund.succeeded": "Refunded",
    "dispute.opened": "Disputed",
    "dispute.closed": "Dispute closed",
}


@dataclass(frozen=True, slots=True)
class Told:
    """One event with its personal values that can still be opened, by payload field."""

    event: Event
    opened: dict[str, str]


def summary_pdf(document: Document, *, charge_id: str, story: Sequence[Told]) -> bytes:
    """One page about one charge, through the last event of ``story`` (in order, not empty)."""
    sheet = Sheet({**document, "language": "en"})
    last = story[-1].event
    approvals = [told for told in story if told.event.kind == "charge.approved"]
    data = pdf.frame(sheet) | {
        "name": f"Evidence for invoice {sheet.number}",
        "kind": "Evidence",
        "facts": sections.rows(_facts(sheet, last)),
        "sum": {"label": "Billed", "text": sheet.total, "struck": False},
        "sections": [
            sections.ledger(
                "What happened, in UTC",
                _story(story),
                total=Row("Events in this pack", str(last.seq)),
                lead=_agreed(approvals),
            ),
            _holds(charge_id, last, approvals),
        ],
        "foot": "Each line is one event of events.jsonl. Run verify.py to check them all.",
    }
    return pdf.draw(data, made_at=clock.read_stamp(last.at))


def _facts(sheet: Sheet, last: Event) -> list[Row]:
    return [
        Row("Invoice", sheet.number),
        Row("Invoice date", sheet.day(sheet.document["issued_on"])),
        Row("Due", sheet.day(sheet.document["due_on"])),
        Row("Told through", _moment(last.at), strong=True),
    ]


def _agreed(approvals: Sequence[Told]) -> str:
    """Who agreed to what, from where; the words as they stood beside the box."""
    if not approvals:
        return "Nobody has approved this invoice by the last event of this pack."
    told = approvals[-1]
    payload, opened = told.event.payload, told.opened
    who = _opened(opened, "name")
    where = _opened(opened, "address")
    mailed = _opened(opened, "mailed_to")
    strength = {"link": "the link", "link+code": "the link and a code"}
    how = strength.get(str(payload["identity"]), str(payload["identity"]))
    return (
        f"{who} approved at {_moment(told.event.at)} from {where}, holding {how} mailed to "
        f"{mailed}, and agreed to this sentence:\n“{payload['agreement']}”"
    )


def _story(story: Sequence[Told]) -> list[Row]:
    rows = [_row(told) for told in story if told.event.kind in _TOLD]
    if len(rows) <= _MOST_ROWS:
        return rows
    half = _MOST_ROWS // 2
    left_out = len(rows) - 2 * half
    return [*rows[:half], Row(f"{left_out} more, in events.jsonl", ""), *rows[-half:]]


def _row(told: Told) -> Row:
    event = told.event
    values: dict[str, Any] = {
        **{name: value for name, value in event.payload.items() if isinstance(value, str)},
        **told.opened,
        "actor": f"{event.actor.kind} {event.actor.id}",
    }
    values.setdefault("name", "(erased)")
    words = _TOLD[event.kind].format_map(_Blank(values))
    return Row(plain.cut(plain.line(words), 90), event.at[:19].replace("T", " "))


def _holds(charge_id: str, last: Event, approvals: Sequence[Told]) -> sections.Section:
    rows = [Row("Charge", charge_id), Row("Head of its chain", wording.fingerprint(last.hash))]
    if approvals:
        payload = approvals[-1].event.payload
        rows += [
            Row("Invoice approved", wording.fingerprint(str(payload["document_sha256"]))),
            Row("Paper approved", wording.fingerprint(str(payload["pdf_sha256"]))),
        ]
    text = (
        "Each event holds the hash of the one before it. The receipt that was mailed to the client "
        "carries the hash of the payment's event, and what was mailed nobody can change."
    )
    part = {"title": "What holds this together", "text": text, "rows": sections.rows(rows)}
    return {"kind": "columns", "parts": [part]}


class _Blank(dict[str, Any]):
    """A value that an event does not have reads as nothing."""

    def __missing__(self, key: str) -> str:
        return ""


def _opened(opened: dict[str, str], name: str) -> str:
    return plain.line(opened[name]) if name in opened else "(erased)"


def _moment(stamp: str) -> str:
    return wording.moment(clock.read_stamp(stamp), "UTC", "en")
