"""The credit note of a refund as PDF: from its frozen canonical form and its invoice's."""

from __future__ import annotations

from datetime import datetime

from billing_core.documents import pdf, plain, sections, wording
from billing_core.documents.sheet import Document, Row, Sheet


def credit_note_pdf(
    note: Document, invoice: Document, *, document_sha256: str, made_at: datetime
) -> bytes:
    """``note`` is the canonical credit note, ``document_sha256`` its digest; ``made_at`` aware."""
    sheet = Sheet(invoice)
    _ = sheet.phrase
    number, total = plain.line(note["number"]), sheet.money(note["total_minor"])
    foot = _("The fingerprint (SHA-256) of this credit note begins {fingerprint}.")
    data = pdf.frame(sheet) | {
        "name": _("Credit note {number}").format(number=number),
        "kind": _("Credit note"),
        "facts": sections.rows(_facts(sheet, note)),
        "sum": {"label": _("Refunded"), "text": total, "struck": False},
        "sections": [_going_back(sheet, note)],
        "foot": foot.format(fingerprint=wording.fingerprint(document_sha256)),
        "footmark": plain.cut(number, 60),
    }
    return pdf.draw(data, made_at=made_at)


def _facts(sheet: Sheet, note: Document) -> list[Row]:
    _ = sheet.phrase
    return [
        Row(_("Credit note"), plain.line(note["number"]), strong=True),
        Row(_("Date"), sheet.day(note["issued_on"])),
        Row(_("Invoice"), sheet.number),
        Row(_("Invoice date"), sheet.day(sheet.document["issued_on"])),
    ]


def _going_back(sheet: Sheet, note: Document) -> sections.Section:
    _ = sheet.phrase
    entries = [Row(_("As invoiced on {day}").format(day=sheet.day(sheet.document["issued_on"])),
                   sheet.total)]  # fmt: skip
    if note["tax_minor"]:
        tax = _("{tax}, refunded").format(tax=sheet.tax_name())
        entries.append(Row(_("Net, refunded"), sheet.money(-note["net_minor"])))
        entries.append(Row(tax, sheet.money(-note["tax_minor"])))
    else:
        entries.append(Row(_("Refunded"), sheet.money(-note["total_minor"])))
    lead = _("Credit note {number} for invoice {invoice}.").format(
        number=plain.line(note["number"]), invoice=sheet.number
    )
    return sections.ledger(
        _("What goes back"),
        entries,
        total=Row(_("Refunded with this credit note"), sheet.money(note["total_minor"])),
        lead=f"{lead}\n{plain.block(note['note'])}".strip(),
    )
