"""The parts of a paper as data for the typst template: rows of strings, never markup."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from billing_core.documents import plain
from billing_core.documents.sheet import Row, Sheet

Section = dict[str, Any]
_ONE_PAGE_PHASES = 12


def rows(entries: list[Row]) -> list[dict[str, Any]]:
    """Rows as the template reads them."""
    return [asdict(entry) for entry in entries]


def delivered(sheet: Sheet) -> list[Section]:
    """What was delivered and how it is accepted; nothing when there is nothing to tell."""
    milestone, files = sheet.document["milestone"], sheet.deliverables()
    lead = lead_text(sheet) if milestone else ""
    if not files and not lead:
        return []
    title = sheet.phrase("What was delivered")
    return [_section("files", title, lead=lead, rows=[asdict(entry) for entry in files])]


def lead_text(sheet: Sheet) -> str:
    """Scope and acceptance of the milestone in at most two paragraphs."""
    milestone = sheet.document["milestone"]
    scope, accepted = plain.block(milestone["scope"]), plain.block(milestone["acceptance"])
    if accepted:
        accepted = sheet.phrase("Accepted when: {criteria}").format(criteria=accepted)
    return "\n".join(part for part in (scope, accepted) if part)


def sums(sheet: Sheet, title: str) -> Section:
    """Lines, tax and total."""
    tax = sheet.tax_row()
    entries = [*sheet.lines(), *([tax] if tax else [])]
    total = Row(sheet.total_label(), sheet.total)
    return _section("sums", title, rows=rows(entries), total=asdict(total), note=sheet.tax_note())


def ledger(title: str, entries: list[Row], *, total: Row, lead: str = "") -> Section:
    """Plain rows with a sum below them."""
    return _section("sums", title, lead=lead, rows=rows(entries), total=asdict(total), note="")


def progress(sheet: Sheet) -> list[Section]:
    """Where the project stands; nothing without a project or without phases."""
    phases, total = sheet.phases(), sheet.contract_row()
    if not phases or total is None:
        return []
    _ = sheet.phrase
    listed = [asdict(phase) for phase in phases]
    # a table that may run over the page says again, up there, what its columns are
    columns = [_("Phase"), _("State"), _("Amount")] if len(phases) > _ONE_PAGE_PHASES else []
    title = _("Where the project stands")
    return [_section("progress", title, phases=listed, columns=columns, total=asdict(total))]


def terms_and_transfer(sheet: Sheet) -> Section:
    """Terms, ways to pay, and the refund policy where one was frozen."""
    _ = sheet.phrase
    online = _("The link in our mail opens this invoice for approval and payment.")
    bank = sheet.bank_rows()
    title = _("Pay online, or by transfer") if bank else _("Pay online")
    parts = [
        _part(_("Terms"), sheet.terms()),
        {"title": title, "text": online, "rows": rows(bank)},
        _part(_("Refunds"), plain.block(sheet.document["seller"]["refund_policy"])),
    ]
    return {"kind": "columns", "parts": [part for part in parts if part]}


def _part(title: str, text: str) -> Section | None:
    return {"title": title, "text": text, "rows": []} if text else None


def _section(kind: str, title: str, *, lead: str = "", **more: Any) -> Section:
    return {"kind": kind, "title": title, "lead": lead, **more}
