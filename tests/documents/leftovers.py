"""English words left over where another language is spoken, and documents that have none.

What people typed is in no language here, so that every English word found is one of ours.
"""

from __future__ import annotations

import copy
import re
from functools import cache
from typing import Any

from billing_core.documents.wording import agreement_sentence, money
from tests.documents import samples
from tests.support import messages

LANGUAGE = "de"
TYPED = "Öööö"
_PLACES = re.compile(r"\{\w+\}")
_EDGES = " .,:;()“”’'%—·"
#: Words that no German sentence has: they find what no catalogue knows of.
_ENGLISH = (
    *("the", "and", "you", "your", "not", "with", "of", "this", "that", "are", "is", "to", "from"),
    *("by", "for", "nothing", "please", "paid", "due", "invoice", "receipt", "charged", "approve"),
    *("approved", "mail", "total", "month", "March", "page", "date", "now", "again"),
)


def spoken(document: samples.Document) -> samples.Document:
    """``document`` in German, with every word that a person typed replaced by one of no language.

    Sums, dates, states and what a revision compares stay as they are.
    """
    made = samples.hostile(document, TYPED) | {"language": LANGUAGE, "number": "R-1"}
    made["lines"] = [{**line, "description": TYPED} for line in document["lines"]]
    made["revises"] = copy.deepcopy(document["revises"])
    for message in made["revises"]["messages"] if made["revises"] else []:
        message["text"] = message["name"] = TYPED
    for change in made["revises"]["changes"] if made["revises"] else []:
        if change["label"] in ("Title", "What was delivered"):
            change |= {"before": TYPED, "after": f"{TYPED} {TYPED}"}
    total = money(made["total_minor"], made["currency"], LANGUAGE)
    made["agreement"] = agreement_sentence(TYPED, TYPED, total, LANGUAGE)
    return made


def leftovers(text: str) -> list[str]:
    """English phrases of the catalogue, and common English words, that ``text`` has all the same.

    A word counts whatever its case, unless a German sentence of ours has it too.
    """
    shown = f" {' '.join(text.replace(TYPED, ' ').split())} ".casefold()
    return [phrase for phrase in _english_phrases() if _has(shown, phrase)]


def _has(shown: str, phrase: str) -> bool:
    return phrase in shown and bool(re.search(rf"(?<!\w){re.escape(phrase)}(?!\w)", shown))


@cache
def _english_phrases() -> tuple[str, ...]:
    """Each run of English words between the places of a sentence, longest first."""
    entries = [entry for entry in messages.read(LANGUAGE) if entry.id]
    german = " ".join(text for entry in entries for text in _each(entry.string)).casefold()
    runs = {
        run.strip(_EDGES).casefold()
        for entry in entries
        for text in _each(entry.id)
        for run in _PLACES.split(text)
    }
    wanted = {run for run in (*runs, *map(str.casefold, _ENGLISH)) if len(run) > 1}
    return tuple(sorted((r for r in wanted if not _has(f" {german} ", r)), key=len, reverse=True))


def _each(text: Any) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)
