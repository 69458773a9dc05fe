"""What text we take in. Text is stored as typed (trimmed), never as markup, and shown as text.

Refused: control characters (PostgreSQL takes no NUL, mail headers no line breaks), characters that
reverse the reading direction unseen, unpaired surrogates, and anything over the length.
"""

from __future__ import annotations

import re
import unicodedata

from billing_core.errors import TextRefused
from billing_core.rules.sentences import Sentence

_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
#: Formatting marks and spaces: fine between letters (emoji are joined by them), nothing alone.
_INVISIBLE = ("Cf", "Zs")
_EMAIL = re.compile(r"[^@\s\"(),:;<>\[\]\\]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")


def check_line(text: object, what: str, *, most: int = 200, required: bool = True) -> str:
    """One line of text, trimmed; raises TextRefused naming ``what``."""
    return _check(text, what, most=most, required=required, lines=False)


def check_block(text: object, what: str, *, most: int = 2000, required: bool = True) -> str:
    """Text that may have line breaks (normalised to ``\\n``), trimmed."""
    return _check(text, what, most=most, required=required, lines=True)


def check_email(text: object, what: str) -> str:
    """An email address of plain form, as typed; raises TextRefused."""
    address = check_line(text, what, most=254)
    domain = address.rpartition("@")[2]
    plain = address.isprintable() and ".." not in address
    if not plain or not _EMAIL.fullmatch(address) or "." not in domain:
        raise TextRefused(f"{what}: this is not an email address, for example name@company.com.")
    return address


def _check(text: object, what: str, *, most: int, required: bool, lines: bool) -> str:
    if text is None:
        text = ""
    if not isinstance(text, str):
        raise TextRefused(Sentence("{what} must be text.", what=what))
    clean = text.replace("\r\n", "\n").strip()
    if all(unicodedata.category(character) in _INVISIBLE for character in clean):
        clean = ""
    if required and not clean:
        raise TextRefused(Sentence("{what} is missing.", what=what))
    if len(clean) > most:
        raise TextRefused(
            Sentence(
                "{what} is too long: {n} characters, {most} are allowed.",
                what=what,
                n=len(clean),
                most=most,
            )
        )
    for character in clean:
        if lines and character in "\n\t":
            continue
        if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in _BIDI:
            raise TextRefused(
                Sentence(
                    "{what} contains a character that cannot be seen ({code}). "
                    "Please type it anew.",
                    what=what,
                    code=f"U+{ord(character):04X}",
                )
            )
    return clean


def file_name(text: str) -> str:
    """A name that every file system takes: letters, digits, dot and dash of ``text``, at most 60.

    ``text`` may come from anybody; nothing in it can climb out of a folder. Never empty.
    """
    plain = re.sub(r"[^A-Za-z0-9.]+", "-", text).strip(".-")
    return plain[-60:].strip(".-") or "file"
