"""What happened to an invoice so far, as the client's page tells it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from billing_core.documents import wording
from billing_core.documents.phrases import in_language, phrase
from billing_core.flows.open_link import Moment, OpenLink
from billing_core.rules.sentences import Sentence
from paynow.words import issuer, words_of

STEPS = {
    "sent": ("paid", "ok", Sentence("Sent")),
    "changes_requested": ("chg", "chg", Sentence("Changes requested")),
    "declined": ("chg", "chg", Sentence("Declined")),
    "answered": ("paid", "ok", Sentence("Answered")),
    "approved": ("paid", "ok", Sentence("Approved")),
    "payment_declined": ("bad", "bad", Sentence("Not paid")),
    "paid": ("paid", "paid", Sentence("Paid")),
    "voided": ("off", "off", Sentence("Withdrawn")),
    "expired": ("off", "off", Sentence("Expired")),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of *What happened*."""

    colour: str
    shape: str
    word: str
    text: str
    quote: str
    at: object
    tail: str


def steps(opened: OpenLink) -> list[Step]:
    """The story so far, oldest first."""
    return [_step(moment, opened) for moment in opened.story]


def _step(moment: Moment, opened: OpenLink) -> Step:
    text, quote, tail = _step_words(moment, opened)
    colour, shape, word = STEPS[moment.kind]
    said = in_language(word, opened.document["language"])
    return Step(colour, shape, said, text, quote, moment.at, tail)


def _step_words(moment: Moment, opened: OpenLink) -> tuple[str, str, str]:
    """What stands behind the word, what is quoted, and what follows the time."""
    _, facts, document = phrase(opened.document["language"]), moment.facts, opened.document
    if moment.kind == "sent":
        by = _("by {name}").format(name=issuer(document))
        return _("to {address}").format(address=opened.masked_email), "", f", {by}"
    if moment.kind == "approved":
        return _approved_words(facts, opened)
    if moment.kind == "paid":
        return _paid_words(facts, opened)
    if moment.kind == "payment_declined":
        return f"{_('The payment was declined.')} {_('Nothing was charged.')}", "", ""
    if moment.kind == "voided" and opened.successor:
        return _("Invoice {number} takes its place").format(number=opened.successor), "", ""
    return "", facts.get("message") or facts.get("answer", ""), ""


def _approved_words(facts: dict[str, str], opened: OpenLink) -> tuple[str, str, str]:
    _, document = phrase(opened.document["language"]), opened.document
    buyer = document["buyer"]["company"] or document["buyer"]["name"]
    name = facts.get("name", "")
    by = _("by {name}, for {buyer}") if name else _("for {buyer}")
    coded = _("after the mailed code was entered")
    tail = f", {coded}" if facts.get("identity") == "link+code" else ""
    return by.format(name=name, buyer=buyer), "", tail


def _paid_words(facts: dict[str, str], opened: OpenLink) -> tuple[str, str, str]:
    _, said = phrase(opened.document["language"]), words_of(opened.document)
    total = said.money(opened.charge.total_minor)
    recorded = facts.get("method", "")
    descriptor = opened.document["seller"]["statement_descriptor"]
    by_card = opened.revenue is not None and opened.revenue.source == "gateway"
    if not by_card:
        method = wording.method(recorded.lower(), said.language)
        return ", ".join(filter(None, (total, method))), "", ""
    method = wording.method(recorded, said.language)
    shows = _("Your statement shows {name}").format(name=descriptor)
    by = _("{total} with {method}").format(total=total, method=method) if method else total
    return by, "", f". {shows}" if descriptor else ""
