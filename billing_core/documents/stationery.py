"""What every mail has in common: whose letter it is, its subject, its last lines."""

from __future__ import annotations

from collections.abc import Callable

from billing_core.documents import phrases, plain, wording
from billing_core.documents.letter import Letter, MailFacts, Quote, Said
from billing_core.documents.sheet import Sheet

_SELLER_MOST = 48
_HEAD_MOST = 80


def base(sheet: Sheet, facts: MailFacts) -> Letter:
    """A letter with everything on it but its message: who, to whom, about what, the small print."""
    _ = sheet.phrase
    until = ""
    if facts.link_expires_on is not None:
        near = sheet.document["issued_on"]
        day = wording.day_short(facts.link_expires_on, sheet.language, near=near)
        until = _("It works until {day}.").format(day=day)
    named = _("You get this because {buyer} named this address for its invoices.")
    return Letter(
        language=sheet.language,
        seller=plain.cut(sheet.seller_name, 200) or "–",
        subject="",
        preheader="",
        head=sheet.head,
        tail=sheet.tail,
        kicker=sheet.kicker(),
        url=facts.pay_url,
        link_until=until,
        imprint=sheet.seller_address(),
        because=named.format(buyer=plain.cut(sheet.buyer_name, 200)),
    )


def subject(sheet: Sheet, sentence: str) -> str:
    """``sentence`` with seller, total, title and due day filled in."""
    # names are cut first, so that the sum, the phase and the day always have their place
    return sentence.format(
        seller=plain.cut(sheet.seller_name, _SELLER_MOST) or "–",
        total=sheet.total,
        title=plain.cut(sheet.head, _HEAD_MOST),
        day=sheet.day_near(sheet.document["due_on"]),
    )


def closing(sheet: Sheet, facts: MailFacts, *more: str, attached: str) -> tuple[str, ...]:
    """The last paragraph: ``more``, what is ``attached`` (if anything is), who reads an answer."""
    paper = (attached,) if facts.attached else ()
    return (" ".join([*more, *paper, reply_line(sheet.phrase, facts)]),)


def reply_line(_: Callable[[str], str], facts: MailFacts) -> str:
    """Who reads an answer to this mail."""
    reader = plain.line(facts.reply_name, most=120) or _("a person")
    return _("Questions? Reply to this mail: {name} reads it.").format(name=reader)


def delivered_line(sheet: Sheet) -> str:
    """``Four files delivered March 15.``; empty when nothing was."""
    milestone, files = sheet.document["milestone"], sheet.deliverables()
    if not files or not milestone["delivered_on"]:
        return ""
    sentence = phrases.count(
        len(files),
        "{n} file delivered {day}.",
        "{n} files delivered {day}.",
        language=sheet.language,
        day=sheet.day_near(milestone["delivered_on"]),
    )
    return sentence[:1].upper() + sentence[1:]


def due_line(sheet: Sheet, days_overdue: int) -> str:
    """``Due April 15, 2026.``, or since how many days it is past."""
    _, due = sheet.phrase, sheet.day(sheet.document["due_on"])
    if days_overdue < 1:
        return _("Due {day}.").format(day=due)
    ago = phrases.count(days_overdue, "{n} day ago", "{n} days ago", language=sheet.language)
    return _("Was due {day}, {ago}.").format(day=due, ago=ago)


def quoted(sheet: Sheet, said: Said | None, label: str) -> tuple[Quote, ...]:
    """Words of a person under ``label`` (which may name ``{name}`` and ``{day}``)."""
    if said is None:
        return ()
    day = wording.day_short(said.on, sheet.language, near=sheet.document["issued_on"])
    name = plain.line(said.name, most=120) or sheet.seller_name
    return (Quote(label.format(name=name, day=day), plain.block(said.text)),)
