"""What the templates are filled with: an opened link and what was typed, as values. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from billing_core import clock
from billing_core.documents.wording import day_short, fingerprint, split_title
from billing_core.flows.open_link import OpenLink
from billing_core.rules.nouns import PaymentMethod
from paynow.paper import at_place, buyer, issuer, paper, project_of, words_of
from paynow.standing import (
    CHIPS,
    Standing,
    act_of,
    approved_line,
    declined_line,
    standing_of,
    steps,
)

_NOT_YET = "Not approved yet when this was printed. To approve, open the link in our mail."
_COUNTS = ("", "One entry needs", "Two entries need", "Three entries need", "Four entries need")


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


def problems_of(problems: Mapping[str, str], typed: Typed) -> Said:
    """The summary of a form that was not taken in."""
    number = min(len(problems), len(_COUNTS) - 1)
    before = "Nothing was sent." if typed.kind else "Nothing was approved and nothing was charged."
    sentence = f"{before} {_COUNTS[number]} your attention:"
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
        "on_paper": _NOT_YET if act in ("approve", "blocked") else standing.title,
        "rail": _rail(opened, place, act, on_status=False),
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
        "project": project_of(opened.document, settled=True),
        "rail": _rail(opened, place, act, on_status=True),
        **_form(opened, place, act, typed or Typed(), said),
    }


def _letter(opened: OpenLink, place: Place, act: str) -> dict[str, Any]:
    document = opened.document
    return {
        "base": place.base,
        "here": place.here,
        "doc": document,
        "words": words_of(document),
        "buyer": buyer(document),
        "issuer": issuer(document),
        "total": words_of(document).money(document["total_minor"]),
        "act": act,
        "chip": CHIPS[opened.charge.state],
    }


def _form(
    opened: OpenLink, place: Place, act: str, typed: Typed, said: Said | None
) -> dict[str, Any]:
    declined = declined_line(opened) if act == "pay" else ""
    if said is None:
        said = Said(declined, is_bad=True) if declined else Said()
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
    }


def _saved_was_declined(opened: OpenLink) -> bool:
    attempt = opened.attempt
    return attempt is not None and attempt.via == "saved" and attempt.outcome == "declined"


def _saved(method: PaymentMethod | None, language: str) -> dict[str, str] | None:
    if method is None:
        return None
    on = day_short(method.saved_on, language, near=clock.today("UTC"))
    return {
        "label": f"{method.brand} ending in {method.last4}",
        "note": f"Saved on {on}. Charged when you press the button.",
    }


def _asks(opened: OpenLink) -> list[tuple[str, str, str, str]]:
    """The two ways to say no: kind, summary, question, button."""
    who, seller = issuer(opened.document), opened.document["seller"]["name"]
    what = f"What should be different? {who} reads this and answers you."
    why = f"Please say why you decline. Nothing is charged, and {seller} gets in touch."
    return [
        ("changes", "Ask for changes", f"{what} Nothing is charged meanwhile.", "Send my request"),
        ("decline", "Decline", why, "Decline this invoice"),
    ]


def _title(opened: OpenLink, said: Said | None, head: str) -> str:
    seller = opened.document["seller"]["name"]
    if said is not None and said.is_bad:
        return f"Please check: {head}: {seller}"
    total = words_of(opened.document).money(opened.document["total_minor"])
    before = "Revised: " if opened.document["revises"] else ""
    return f"{before}{head}, {total}: {seller}"


def _rail(opened: OpenLink, place: Place, act: str, *, on_status: bool) -> dict[str, Any]:
    document, here, said = opened.document, place.here, words_of(opened.document)
    facts = [
        ("Due", said.day(document["due_on"])),
        ("Invoice date", said.day(document["issued_on"])),
        ("Invoice", document["number"]),
        ("Your PO", document["po_number"]),
    ]
    if act in ("settled", "ended"):
        facts = _paid_facts(opened) + facts[1:]
    return {
        "label": _rail_label(opened, act),
        "sum": said.money(document["total_minor"]),
        "facts": [(label, value) for label, value in facts if value],
        "act": _rail_act(act, here, on_status=on_status),
        "also": (f"{here}/invoice.pdf", "Invoice as PDF"),
    }


def _rail_label(opened: OpenLink, act: str) -> str:
    if act == "settled":
        return "Paid"
    return "To pay" if act != "ended" else CHIPS[opened.charge.state][2]


def _rail_act(act: str, here: str, *, on_status: bool) -> tuple[str, str] | None:
    if act == "settled":
        return f"{here}/receipt.pdf", "Receipt as PDF"
    if act == "pay":
        return None if on_status else ("#decide", "Pay")
    if act == "approve":
        return (f"{here}#decide" if on_status else "#decide"), "Read, then decide"
    return None


def _paid_facts(opened: OpenLink) -> list[tuple[str, str]]:
    revenue, said = opened.revenue, words_of(opened.document)
    if revenue is None:
        return []
    zone = clock.zone(opened.document["time_zone"])
    on = revenue.booked_at.astimezone(zone).date()
    return [("Paid on", said.day(on)), ("With", revenue.method.replace("_", " "))]


def _papers(opened: OpenLink, place: Place) -> list[tuple[str, str]]:
    if opened.charge.state != "captured":
        return []
    return [
        (f"{place.here}/receipt.pdf", "Receipt (PDF)"),
        (f"{place.here}/invoice.pdf", "Invoice (PDF)"),
        (f"{place.here}/evidence.zip", "Your copy of the evidence (zip)"),
        (place.here, "The invoice as you saw it"),
    ]


def _next_phase(document: Mapping[str, Any]) -> str:
    project = document["project"]
    phases = project["phases"] if project else []
    after = [p for p in phases if p["state"] in ("planned", "in_progress")]
    return str(after[0]["title"]) if after else ""
