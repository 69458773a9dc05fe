"""What each kind of mail says: a frozen invoice and some facts in, one ``Letter`` out.

A sentence about money says only what the document or the facts say; addresses are not known here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from billing_core.documents import phrases, plain, stationery, wording
from billing_core.documents.letter import Letter, MailFacts, Table
from billing_core.documents.sheet import Document, Row, Sheet

Kind = Literal[
    "invoice", "reminder", "answered", "receipt", "code", "voided", "fresh_link", "preview", "test"
]

_MOST_FILES = 12
_PREHEADER_MOST = 140


def letter(kind: Kind, document: Document, facts: MailFacts) -> Letter:
    """The letter of ``kind``. ``test`` reads only ``seller`` and ``language`` of ``document``.

    Raises ValueError for a kind there is not, or when the facts lack what the kind is about.
    """
    if kind == "test":
        return _test(document, facts)
    if kind not in _WRITERS:
        raise ValueError(f"there is no mail of kind {kind!r}")
    return _WRITERS[kind](Sheet(document), facts)


def _invoice(sheet: Sheet, facts: MailFacts) -> Letter:
    _, due = sheet.phrase, sheet.day(sheet.document["due_on"])
    free = _("Nothing is charged until you approve.")
    return replace(
        _bill(sheet, facts),
        subject=stationery.subject(sheet, _("{seller}: {total} for {title}, due {day}")),
        preheader=f"{stationery.delivered_line(sheet)} {free}".strip(),
        sum_line=_("Due {day}.").format(day=due) + f" {free}",
    )


def _preview(sheet: Sheet, facts: MailFacts) -> Letter:
    _, invoice = sheet.phrase, _invoice(sheet, facts)
    return replace(
        invoice,
        subject=f"{_('Preview')}: {invoice.subject}",
        notice=_("Preview, sent to you alone. No invoice was made and nobody else was told."),
    )


def _reminder(sheet: Sheet, facts: MailFacts) -> Letter:
    _, late = sheet.phrase, facts.days_overdue > 0
    due, free = (
        stationery.due_line(sheet, facts.days_overdue),
        _("Nothing is charged until you approve."),
    )
    coming = _("Reminder from {seller}: {total} for {title}, due {day}")
    passed = _("Reminder from {seller}: {total} for {title}, was due {day}")
    return replace(
        _bill(sheet, facts),
        subject=stationery.subject(sheet, passed if late else coming),
        preheader=f"{due} {free}",
        sum_line=f"{due} {free}",
        lead=(
            _(
                "This invoice still waits for you. If something about it is not right, say so on "
                "its page: then it waits for us."
            ),
        ),
    )


def _answered(sheet: Sheet, facts: MailFacts) -> Letter:
    _, answer = sheet.phrase, facts.answer
    asked = stationery.quoted(sheet, facts.request, _("You wrote, {day}"))
    told = stationery.quoted(sheet, answer, _("{name} answered, {day}"))
    return replace(
        _bill(sheet, facts),
        subject=stationery.subject(sheet, _("{seller} answered: {total} for {title}, due {day}")),
        preheader=plain.line(answer.text, most=_PREHEADER_MOST) if answer else "",
        sum_line=_("The same invoice as before. Nothing is charged until you approve."),
        quotes=(*asked, *told),
    )


def _fresh_link(sheet: Sheet, facts: MailFacts) -> Letter:
    _, due = sheet.phrase, sheet.day(sheet.document["due_on"])
    only = _("This is the new link to your invoice. Earlier ones no longer work.")
    free = _("Nothing is charged until you approve.")
    return replace(
        _bill(sheet, facts),
        subject=stationery.subject(sheet, _("{seller}: your new link to {total} for {title}")),
        preheader=only,
        sum_line=_("Due {day}.").format(day=due) + f" {free}",
        lead=(only,),
    )


def _receipt(sheet: Sheet, facts: MailFacts) -> Letter:
    _, paid = sheet.phrase, facts.receipt
    if paid is None:
        raise ValueError("a receipt mail needs the payment it is about")
    on = wording.day(paid.paid_at.astimezone(sheet.zone).date(), sheet.language)
    entries = [Row(_("Invoice"), sheet.number), *sheet.payment_rows(paid)]
    return replace(
        stationery.base(sheet, facts),
        subject=stationery.subject(sheet, _("{seller}: receipt for {total}, {title}")),
        preheader=_("Paid, thank you. Keep this mail with your books."),
        sum=sheet.money(paid.amount_minor),
        sum_line=_("Paid on {day}. Thank you.").format(day=on),
        button=_("Open your receipt"),
        tables=(Table(_("How it was paid"), tuple(entries)),),
        closing=stationery.closing(sheet, facts, attached=_("The receipt is attached as a PDF.")),
        seal=plain.line(paid.seal),
    )


def _voided(sheet: Sheet, facts: MailFacts) -> Letter:
    _, void = sheet.phrase, facts.void
    if void is None:
        raise ValueError("a mail about a withdrawal needs its day")
    on, successor = wording.day(void.withdrawn_on, sheet.language), plain.line(void.replaced_by)
    follows = _("Invoice {number} takes its place.").format(number=successor) if successor else ""
    return replace(
        stationery.base(sheet, facts),
        subject=stationery.subject(sheet, _("{seller}: withdrawn, {total} for {title}")),
        preheader=_("Nothing is due on this invoice."),
        sum=sheet.total,
        struck=True,
        sum_line=_("Invoice {number} was withdrawn on {day}. Nothing is due on it.").format(
            number=sheet.number, day=on
        ),
        lead=tuple(part for part in (plain.block(facts.reason), follows) if part),
        closing=stationery.closing(
            sheet, facts, attached=_("The cancellation is attached as a PDF.")
        ),
        url="",
    )


def _code(sheet: Sheet, facts: MailFacts) -> Letter:
    _ = sheet.phrase
    works = _("For {total}, once, within {minutes} minutes.").format(
        minutes=facts.code_minutes, total=sheet.total
    )
    return replace(
        stationery.base(sheet, facts),
        subject=stationery.subject(sheet, _("{seller}: your code for {total}, {title}")),
        preheader=works,
        head=_("Your code"),
        tail="",
        code=plain.line(facts.code, most=12),
        sum_line=works,
        lead=(
            _("Type it on the page you have open. It confirms that the saved card may be used."),
            _(
                "Nobody will ask you for it by phone or mail. If you did not ask for it, do "
                "nothing: without it the card is not charged."
            ),
        ),
        url="",
    )


def _test(document: Document, facts: MailFacts) -> Letter:
    language = str(document["language"])
    _ = phrases.phrase(language)
    seller = plain.line(document["seller"]["name"]) or "–"
    return Letter(
        language=language,
        seller=seller,
        subject=_("{seller}: test mail").format(seller=plain.cut(seller, 48)),
        preheader=_("Invoices will look like this mail and come from this address."),
        head=_("Mail works."),
        lead=(_("Invoices will look like this mail and come from this address."),),
        closing=(stationery.reply_line(_, facts),),
    )


_WRITERS: dict[str, Callable[[Sheet, MailFacts], Letter]] = {
    "invoice": _invoice,
    "preview": _preview,
    "reminder": _reminder,
    "answered": _answered,
    "fresh_link": _fresh_link,
    "receipt": _receipt,
    "voided": _voided,
    "code": _code,
}


def _bill(sheet: Sheet, facts: MailFacts) -> Letter:
    """What every mail that asks for a decision has in common."""
    _, files = sheet.phrase, sheet.deliverables()
    more = len(files) - _MOST_FILES
    attached = _("Invoice {number} is attached as a PDF.").format(number=sheet.number)
    if not sheet.number:
        attached = _("The invoice is attached as a PDF.")
    choice = _("On the page you can approve and pay, ask for changes, or decline.")
    return replace(
        stationery.base(sheet, facts),
        sum=sheet.total,
        button=_("Review and Pay Now"),
        files_title=_("What was delivered"),
        files=tuple(files[:_MOST_FILES]),
        more_files=_("and {n} more, listed on the page").format(n=more) if more > 0 else "",
        tables=_bill_tables(sheet),
        closing=stationery.closing(sheet, facts, choice, attached=attached),
    )


def _bill_tables(sheet: Sheet) -> tuple[Table, ...]:
    _, contract = sheet.phrase, sheet.contract_row()
    tables = []
    if sheet.document["tax_minor"] or len(sheet.document["lines"]) > 1:
        tax = sheet.tax_row()
        rows = (*sheet.lines(), *((tax,) if tax else ()))
        total = Row(sheet.total_label(), sheet.total)
        tables.append(Table(_("What you pay"), rows, total, sheet.tax_note()))
    if contract:
        tables.append(Table(_("Where the project stands"), tuple(sheet.standing()), contract))
    return tuple(tables)
