"""The frozen invoice as the page shows it: a pure function of the document, drawn once and kept.

Everything above the button comes from here and so from the document alone; what changes with time
(states, attempts, names typed) is in ``screens``.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from billing_core.documents import wording
from billing_core.documents.phrases import count, in_language, phrase
from billing_core.rules.sentences import Sentence
from paynow.changed import changed
from paynow.drawing import part
from paynow.words import Document, Words, words_of

_MOST_KEPT = 256
#: Stands for the path of the page in sections that are kept: no text of anybody holds a NUL.
_HERE = "\0here\0"
_MOST_ROWS = 16
_MOST_SEGMENTS = 24
_WHOLE, _GAP, _THINNEST = 10_000, 50, 40  # hundredths of a percent of the bar's width
PHASES = {
    "paid": ("paid", "paid", Sentence("Paid")),
    "this": ("wait", "wait", Sentence("This invoice")),
    "billed": ("wait", "wait", Sentence("Waiting")),
    "approved": ("ok", "ok", Sentence("Approved")),
    "delivered": ("plain", "ok", Sentence("Delivered")),
    "in_progress": ("plain", "half", Sentence("In progress")),
    "planned": ("plain", "plan", Sentence("Planned")),
}
_FILLS = {"paid": "p", "this": "w", "billed": "w", "approved": "o"}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the project table: colour, shape and word of its state, and its sum."""

    title: str
    colour: str
    shape: str
    word: str
    amount: str
    is_this: bool


@dataclass(frozen=True, slots=True)
class Segment:
    """One rectangle of the project bar; x and width are percentages as text."""

    fill: str
    x: str
    width: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """One deliverable: ``href`` leads to the file (by its place here) or to the link's address."""

    name: str
    about: str
    href: str
    fingerprint: str


_kept: OrderedDict[tuple[str, bool], Markup] = OrderedDict()


def paper(document: Document, document_sha256: str, *, settled: bool) -> Markup:
    """The document's sections. Kept by digest: a frozen document never draws differently.

    ``settled`` shows this invoice's own phase as paid; nothing else differs.
    """
    key = (document_sha256, settled)
    drawn = _kept.pop(key, None)
    if drawn is None:
        drawn = part("paper.html", values(document, settled=settled))
    _kept[key] = drawn
    while len(_kept) > _MOST_KEPT:
        _kept.popitem(last=False)
    return drawn


def at_place(drawn: Markup, here: str) -> Markup:
    """The sections for one link: ``here`` is the path of its page. What is kept knows no link."""
    return Markup(drawn.replace(_HERE, str(escape(here))))


def values(document: Document, *, settled: bool) -> dict[str, Any]:
    """What ``paper.html`` is drawn from."""
    said = words_of(document)
    return {
        "lang": said.language,
        "doc": document,
        "words": said,
        "split": wording.split_title,
        "fingerprint": wording.fingerprint,
        "size": lambda size_bytes: wording.file_size(size_bytes, said.language),
        "delivered": _delivered(document, said),
        "tax_label": _tax_label(document),
        "project": project_of(document, settled=settled),
        "changed": changed(document, said) if document["revises"] else None,
    }


def _delivered(document: Document, said: Words) -> list[Delivered]:
    entries = (document["milestone"] or {}).get("deliverables", [])
    return [_thing(number, entry, said) for number, entry in enumerate(entries, start=1)]


def _thing(number: int, entry: dict[str, Any], said: Words) -> Delivered:
    url = str(entry.get("url", ""))
    size = wording.file_size(entry["bytes"], said.language) if entry["bytes"] is not None else ""
    host = urlsplit(url).hostname or ""
    about = ", ".join(filter(None, (host, entry["detail"], size)))
    href = Markup(f"{_HERE}/files/{number}") if entry["kind"] == "file" else url
    return Delivered(entry["name"], about, href, wording.fingerprint(entry["sha256"]))


def _tax_label(document: Document) -> str:
    tax, language = document["tax"], document["language"]
    if not (tax["name"] or tax["rate_ppm"] or tax["note"]):
        return ""
    _ = phrase(language)
    rate = wording.percent(tax["rate_ppm"], language) if tax["rate_ppm"] else ""
    label = " ".join(p for p in (tax["name"] or _("Tax"), rate) if p)
    return _("{tax}, included").format(tax=label) if tax["included"] and rate else label


def project_of(document: Document, *, settled: bool) -> dict[str, Any] | None:
    """The project's bar and table, None where the invoice belongs to no project."""
    project, said, _ = document["project"], words_of(document), phrase(document["language"])
    if project is None:
        return None
    agreed = project["contract_sum_minor"] is not None
    phases = [_as_settled(p) if settled else p for p in project["phases"]]
    this_minor = 0 if settled else project["this_minor"]
    paid_minor = project["paid_minor"] + (project["this_minor"] if settled else 0)
    whole = project["contract_sum_minor"]
    if whole is None:
        whole = sum(p["amount_minor"] for p in phases)
    return {
        "rows": _rows(phases, said),
        "bar": _segments(phases),
        "label": _("Contract sum") if agreed else _("All phases"),
        "whole": said.money(whole),
        "paid": said.money(paid_minor),
        "this": said.money(this_minor) if this_minor else "",
        "to_come": said.money(project["to_come_minor"]),
        "told": _project_told(bool(this_minor), said.language),
        "caption": count(
            len(phases),
            "The {n} phase of the contract",
            "The {n} phases of the contract",
            language=said.language,
        ),
    }


def _project_told(with_this: bool, language: str) -> str:
    """What the bar says to those who hear it."""
    _ = phrase(language)
    if with_this:
        return _("{label} {whole}: {paid} paid, {this} with this invoice, {to_come} still to come")
    return _("{label} {whole}: {paid} paid, {to_come} still to come")


def _as_settled(phase: dict[str, Any]) -> dict[str, Any]:
    return {**phase, "state": "paid", "is_this": True} if phase["state"] == "this" else phase


def _rows(phases: list[dict[str, Any]], said: Words) -> list[Row]:
    """A row for each phase; in a long plan, runs of one state become one row with their sum."""
    groups = [[p] for p in phases]
    if len(phases) > _MOST_ROWS:
        runs = [list(run) for _, run in groupby(phases, key=lambda p: p["state"])]
        groups = [g for run in runs for g in ([run] if len(run) > 2 else [[p] for p in run])]
    return [_row(group, said) for group in groups]


def _row(group: list[dict[str, Any]], said: Words) -> Row:
    first, last = group[0], group[-1]
    title = first["title"]
    if len(group) > 1:
        title = phrase(said.language)("Phases {first} to {last}").format(
            first=first["position"], last=last["position"]
        )
    colour, shape, word = PHASES[first["state"]]
    amount = said.money(sum(p["amount_minor"] for p in group))
    is_this = first["state"] == "this" or bool(first.get("is_this"))
    return Row(title, colour, shape, in_language(word, said.language), amount, is_this)


def _segments(phases: list[dict[str, Any]]) -> list[Segment]:
    """The bar, in whole hundredths of a percent; left out when it could not be read."""
    total_minor = sum(p["amount_minor"] for p in phases)
    if total_minor <= 0 or len(phases) > _MOST_SEGMENTS:
        return []
    room = _WHOLE - _GAP * (len(phases) - 1)
    found, x = [], 0
    for phase in phases:
        width = max(_THINNEST, phase["amount_minor"] * room // total_minor)
        found += _segment(phase["state"], x, min(width, _WHOLE - x))
        x += width + _GAP
    return found


def _segment(state: str, x: int, width: int) -> list[Segment]:
    outer = Segment(_FILLS.get(state, "g"), _percent(x), _percent(width))
    if state != "in_progress":
        return [outer]
    return [outer, Segment("h", _percent(x + _GAP), _percent(max(0, width - 2 * _GAP)))]


def _percent(hundredths: int) -> str:
    return f"{hundredths // 100}.{hundredths % 100:02d}%"
