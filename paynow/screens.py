"""What the templates are filled with: an opened link and what was typed, as values. Pure.

Everything is said in the language of the frozen invoice, what flows refused included.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from billing_core import clock
from billing_core.documents.phrases import count, in_language, phrase
from billing_core.documents.wording import day_short, fingerprint, split_title
from billing_core.flows.open_link import OpenLink
from billing_core.rules import texts
from billing_core.rules.nouns import PaymentMethod
from paynow.paper import at_place, paper, project_of
from paynow.rail import rail
from paynow.standing import (
    Standing,
    act_of,
    approved_line,
    chip_of,
    declined_line,
    standing_of,
)
from paynow.story import steps
from paynow.words import buyer, issuer, words_of


@dataclass(frozen=True, slots=True)
class Place:
    """Where the page stands: the published path of its link, and which gateway is behind it."""

    base: str
    token: str
    is_sandbox: bool

    @property
    def here(self) -> str:
        """The path of the client's page."""
        return f"{self.base}/pay/{self.token}"


@dataclass(frozen=True, slots=True)
class Typed:
    """What the person had typed: it stands in the form again, whatever went wrong."""

    accept: str = ""
    name: str = ""
    method: str = ""
    code: str = ""
    kind: str = ""
    message: str = ""

    @classmethod
    def of(cls, form: Mapping[str, str]) -> Typed:
        """From the fields of a posted form."""
        return cls(**{name: form.get(name, "") for name in cls.__slots__})


@dataclass(frozen=True, slots=True)
class Said:
    """The notice above a form: what was wrong, or what was done."""

    sentence: str = ""
    more: str = ""
    is_bad: bool = False
    problems: Mapping[str, str] = field(default_factory=dict)
    kind: str = ""

    def problem(self, name: str) -> str:
        """What is wrong with the field ``name``, "" when nothing is."""
        return self.problems.get(name, "")

    def anchor(self, name: str) -> str:
        """The id of the field that ``name`` stands for."""
        if name == "message":
            return f"message-{self.kind}"
        return name if name in ("accept", "name", "code", "method") else "decide"

    def in_language(self, language: str) -> Said:
        """The same, said in ``language``."""
        found = {name: in_language(problem, language) for name, problem in self.problems.items()}
        return replace(
            self,
            sentence=in_language(self.sentence, language),
            more=in_language(self.more, language),
            problems=found,
        )


def problems_of(problems: Mapping[str, str], typed: Typed, language: str = "en") -> Said:
    """The summary of a form that was not taken in."""
    _ = phrase(language)
    nothing = _("Nothing was approved and nothing was charged.")
    before = _("Nothing was sent.") if typed.kind else nothing
    entries = count(
        len(problems),
        "{n} entry needs your attention:",
        "{n} entries need your attention:",
        language=language,
    )
    sentence = f"{before} {entries[:1].upper()}{entries[1:]}"
    return Said(sentence, is_bad=True, problems=dict(problems), kind=typed.kind)


def invoice_values(
    opened: OpenLink, place: Place, typed: Typed | None = None, said: Said | None = None
) -> dict[str, Any]:
    """What ``invoice.html`` is drawn from."""
    act = act_of(opened)
    head, tail = split_title(opened.document["title"])
    standing = standing_of(opened, place.here)
    settled = opened.charge.state == "captured"
    return _letter(opened, place, act) | {
        "head": head,
        "tail": tail,
        "page_title": _title(opened, said, head),
        "paper": at_place(
            paper(opened.document, opened.document_sha256, settled=settled), place.here
        ),
        "on_paper": _not_yet(opened) if act in ("approve", "blocked") else standing.title,
        "rail": rail(opened, place.here, act, on_status=False),
        "rest": standing,
        "next_phase": _next_phase(opened.document),
        "fingerprint": fingerprint(opened.document_sha256),
        **_form(opened, place, act, typed or Typed(), said),
    }


def status_values(
    opened: OpenLink, place: Place, typed: Typed | None = None, said: Said | None = None
) -> dict[str, Any]:
    """What ``status.html`` is drawn from."""
    act = act_of(opened)
    standing = standing_of(opened, place.here)
    if act in ("settled", "pay"):
        standing = Standing(standing.title)
    elif act in ("awaited", "asked"):
        standing = Standing(standing.title, standing.sentences)
    return _letter(opened, place, act) | {
        "head": split_title(opened.document["title"])[0],
        "page_title": f"{standing.title}: {opened.document['seller']['name']}",
        "standing": standing,
        "story": steps(opened),
        "papers": _papers(opened, place),
        "pack": f"{texts.file_name(opened.document['number'])}-evidence-*.zip",
        "project": project_of(opened.document, settled=True),
        "rail": rail(opened, place.here, act, on_status=True),
        **_form(opened, place, act, typed or Typed(), said),
    }


def _letter(opened: OpenLink, place: Place, act: str) -> dict[str, Any]:
    document = opened.document
    return {
        "lang": document["language"],
        "base": place.base,
        "here": place.here,
        "doc": document,
        "words": words_of(document),
        "buyer": buyer(document),
        "issuer": issuer(document),
        "total": words_of(document).money(document["total_minor"]),
        "act": act,
        "chip": chip_of(opened),
    }


def _form(
    opened: OpenLink, place: Place, act: str, typed: Typed, said: Said | None
) -> dict[str, Any]:
    declined = declined_line(opened) if act == "pay" else ""
    if said is None:
        said = Said(declined, is_bad=True) if declined else Said()
    elif said.sentence:
        said = said.in_language(opened.document["language"])
    if not typed.method and _saved_was_declined(opened):
        typed = replace(typed, method="new")
    return {
        "nonce": opened.nonce,
        "sha": opened.document_sha256,
        "typed": typed,
        "said": said,
        "saved": _saved(opened.customer.payment_method, opened.document["language"]),
        "needs_code": opened.needs_code,
        "masked_email": opened.masked_email,
        "code_sent": bool(typed.code) or said.kind == "code",
        "is_sandbox": place.is_sandbox,
        "asks": _asks(opened),
        "bank": opened.bank,
        "approved_line": approved_line(opened),
        "turn_to": _turn_to(opened) if act == "continue" else "",
    }


def _turn_to(opened: OpenLink) -> str:
    """The other way to pay while one is open: ``saved``, ``new``, or "" where there is none."""
    if opened.attempt is None or opened.attempt.outcome != "requires_action":
        return ""
    if opened.attempt.via == "saved":
        return "new"
    return "saved" if opened.customer.payment_method else ""


def _saved_was_declined(opened: OpenLink) -> bool:
    attempt = opened.attempt
    return attempt is not None and attempt.via == "saved" and attempt.outcome == "declined"


def _saved(stored: PaymentMethod | None, language: str) -> dict[str, str] | None:
    if stored is None:
        return None
    _, on = phrase(language), day_short(stored.saved_on, language, near=clock.today("UTC"))
    return {
        "label": _("{brand} ending in {last4}").format(brand=stored.brand, last4=stored.last4),
        "note": _("Saved on {day}. Charged when you press the button.").format(day=on),
    }


def _asks(opened: OpenLink) -> list[tuple[str, str, str, str]]:
    """The two ways to say no: kind, summary, question, button."""
    who, seller = issuer(opened.document), opened.document["seller"]["name"]
    _ = phrase(opened.document["language"])
    what = _(
        "What should be different? {name} reads this and answers you. Nothing is charged meanwhile."
    ).format(name=who)
    why = _("Please say why you decline. Nothing is charged, and {seller} gets in touch.")
    return [
        ("changes", _("Ask for changes"), what, _("Send my request")),
        ("decline", _("Decline"), why.format(seller=seller), _("Decline this invoice")),
    ]


def _title(opened: OpenLink, said: Said | None, head: str) -> str:
    seller, _ = opened.document["seller"]["name"], phrase(opened.document["language"])
    if said is not None and said.is_bad:
        return f"{_('Please check')}: {head}: {seller}"
    total = words_of(opened.document).money(opened.document["total_minor"])
    before = f"{_('Revised')}: " if opened.document["revises"] else ""
    return f"{before}{head}, {total}: {seller}"


def _not_yet(opened: OpenLink) -> str:
    return phrase(opened.document["language"])(
        "Not approved yet when this was printed. To approve, open the link in our mail."
    )


def _papers(opened: OpenLink, place: Place) -> list[tuple[str, str]]:
    if opened.charge.state != "captured":
        return []
    _ = phrase(opened.document["language"])
    return [
        (f"{place.here}/receipt.pdf", _("Receipt (PDF)")),
        (f"{place.here}/invoice.pdf", _("Invoice (PDF)")),
        (f"{place.here}/evidence.zip", _("Your copy of the evidence (zip)")),
        (place.here, _("The invoice as you saw it")),
    ]


def _next_phase(document: Mapping[str, Any]) -> str:
    project = document["project"]
    phases = project["phases"] if project else []
    after = [p for p in phases if p["state"] in ("planned", "in_progress")]
    return str(after[0]["title"]) if after else ""
