"""Word by word: what was taken out of a text and what was put in. Pure, and bounded in its work."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

# "15." is one word: German counts its days so
_WORD = re.compile(r"\d{1,2}\.(?=\s)|\w+(?:[.,:’'-]\w+)*|\s+|[^\w\s]")
_MOST_WORDS = 1500


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text; ``kind`` is same, removed or added."""

    kind: str
    text: str


def words(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces that lead from ``before`` to ``after``.

    Joining all but the removed ones gives ``after``, all but the added ones ``before``. Texts too
    long to compare in bounded time are shown as one removal and one addition.
    """
    old, new = _WORD.findall(before), _WORD.findall(after)
    if len(old) > _MOST_WORDS or len(new) > _MOST_WORDS:
        return _pieces([("removed", before), ("added", after)])
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    found: list[tuple[str, str]] = []
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            found.append(("same", "".join(old[i:j])))
        else:
            found += [("removed", "".join(old[i:j])), ("added", "".join(new[k:m]))]
    return _pieces(_without_lone_spaces(found))


def _without_lone_spaces(found: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Two changes with only a space between read better as one."""
    joined: list[tuple[str, str]] = []
    removed = added = ""
    for position, (kind, text) in enumerate(found):
        inside = 0 < position < len(found) - 1
        if kind == "same" and not (inside and text.isspace()):
            joined += [("removed", removed), ("added", added), (kind, text)]
            removed = added = ""
        else:
            removed += text if kind != "added" else ""
            added += text if kind != "removed" else ""
    return [*joined, ("removed", removed), ("added", added)]


def _pieces(found: list[tuple[str, str]]) -> tuple[Piece, ...]:
    return tuple(Piece(kind, text) for kind, text in found if text)
