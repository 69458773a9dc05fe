"""The seam for languages: the sentences of papers and mails, through gettext.

English is written in the code and needs no catalogue. A further language is one compiled catalogue
under ``locales/<language>/LC_MESSAGES/countersign.mo``; no other file has to know about it.
"""

from __future__ import annotations

import gettext
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

_DOMAIN = "countersign"
_LOCALES = Path(__file__).parent / "locales"
_COUNTS = ["none", "one", "two", "three", "four", "five", "six"]
_COUNTS += ["seven", "eight", "nine", "ten", "eleven", "twelve"]


@lru_cache(maxsize=32)
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of ``language``; English, word for word as in the code, when there is none."""
    names = [language.replace("-", "_"), language.replace("-", "_").split("_", 1)[0]]
    return gettext.translation(_DOMAIN, _LOCALES, languages=names, fallback=True)


def phrase(language: str) -> Callable[[str], str]:
    """``_`` for ``language``: one English sentence in, the same sentence in that language out."""
    return catalogue(language).gettext


def count(number: int, one: str, many: str, *, language: str, **more: str) -> str:
    """``one`` or ``many`` with ``{n}`` (and ``more``) filled in; numbers to twelve are words."""
    sentence = catalogue(language).ngettext(one, many, number)
    word = phrase(language)(_COUNTS[number]) if 0 <= number < len(_COUNTS) else str(number)
    return sentence.format(n=word, **more)
