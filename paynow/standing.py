"""What each state of a charge is called on the client's page, and what may be done there. Pure.

State is a word, a colour and a shape, everywhere the same three. Sentences say plainly what was
charged and what was not, in the language of the frozen invoice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from billing_core.documents import wording
from billing_core.documents.phrases import in_language, knows, phrase
from billing_core.flows.open_link import OpenLink
from billing_core.rules.sentences import Sentence
from paynow.words import issuer, words_of

#: state → colour, shape, word
_CHIPS = {
    "pending_client": ("wait", "wait", Sentence("Waiting for your approval")),
    "changes_requested": ("chg", "chg", Sentence("Changes requested")),
    "approved": ("ok", "ok", Sentence("Approved")),
    "charging": ("wait", "wait", Sentence("Waiting for the payment")),
    "captured": ("paid", "paid", Sentence("Paid")),
    "failed": ("bad", "bad", Sentence("Failed")),
    "void": ("off", "off", Sentence("Void")),
    "expired": ("off", "off", Sentence("Expired")),
    "refunded": ("off", "off", Sentence("Refunded")),
    "disputed": ("bad", "bad", Sentence("Disputed")),
    "lost": ("bad", "bad", Sentence("Disputed")),
}
#: What gateways say most often of a payment that failed; the rest is said in general words where
#: the reader's language is not English.
PROBLEMS = (
    Sentence("The card was declined."),
    Sentence("The bank could not confirm the payment."),
    Sentence("Your card was declined."),
    Sentence("Your card has insufficient funds."),
    Sentence("Your card has expired."),
    Sentence("Your card does not support this type of purchase."),
    Sentence("Your card's security code is incorrect."),
    Sentence("An error occurred while processing your card. Try again in a little bit."),
    Sentence("The payment never reached our payment provider."),
)


@dataclass(frozen=True, slots=True)
class Standing:
    """What a page says of where things stand; ``act`` is a link and its words."""

    title: str
    sentences: tuple[str, ...] = ()
    act: tuple[str, str] | None = None
    may_ask: bool = False


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


def chip_of(opened: OpenLink) -> tuple[str, str, str]:
    """The state's colour, shape and word."""
    colour, shape, word = _CHIPS[opened.charge.state]
    return colour, shape, in_language(word, opened.document["language"])


def approved_line(opened: OpenLink) -> str:
    """Who approved and when, as the form for paying again begins."""
    _, found = _said(opened), [m for m in opened.story if m.kind == "approved"]
    if not found:
        return _("This invoice is approved.")
    name = found[-1].facts.get("name", "")
    at = words_of(opened.document).moment(found[-1].at)
    if not name:
        return _("Approved on {moment}.").format(moment=at)
    return _("Approved by {name} on {moment}.").format(name=name, moment=at)


def declined_line(opened: OpenLink) -> str:
    """Why the last try did not pay, in one sentence; empty when there was none or it may yet."""
    _, attempt = _said(opened), opened.attempt
    if attempt is None or opened.charge.state != "approved":
        return ""
    nothing = _("Nothing was charged.")
    if attempt.outcome == "declined":
        language, why = opened.document["language"], attempt.problem
        told = in_language(why, language) if why and knows(why, language) else ""
        return f"{told or _('The payment was declined.')} {nothing}"
    if attempt.outcome in ("expired", "cancelled"):
        return f"{_('The payment was not completed.')} {nothing}"
    return ""


def _said(opened: OpenLink) -> Callable[[str], str]:
    return phrase(opened.document["language"])


def _waiting(opened: OpenLink, here: str) -> Standing:
    _ = _said(opened)
    sent = _("{name} sent you this invoice.").format(name=_issuer(opened))
    return Standing(
        _("Waiting for your approval"),
        (f"{_('Nothing is charged until you approve.')} {sent}",),
        (f"{here}#decide", _("Read, then decide")),
    )


def _blocked(opened: OpenLink, here: str) -> Standing:
    _, why = _said(opened), in_language(opened.blocked, opened.document["language"])
    return Standing(
        _("Not available at the moment"),
        (why, _("You can still ask for changes, or decline.")),
        may_ask="changes" in opened.can,
    )


def _asked(opened: OpenLink, here: str) -> Standing:
    _ = _said(opened)
    last = [m.kind for m in opened.story if m.kind in ("changes_requested", "declined")][-1:]
    title = _("You declined this invoice") if last == ["declined"] else _("You asked for changes")
    answer = _("{name} reads it and answers you by mail. Nothing is charged meanwhile.")
    return Standing(
        title, (answer.format(name=_issuer(opened)),), (f"{here}/status", _("See what was sent"))
    )


def _to_pay(opened: OpenLink, here: str) -> Standing:
    title = _said(opened)("Approved. The payment is still open.")
    return Standing(title, tuple(filter(None, (declined_line(opened),))))


def _unpayable(opened: OpenLink, here: str) -> Standing:
    _, why = _said(opened), in_language(opened.blocked, opened.document["language"])
    return Standing(_("Approved. Paying is not available at the moment."), (why,))


def _continue(opened: OpenLink, here: str) -> Standing:
    _ = _said(opened)
    return Standing(
        _("Approved. One step is left: the payment."),
        (_("Your approval is recorded. Nothing is charged before you confirm the payment."),),
        (opened.continue_url, _("Continue to payment")),
    )


def _awaited(opened: OpenLink, here: str) -> Standing:
    _ = _said(opened)
    waits = _("Your approval is recorded. We are waiting for our payment provider’s answer.")
    if opened.attempt is not None and opened.attempt.outcome == "processing":
        waits = _("Your approval is recorded. Your bank sends the money, which can take some days.")
    return Standing(
        _("Approved. The payment is on its way."),
        (
            waits,
            _("You need not do anything, and nothing is charged twice."),
        ),
        (f"{here}/status", _("See where it stands")),
    )


def _settled(opened: OpenLink, here: str) -> Standing:
    _, head = _said(opened), wording.split_title(opened.document["title"])[0]
    return Standing(
        _("Paid, thank you. {title} is settled.").format(title=head),
        (),
        (f"{here}/receipt.pdf", _("Receipt as PDF")),
    )


def _ended(opened: OpenLink, here: str) -> Standing:
    _, seller = _said(opened), opened.document["seller"]["name"]
    if opened.charge.state in ("void", "expired"):
        return (_void if opened.charge.state == "void" else _expired)(opened, seller)
    nothing = _("Nothing was charged.")
    calls = _("{seller} gets in touch.").format(seller=seller)
    if opened.charge.state == "refunded":
        back = _("{seller} sent the money back the way it came.").format(seller=seller)
        return Standing(_("Refunded"), (back,))
    if opened.charge.state == "failed":
        return Standing(_("The payment failed"), (f"{nothing} {calls}",))
    disputed = _("The payment of this invoice is disputed.")
    return Standing(_("Disputed"), (f"{disputed} {calls}",))


def _void(opened: OpenLink, seller: str) -> Standing:
    _ = _said(opened)
    taken = _("{seller} took it back.").format(seller=seller)
    follows = _("Nothing was charged. There is nothing for you to do.")
    if opened.successor:
        follows = _("Invoice {number} takes its place; its link was mailed to you.")
        follows = follows.format(number=opened.successor)
    return Standing(_("This invoice was withdrawn"), (f"{taken} {follows}",))


def _expired(opened: OpenLink, seller: str) -> Standing:
    _, until = _said(opened), opened.charge.valid_until
    valid, nothing = "", _("Nothing was charged.")
    if until:
        day = words_of(opened.document).day(until)
        valid = _("It was valid until {day}.").format(day=day)
    ask = _("To go on, ask {seller} to send it again.").format(seller=seller)
    return Standing(_("This invoice has expired"), (f"{valid} {nothing}".strip(), ask))


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
