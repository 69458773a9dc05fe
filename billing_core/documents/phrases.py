"""The seam for languages: every sentence that clients read, through gettext.

English is written in the code and needs no catalogue. A further language is one file,
``locale/<language>.po``: it is found and read when it is first needed, and nothing else has to know
about it. ``make messages`` brings the catalogues in step with the code.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from pathlib import Path

from babel.numbers import format_decimal

from billing_core.rules.sentences import Sentence

ENGLISH = "en"
CATALOGUES = Path(__file__).parent / "locale"
_COUNTS = (
    *(Sentence("none"), Sentence("one"), Sentence("two"), Sentence("three"), Sentence("four")),
    *(Sentence("five"), Sentence("six"), Sentence("seven"), Sentence("eight")),
    *(Sentence("nine"), Sentence("ten"), Sentence("eleven"), Sentence("twelve")),
)
_RANGE = re.compile(
    r"\s*(?P<tag>[a-z]{1,8}(?:-[a-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*(?P<q>[01](?:\.\d{0,3})?)\s*)?",
    re.ASCII,
)
_MOST_RANGES = 20


#: One keyword of a .po file with its string, which may go over many lines.
_ENTRY = re.compile(
    r'^(msgid|msgid_plural|msgstr(?:\[\d\])?)\s+((?:"(?:[^"\\\n]|\\.)*"\s*)+)', re.MULTILINE
)
_STRING = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
_ESCAPED = re.compile(r"\\(.)")
_PLURAL = re.compile(r"plural=([^;\n]+)")


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The sentences of one language; what it does not have is said in English."""

    words: dict[str, tuple[str, ...]]
    form: Callable[[int], int]

    def gettext(self, sentence: str) -> str:
        """``sentence`` in this language."""
        found = self.words.get(sentence)
        return found[0] if found else sentence

    def ngettext(self, one: str, many: str, number: int) -> str:
        """The form of a counted sentence that ``number`` asks for."""
        found = self.words.get(one)
        return found[self.form(number)] if found else one if number == 1 else many


@lru_cache(maxsize=1)
def languages() -> tuple[str, ...]:
    """All languages our sentences are there in, English first."""
    return (ENGLISH, *sorted(path.stem for path in CATALOGUES.glob("*.po")))


@lru_cache(maxsize=64)
def spoken(language: str) -> str:
    """The one of ``languages()`` in which sentences for ``language`` (``de-AT``) are said."""
    named = language.replace("_", "-")
    wanted = (named, named.split("-", 1)[0])
    return next((known for known in wanted if known in languages()), ENGLISH)


def preferred(accept_language: str) -> str:
    """Which of ``languages()`` a browser asks for first; English when it asks for none of them."""
    best, wish = ENGLISH, Decimal(0)
    known = {language.lower(): language for language in languages()}
    for part in accept_language.lower().split(",")[:_MOST_RANGES]:
        asked = _RANGE.fullmatch(part)
        if asked is None:
            continue
        language = known.get(asked["tag"]) or known.get(asked["tag"].split("-", 1)[0])
        weight = Decimal(asked["q"] or 1)
        if language and weight > wish:
            best, wish = language, weight
    return best


def catalogue(language: str) -> Catalogue:
    """The catalogue of ``language``; English, word for word as in the code, when there is none."""
    return _read(spoken(language))


@lru_cache(maxsize=64)
def phrase(language: str) -> Callable[[str], str]:
    """``_`` for ``language``: one English sentence in, the same sentence in that language out."""
    return catalogue(language).gettext


def in_language(text: str, language: str) -> str:
    """``text``, a sentence of ours, in ``language``; one that no catalogue has stays as it is."""
    if not text or spoken(language) == ENGLISH:
        return str(text)
    if not isinstance(text, Sentence) or not text.values:
        return catalogue(language).gettext(str(text))
    values = {name: _value(value, language) for name, value in text.values.items()}
    return catalogue(language).gettext(text.template).format(**values)


def knows(text: str, language: str) -> bool:
    """True when ``text`` needs no translation into ``language`` or has one."""
    return spoken(language) == ENGLISH or catalogue(language).gettext(text) != text


def count(number: int, one: str, many: str, *, language: str, **more: str) -> str:
    """``one`` or ``many`` with ``{n}`` (and ``more``) filled in; numbers to twelve are words."""
    sentence = catalogue(language).ngettext(one, many, number)
    word = in_language(_COUNTS[number], language) if 0 <= number < len(_COUNTS) else str(number)
    return sentence.format(n=word, **more)


def _value(value: object, language: str) -> str:
    if isinstance(value, Sentence):
        return in_language(value, language)
    return format_decimal(value, locale=spoken(language)) if isinstance(value, int) else str(value)


@lru_cache(maxsize=32)
def _read(language: str) -> Catalogue:
    """A .po file as ``gettext`` would have it compiled; read here in a few milliseconds."""
    if language == ENGLISH:
        return Catalogue({}, lambda number: int(number != 1))
    words: dict[str, tuple[str, ...]] = {}
    sentence = ""
    for keyword, strings in _ENTRY.findall((CATALOGUES / f"{language}.po").read_text("utf-8")):
        text = "".join(_STRING.findall(strings))
        if "\\" in text:
            text = _ESCAPED.sub(lambda found: "\n" if found[1] == "n" else found[1], text)
        if keyword == "msgid":
            sentence = text
        elif keyword.startswith("msgstr") and text:
            words[sentence] = (*words.get(sentence, ()), text)
    header = words.pop("", ("",))[0]
    rule = _PLURAL.search(header)
    return Catalogue(words, gettext.c2py(rule[1] if rule else "n != 1"))
