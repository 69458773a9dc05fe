"""What a revision changed, sum by sum and word by word, from the frozen invoice alone. Pure."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from billing_core.documents.phrases import in_language
from billing_core.rules.money import exponent
from billing_core.rules.sentences import Sentence
from paynow.differences import Piece, words
from paynow.words import Document, Words

_SUMS = {"Net": Sentence("Before tax"), "Tax": Sentence("Tax"), "Total": Sentence("Total")}
_DATES = ("Invoice date", "Due")
#: What a revision may have changed, as ``rules.invoice`` names it in the frozen document.
CHANGED = (
    *(Sentence("Title"), Sentence("What was delivered"), Sentence("Invoice date")),
    *(Sentence("Due"), Sentence("Your PO"), Sentence("Terms"), Sentence("Files and links")),
)


def changed(document: Document, said: Words) -> dict[str, Any]:
    """What stands under *What changed since you last looked*."""
    revises = document["revises"]
    sums = [c for c in revises["changes"] if c["label"] in _SUMS]
    others = [c for c in revises["changes"] if c["label"] not in _SUMS]
    return {
        "number": revises["number"],
        "messages": revises["messages"],
        "sums": _sum_rows(sums, document["currency"], said),
        "words": [(in_language(c["label"], said.language), _pieces(c, said)) for c in others],
    }


def _sum_rows(sums: list[dict[str, str]], currency: str, said: Words) -> list[dict[str, Any]]:
    read = {c["label"]: (_minor(c["before"], currency), _minor(c["after"], currency)) for c in sums}
    if read.get("Tax") == (0, 0):
        read = {"Total": read["Total"]}
    return [
        {
            "label": in_language(_SUMS[label], said.language),
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
