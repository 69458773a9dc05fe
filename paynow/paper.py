"""The frozen invoice as the page shows it: a pure function of the document, drawn once and kept.

Everything above the button comes from here and so from the document alone; what changes with time
(states, attempts, names typed) is in ``screens``.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import groupby
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from billing_core.documents import wording
from billing_core.documents.phrases import count
from billing_core.rules.money import exponent
from paynow.differences import Piece, words
from paynow.drawing import part

Document = dict[str, Any]

_MOST_KEPT = 256
#: Stands for the path of the page in sections that are kept: no text of anybody holds a NUL.
_HERE = "\0here\0"
_MOST_ROWS = 16
_MOST_SEGMENTS = 24
_WHOLE, _GAP, _THINNEST = 10_000, 50, 40  # hundredths of a percent of the bar's width
_SUMS = {"Net": "Before tax", "Tax": "Tax", "Total": "Total"}
_DATES = ("Invoice date", "Due")
_PHASES = {
    "paid": ("paid", "paid", "Paid"),
    "this": ("wait", "wait", "This invoice"),
    "billed": ("wait", "wait", "Waiting"),
    "approved": ("ok", "ok", "Approved"),
    "delivered": ("plain", "ok", "Delivered"),
    "in_progress": ("plain", "half", "In progress"),
    "planned": ("plain", "plan", "Planned"),
}
_FILLS = {"paid": "p", "this": "w", "billed": "w", "approved": "o"}


@dataclass(frozen=True, slots=True)
class Words:
    """Sums and dates in the document's own language, currency and time zone."""

    language: str
    currency: str
    zone: str

    def money(self, amount_minor: int) -> str:
        """``$4,500.00`` from minor units of the document's currency."""
        return wording.money(amount_minor, self.currency, self.language)

    def day(self, on: date | str) -> str:
        """``March 16, 2026``."""
        return wording.day(on, self.language)

    def moment(self, at: datetime | str) -> str:
        """``March 16, 2026, 9:12 AM EDT`` on the customer's clocks."""
        aware = datetime.fromisoformat(at) if isinstance(at, str) else at
        return wording.moment(aware, self.zone, self.language)


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


def words_of(document: Document) -> Words:
    """The formatters of ``document``."""
    return Words(document["language"], document["currency"], document["time_zone"])


def buyer(document: Document) -> str:
    """Whom the invoice is made out to."""
    return str(document["buyer"]["company"] or document["buyer"]["name"])


def issuer(document: Document) -> str:
    """The person who issued it, or the company when nobody named themselves."""
    return str(document["issued_by"] or document["seller"]["name"])


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
        "doc": document,
        "words": said,
        "split": wording.split_title,
        "fingerprint": wording.fingerprint,
        "size": lambda size_bytes: wording.file_size(size_bytes, said.language),
        "delivered": _delivered(document, said),
        "tax_label": _tax_label(document),
        "project": project_of(document, settled=settled),
        "changed": _changed(document, said) if document["revises"] else None,
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
    tax = document["tax"]
    if not (tax["name"] or tax["rate_ppm"] or tax["note"]):
        return ""
    rate = wording.percent(tax["rate_ppm"], document["language"]) if tax["rate_ppm"] else ""
    label = " ".join(p for p in (tax["name"] or "Tax", rate) if p)
    return f"{label}, included" if tax["included"] and tax["rate_ppm"] else label


def project_of(document: Document, *, settled: bool) -> dict[str, Any] | None:
    """The project's bar and table, None where the invoice belongs to no project."""
    project, said = document["project"], words_of(document)
    if project is None:
        return None
    phases = [_as_settled(p) if settled else p for p in project["phases"]]
    this_minor = 0 if settled else project["this_minor"]
    paid_minor = project["paid_minor"] + (project["this_minor"] if settled else 0)
    whole = project["contract_sum_minor"]
    if whole is None:
        whole = sum(p["amount_minor"] for p in phases)
    return {
        "rows": _rows(phases, said),
        "bar": _segments(phases),
        "label": "Contract sum" if project["contract_sum_minor"] is not None else "All phases",
        "whole": said.money(whole),
        "paid": said.money(paid_minor),
        "this": said.money(this_minor) if this_minor else "",
        "to_come": said.money(project["to_come_minor"]),
        "caption": count(
            len(phases),
            "The {n} phase of the contract",
            "The {n} phases of the contract",
            language="en",
        ),
    }


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
        title = f"Phases {first['position']} to {last['position']}"
    amount = said.money(sum(p["amount_minor"] for p in group))
    is_this = first["state"] == "this" or bool(first.get("is_this"))
    return Row(title, *_PHASES[first["state"]], amount, is_this)


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


def _changed(document: Document, said: Words) -> dict[str, Any]:
    revises = document["revises"]
    sums = [c for c in revises["changes"] if c["label"] in _SUMS]
    others = [c for c in revises["changes"] if c["label"] not in _SUMS]
    return {
        "number": revises["number"],
        "messages": revises["messages"],
        "sums": _sum_rows(sums, document["currency"], said),
        "words": [(c["label"], _pieces(c, said)) for c in others],
    }


def _sum_rows(sums: list[dict[str, str]], currency: str, said: Words) -> list[dict[str, Any]]:
    read = {c["label"]: (_minor(c["before"], currency), _minor(c["after"], currency)) for c in sums}
    if read.get("Tax") == (0, 0):
        read = {"Total": read["Total"]}
    return [
        {
            "label": _SUMS[label],
            "before": said.money(before),
            "after": said.money(after),
            "same": before == after,
            "difference": ("+" if after > before else "") + said.money(after - before),
            "is_total": label == "Total",
        }
        for label, (before, after) in read.items()
    ]


def _minor(text: str, currency: str) -> int:
    return int(Decimal(text).scaleb(exponent(currency)))


def _pieces(change: dict[str, str], said: Words) -> tuple[Piece, ...]:
    before, after = change["before"], change["after"]
    if change["label"] in _DATES:
        before, after = (said.day(text) if text else "" for text in (before, after))
    return words(before, after)
