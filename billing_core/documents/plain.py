"""Text from people, made safe to set: nothing unseen goes into a paper, a mail or a header.

Only what is *shown* passes here. The frozen document keeps its words exactly as they were fired.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

#: Overrides and isolates of the reading direction: they can make a sum read backwards.
_TURNING = [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]
#: Code points that will never be characters; fonts and XML choke on them.
_NEVER = [*range(0xFDD0, 0xFDF0), *(0x10000 * p + e for p in range(17) for e in (0xFFFE, 0xFFFF))]
_DROPPED = dict.fromkeys([*_TURNING, *_NEVER])
_BREAKS = ("Cc", "Cs", "Zl", "Zp")
_LONG_RUN = re.compile(r"[^\s\u200b]{33,}")
_BREAK_EVERY = 24
_ZERO_WIDTH_SPACE = "\u200b"
_MOST_MARKS = 8
_MOST_IN_LINE = 1000
_MOST_IN_BLOCK = 20_000


def line(text: object, *, most: int = _MOST_IN_LINE) -> str:
    """``text`` as one line of at most ``most`` characters; breaks and controls become spaces.

    The bound is far above what the rules let in; it keeps one text from filling a paper.
    """
    shown = str(text)[: most + 1]
    if not (shown.isascii() and shown.isprintable()):
        shown = "".join(_seen(shown.translate(_DROPPED)))
    return cut(" ".join(shown.split()), most)


def block(text: object) -> str:
    """``text`` with its line breaks kept (as ``\\n``), everything else unseen taken out."""
    rows = str(text)[:_MOST_IN_BLOCK].replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line(row, most=_MOST_IN_BLOCK) for row in rows).strip("\n")


def cut(text: str, most: int) -> str:
    """``text`` with at most ``most`` characters; what is cut off shows as an ellipsis."""
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"


def breakable(text: str) -> str:
    """``text`` in which no run of characters is too long to be broken inside a column."""
    return _LONG_RUN.sub(_with_breaks, text)


def _seen(text: str) -> Iterator[str]:
    # marks piled on one letter beyond any script's use only blacken what stands around it
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= _MOST_MARKS:
            yield " " if unicodedata.category(character) in _BREAKS else character


def _with_breaks(run: re.Match[str]) -> str:
    word = run.group()
    parts = [word[i : i + _BREAK_EVERY] for i in range(0, len(word), _BREAK_EVERY)]
    return _ZERO_WIDTH_SPACE.join(parts)
