"""The papers of a charge: invoice, receipt, cancellation. Each from the frozen invoice alone.

Rendered once and stored by the caller; nothing here decides whether a paper is due.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from typing import Any, Literal

from billing_core.documents import plain, sections, wording
from billing_core.documents.sheet import Document, ReceiptFacts, Row, Sheet, VoidStamp
from billing_core.documents.typeset import typeset

Paper = Literal["a4", "us-letter"]

#: Countries that print on Letter (CLDR measurement data), as an address's last line names them.
_LETTER_COUNTRIES = (
    "|us|usa|u.s.a.|united states|united states of america|ca|canada|mx|mexico|méxico|ph"
    "|philippines|cl|chile|co|colombia|cr|costa rica|do|dominican republic|sv|el salvador|gt"
    "|guatemala|ni|nicaragua|pa|panama|pr|puerto rico|ve|venezuela|"
)
#: A paper with no more than these takes two thirds of a page (measured: 0.6 to 0.65 of A4).
_SHORT_LETTERS, _SHORT_LINES = 800, 28


def invoice_pdf(
    document: Document,
    *,
    document_sha256: str,
    void: VoidStamp | None = None,
    paper: Paper | None = None,
    logo_svg: bytes | None = None,
) -> bytes:
    """The invoice as PDF, stamped VOID when ``void`` is given.

    ``paper`` None takes what the buyer's country prints on, else the seller's, else A4.
    """
    sheet = Sheet(document)
    _ = sheet.phrase
    due = _("Withdrawn, nothing is due") if void else _("Total due")
    parts = [
        *sections.delivered(sheet),
        sections.sums(sheet, _("What you pay")),
        *sections.progress(sheet),
        sections.terms_and_transfer(sheet),
    ]
    data = frame(sheet, paper=paper) | {
        "name": _("Invoice {number}").format(number=sheet.number),
        "kind": _("Invoice"),
        "facts": sections.rows(_invoice_facts(sheet)),
        "sum": {"label": due, "text": sheet.total, "struck": void is not None},
        "sections": parts,
        "foot": _invoice_foot(sheet, document_sha256),
        "void": _stamp(sheet, void) if void else None,
    }
    return draw(data, made_at=_issued_at(document), logo_svg=logo_svg)


def receipt_pdf(
    document: Document,
    *,
    payment: ReceiptFacts,
    paper: Paper | None = None,
    logo_svg: bytes | None = None,
) -> bytes:
    """The receipt for ``payment`` of the invoice, as PDF. ``paper`` as in ``invoice_pdf``."""
    sheet = Sheet(document)
    _ = sheet.phrase
    paid = sheet.money(payment.amount_minor)
    data = frame(sheet, paper=paper) | {
        "name": _("Receipt for invoice {number}").format(number=sheet.number),
        "kind": _("Receipt"),
        "facts": sections.rows(_receipt_facts(sheet, payment)),
        "sum": {"label": _("Paid"), "text": paid, "struck": False},
        "sections": [sections.sums(sheet, _("What was billed")), _payment(sheet, payment)],
        "foot": _receipt_foot(sheet, payment.seal),
    }
    return draw(data, made_at=payment.paid_at, logo_svg=logo_svg)


def cancellation_pdf(
    document: Document,
    *,
    document_sha256: str,
    cancelled_on: date,
    reason: str = "",
    replaced_by: str = "",
    paper: Paper | None = None,
    logo_svg: bytes | None = None,
) -> bytes:
    """The paper that takes a voided invoice back, as PDF. ``paper`` as in ``invoice_pdf``."""
    sheet = Sheet(document)
    _ = sheet.phrase
    stamp = VoidStamp(cancelled_on, replaced_by)
    data = frame(sheet, paper=paper) | {
        "name": _("Cancellation of invoice {number}").format(number=sheet.number),
        "kind": _("Cancellation"),
        "facts": sections.rows(_cancellation_facts(sheet, stamp)),
        "sum": {"label": _("Withdrawn, nothing is due"), "text": sheet.total, "struck": True},
        "sections": [_taken_back(sheet, cancelled_on, reason=plain.block(reason))],
        "foot": _cancellation_foot(sheet, document_sha256),
    }
    made_at = datetime.combine(cancelled_on, time(12), UTC)
    return draw(data, made_at=made_at, logo_svg=logo_svg)


def paper_of(document: Document) -> Paper:
    """What the buyer's country prints on; the seller's when the buyer's address names none."""
    for party in (document["buyer"], document["seller"]):
        country = plain.line(party["address"][-1] if party["address"] else "").casefold()
        # a last line with a digit in it is a town with its postal code, not a country
        if country and not any(character.isdigit() for character in country):
            return "us-letter" if f"|{country}|" in _LETTER_COUNTRIES else "a4"
    return "a4"


def draw(data: dict[str, Any], *, made_at: datetime, logo_svg: bytes | None = None) -> bytes:
    """The PDF of a whole paper's data; the same data and time give the same bytes."""
    made = [made_at.year, made_at.month, made_at.day]
    fixed = {"made": made, "short": is_short(data)}
    return typeset(data | fixed, made_at=made_at, logo_svg=logo_svg)


def is_short(data: dict[str, Any]) -> bool:
    """True for what takes two thirds of a page at its roomiest: nothing needs to be measured.

    Every text counts, and every entry of a list as a line of its own.
    """
    sections = data["sections"]
    if any(section["kind"] in ("progress", "files") for section in sections):
        return False
    told = [data[name] for name in ("to", "facts", "head", "tail", "sections", "foot")]
    letters, lines = _size(told)
    return letters <= _SHORT_LETTERS and lines <= _SHORT_LINES


def _size(part: Any) -> tuple[int, int]:
    """Letters and lines of a paper's data, however deep."""
    if isinstance(part, str):
        return len(part), part.count("\n")
    below = list(part.values()) if isinstance(part, dict) else part
    if not isinstance(below, list | tuple):
        return 0, 0
    sizes = [_size(each) for each in below]
    own = len(below) if isinstance(part, list | tuple) else 0
    return sum(size[0] for size in sizes), own + sum(size[1] for size in sizes)


def frame(sheet: Sheet, *, paper: Paper | None = None) -> dict[str, Any]:
    """What every paper of an invoice has around its own words, for ``draw``."""
    _ = sheet.phrase
    return {
        "paper": paper or paper_of(sheet.document),
        "lang": wording.locale(sheet.language).language,
        "letterhead": plain.cut(sheet.seller_name, 200) or "–",
        "to": {"label": _("Billed to"), "lines": sheet.buyer_lines()},
        "head": sheet.head,
        "tail": sheet.tail,
        "page": _("page {page} of {pages}"),
        "footer": plain.cut(sheet.seller_imprint(), 400),
        "footmark": plain.cut(sheet.number, 60),
        "void": None,
    }


def _invoice_facts(sheet: Sheet) -> list[Row]:
    document, _ = sheet.document, sheet.phrase
    replaced = document["revises"]
    return [
        Row(_("Invoice"), sheet.number),
        Row(_("Invoice date"), sheet.day(document["issued_on"])),
        Row(_("Due"), sheet.day(document["due_on"]), strong=True),
        *_order_facts(sheet),
        *([Row(_("Replaces"), plain.line(replaced["number"]))] if replaced else []),
    ]


def _order_facts(sheet: Sheet) -> list[Row]:
    document, _ = sheet.document, sheet.phrase
    order, project = plain.line(document["po_number"]), document["project"]
    return [
        *([Row(_("Your PO"), order)] if order else []),
        *([Row(_("Project"), plain.line(project["name"]))] if project else []),
    ]


def _receipt_facts(sheet: Sheet, payment: ReceiptFacts) -> list[Row]:
    _ = sheet.phrase
    paid_on = payment.paid_at.astimezone(sheet.zone).date()
    return [
        Row(_("Paid on"), wording.day(paid_on, sheet.language), strong=True),
        Row(_("Invoice"), sheet.number),
        Row(_("Invoice date"), sheet.day(sheet.document["issued_on"])),
        *_order_facts(sheet),
    ]


def _payment(sheet: Sheet, payment: ReceiptFacts) -> sections.Section:
    _ = sheet.phrase
    total = Row(_("Received"), sheet.money(payment.amount_minor))
    return sections.ledger(_("How it was paid"), sheet.payment_rows(payment), total=total)


def _cancellation_facts(sheet: Sheet, stamp: VoidStamp) -> list[Row]:
    _ = sheet.phrase
    replaced_by = plain.line(stamp.replaced_by)
    return [
        Row(_("Invoice"), sheet.number),
        Row(_("Invoice date"), sheet.day(sheet.document["issued_on"])),
        Row(_("Withdrawn"), wording.day(stamp.withdrawn_on, sheet.language), strong=True),
        *([Row(_("Replaced by"), replaced_by)] if replaced_by else []),
        *_order_facts(sheet),
    ]


def _taken_back(sheet: Sheet, on: date, *, reason: str) -> sections.Section:
    document, _ = sheet.document, sheet.phrase
    issued = sheet.day(document["issued_on"])
    entries = [Row(_("As invoiced on {day}").format(day=issued), sheet.total)]
    if document["tax_minor"]:
        tax = _("{tax}, taken back").format(tax=sheet.tax_name())
        entries.append(Row(_("Net, taken back"), sheet.money(-document["net_minor"])))
        entries.append(Row(tax, sheet.money(-document["tax_minor"])))
    else:
        entries.append(Row(_("Taken back"), sheet.money(-document["total_minor"])))
    lead = _("Invoice {number} was withdrawn on {day}. Nothing is due on it.").format(
        number=sheet.number, day=wording.day(on, sheet.language)
    )
    return sections.ledger(
        _("What is taken back"),
        entries,
        total=Row(_("Still due on this invoice"), sheet.money(0)),
        lead=f"{lead}\n{reason}".strip(),
    )


def _stamp(sheet: Sheet, void: VoidStamp) -> dict[str, str]:
    _ = sheet.phrase
    words = _("Withdrawn {day}").format(day=wording.day(void.withdrawn_on, sheet.language))
    replaced_by = plain.cut(plain.line(void.replaced_by), 40)
    if replaced_by:
        words += " · " + _("replaced by {number}").format(number=replaced_by)
    return {"word": _("VOID"), "line": words}


def _invoice_foot(sheet: Sheet, document_sha256: str) -> str:
    _ = sheet.phrase
    own = _(
        "The fingerprint of this invoice begins {fingerprint}; "
        "approving binds to exactly this content."
    ).format(fingerprint=wording.fingerprint(document_sha256))
    if not any(entry.fingerprint for entry in sheet.deliverables()):
        return own
    files = _("The characters beside each file are the start of its fingerprint (SHA-256).")
    return f"{files} {own}"


def _receipt_foot(sheet: Sheet, seal: str) -> str:
    if not seal:
        return ""
    return sheet.phrase(
        "The last seal of this payment's record begins {fingerprint} (SHA-256). "
        "It is the same in your receipt mail and in your copy of the evidence."
    ).format(fingerprint=wording.fingerprint(seal))


def _cancellation_foot(sheet: Sheet, document_sha256: str) -> str:
    return sheet.phrase(
        "The fingerprint (SHA-256) of the withdrawn invoice begins {fingerprint}."
    ).format(fingerprint=wording.fingerprint(document_sha256))


def _issued_at(document: Document) -> datetime:
    return datetime.fromisoformat(document["issued_at"])
