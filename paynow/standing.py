"""What each state of a charge is called on the client's page, and what may be done there. Pure.

State is a word, a colour and a shape, everywhere the same three. Sentences say plainly what was
charged and what was not.
"""

from __future__ import annotations

from dataclasses import dataclass

from billing_core.documents.wording import split_title
from billing_core.flows.open_link import Moment, OpenLink
from paynow.paper import issuer, words_of

#: state → colour, shape, word
CHIPS = {
    "pending_client": ("wait", "wait", "Waiting for your approval"),
    "changes_requested": ("chg", "chg", "Changes requested"),
    "approved": ("ok", "ok", "Approved"),
    "charging": ("wait", "wait", "Waiting for the payment"),
    "captured": ("paid", "paid", "Paid"),
    "failed": ("bad", "bad", "Failed"),
    "void": ("off", "off", "Void"),
    "expired": ("off", "off", "Expired"),
    "refunded": ("off", "off", "Refunded"),
    "disputed": ("bad", "bad", "Disputed"),
    "lost": ("bad", "bad", "Disputed"),
}
_STEPS = {
    "sent": ("paid", "ok", "Sent"),
    "changes_requested": ("chg", "chg", "Changes requested"),
    "declined": ("chg", "chg", "Declined"),
    "answered": ("paid", "ok", "Answered"),
    "approved": ("paid", "ok", "Approved"),
    "payment_declined": ("bad", "bad", "Not paid"),
    "paid": ("paid", "paid", "Paid"),
    "voided": ("off", "off", "Withdrawn"),
    "expired": ("off", "off", "Expired"),
}
NOTHING_CHARGED = "Nothing was charged."


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page says of where things stand; ``act`` is a link and its words."""

    title: str
    sentences: tuple[str, ...] = ()
    act: tuple[str, str] | None = None
    may_ask: bool = False


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


def act_of(opened: OpenLink) -> str:
    """What the client can do now.

    One of: approve, blocked, asked, pay, unpayable, continue, awaited, settled, ended.
    """
    state = opened.charge.state
    if state == "pending_client":
        return "blocked" if opened.blocked else "approve"
    if state == "approved":
        if opened.continue_url and not opened.blocked:
            return "continue"
        if "pay" not in opened.can:
            return "awaited"
        return "unpayable" if opened.blocked else "pay"
    known = {"changes_requested": "asked", "charging": "awaited", "captured": "settled"}
    return known.get(state, "ended")


def standing_of(opened: OpenLink, here: str) -> Standing:
    """The sentences for where ``opened`` stands; ``here`` is the path of the client's page."""
    return _STANDINGS[act_of(opened)](opened, here)


def steps(opened: OpenLink) -> list[Step]:
    """The story so far, oldest first."""
    return [_step(moment, opened) for moment in opened.story]


def approved_line(opened: OpenLink) -> str:
    """Who approved and when, as the form for paying again begins."""
    found = [m for m in opened.story if m.kind == "approved"]
    if not found:
        return "This invoice is approved."
    name = found[-1].facts.get("name", "")
    at = words_of(opened.document).moment(found[-1].at)
    return f"Approved{' by ' + name if name else ''} on {at}."


def declined_line(opened: OpenLink) -> str:
    """Why the last try did not pay, in one sentence; empty when there was none or it may yet."""
    attempt = opened.attempt
    if attempt is None or opened.charge.state != "approved":
        return ""
    if attempt.outcome == "declined":
        return f"{attempt.problem or 'The payment was declined.'} {NOTHING_CHARGED}"
    if attempt.outcome in ("expired", "cancelled"):
        return f"The payment was not completed. {NOTHING_CHARGED}"
    return ""


def _waiting(opened: OpenLink, here: str) -> Standing:
    return Standing(
        "Waiting for your approval",
        (f"Nothing is charged until you approve. {_issuer(opened)} sent you this invoice.",),
        (f"{here}#decide", "Read, then decide"),
    )


def _blocked(opened: OpenLink, here: str) -> Standing:
    return Standing(
        "Not available at the moment",
        (opened.blocked, "You can still ask for changes, or decline."),
        may_ask="changes" in opened.can,
    )


def _asked(opened: OpenLink, here: str) -> Standing:
    last = [m.kind for m in opened.story if m.kind in ("changes_requested", "declined")][-1:]
    title = "You declined this invoice" if last == ["declined"] else "You asked for changes"
    answer = f"{_issuer(opened)} reads it and answers you by mail. Nothing is charged meanwhile."
    return Standing(title, (answer,), (f"{here}/status", "See what was sent"))


def _to_pay(opened: OpenLink, here: str) -> Standing:
    title = "Approved. The payment is still open."
    return Standing(title, tuple(filter(None, (declined_line(opened),))))


def _unpayable(opened: OpenLink, here: str) -> Standing:
    return Standing("Approved. Paying is not available at the moment.", (opened.blocked,))


def _continue(opened: OpenLink, here: str) -> Standing:
    return Standing(
        "Approved. One step is left: the payment.",
        ("Your approval is recorded. Nothing is charged before you confirm the payment.",),
        (opened.continue_url, "Continue to payment"),
    )


def _awaited(opened: OpenLink, here: str) -> Standing:
    return Standing(
        "Approved. The payment is on its way.",
        (
            "Your approval is recorded. We are waiting for our payment provider’s answer.",
            "You need not do anything, and nothing is charged twice.",
        ),
        (f"{here}/status", "See where it stands"),
    )


def _settled(opened: OpenLink, here: str) -> Standing:
    head = split_title(opened.document["title"])[0]
    return Standing(
        f"Paid, thank you. {head} is settled.", (), (f"{here}/receipt.pdf", "Receipt as PDF")
    )


def _ended(opened: OpenLink, here: str) -> Standing:
    state, said = opened.charge.state, words_of(opened.document)
    seller = opened.document["seller"]["name"]
    if state == "void":
        follows = (
            f"Invoice {opened.successor} takes its place; its link was mailed to you."
            if opened.successor
            else f"{NOTHING_CHARGED} There is nothing for you to do."
        )
        return Standing("This invoice was withdrawn", (f"{seller} took it back. {follows}",))
    if state == "expired":
        until = opened.charge.valid_until
        valid = f"It was valid until {said.day(until)}. " if until else ""
        return Standing(
            "This invoice has expired",
            (f"{valid}{NOTHING_CHARGED}", f"To go on, ask {seller} to send it again."),
        )
    if state == "refunded":
        return Standing("Refunded", (f"{seller} sent the money back the way it came.",))
    if state == "failed":
        return Standing("The payment failed", (f"{NOTHING_CHARGED} {seller} gets in touch.",))
    return Standing(
        "Disputed", (f"The payment of this invoice is disputed. {seller} gets in touch.",)
    )


_STANDINGS = {
    "approve": _waiting,
    "blocked": _blocked,
    "asked": _asked,
    "pay": _to_pay,
    "unpayable": _unpayable,
    "continue": _continue,
    "awaited": _awaited,
    "settled": _settled,
    "ended": _ended,
}


def _issuer(opened: OpenLink) -> str:
    return issuer(opened.document)


def _step(moment: Moment, opened: OpenLink) -> Step:
    text, quote, tail = _step_words(moment, opened)
    return Step(*_STEPS[moment.kind], text, quote, moment.at, tail)


def _step_words(moment: Moment, opened: OpenLink) -> tuple[str, str, str]:
    """What stands behind the word, what is quoted, and what follows the time."""
    facts, document = moment.facts, opened.document
    buyer = document["buyer"]["company"] or document["buyer"]["name"]
    if moment.kind == "sent":
        return f"to {opened.masked_email}", "", f", by {issuer(document)}"
    if moment.kind == "approved":
        coded = facts.get("identity") == "link+code"
        name = facts.get("name", "")
        by = f"by {name}, for {buyer}" if name else f"for {buyer}"
        return by, "", ", after the mailed code was entered" if coded else ""
    if moment.kind == "paid":
        return _paid_words(facts, opened)
    if moment.kind == "payment_declined":
        return f"The payment was declined. {NOTHING_CHARGED}", "", ""
    if moment.kind == "voided" and opened.successor:
        return f"Invoice {opened.successor} takes its place", "", ""
    return "", facts.get("message") or facts.get("answer", ""), ""


def _paid_words(facts: dict[str, str], opened: OpenLink) -> tuple[str, str, str]:
    total = words_of(opened.document).money(opened.charge.total_minor)
    method = facts.get("method", "").replace("_", " ")
    descriptor = opened.document["seller"]["statement_descriptor"]
    by_card = opened.revenue is not None and opened.revenue.source == "gateway"
    tail = f". Your statement shows {descriptor}" if descriptor and by_card else ""
    if by_card:
        return (f"{total} with {method}" if method else total), "", tail
    return ", ".join(filter(None, (total, method.lower()))), "", tail
