"""What screens remember: the same rows are the same frame, and only other rows are worked out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from console import cache
from tests import books as seeded_books

if TYPE_CHECKING:
    import pandas as pd

counted: list[int] = []


def count(frame: pd.DataFrame, word: str) -> list[str]:
    """Something that is worked out of a frame; how often is noted."""
    counted.append(len(frame))
    return [word] * len(frame)


def test_what_holds_the_same_rows_is_worked_out_once_however_often_it_is_read(books: str) -> None:
    counted.clear()
    seeded = seeded_books.seed()
    seeded_books.fire(seeded)
    first = cache.frame("charges")
    told = cache.worked_out(count, first, "a")
    cache.clear()
    again = cache.frame("charges")
    assert again is first, "read anew, and the same rows"
    assert cache.worked_out(count, again, "a") is told
    assert cache.worked_out(count, again, word="b") == ["b"]
    assert counted == [1, 1]
    seeded_books.fire(seeded, description="Another phase")
    cache.clear()
    assert cache.worked_out(count, cache.frame("charges"), "a") == ["a", "a"]
    assert counted == [1, 1, 2]


def test_what_has_colours_is_drawn_once_for_each_theme(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import pandas as pd

    frame, drawn = pd.DataFrame({"one": [1]}), []

    class Context:
        class theme:  # noqa: N801 - as Streamlit spells it
            type = ""

    monkeypatch.setattr(cache.st, "context", Context)
    for name in ("light", "dark", "light", "dark"):
        Context.theme.type = name
        drawn.append(id(cache.drawn(count, frame, "x")))
    assert drawn[0] == drawn[2] != drawn[1] == drawn[3]


def test_what_is_remembered_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    import pandas as pd

    counted.clear()
    monkeypatch.setattr(cache, "_MOST_ROWS", 25)
    frames = [pd.DataFrame({"one": range(10)}) for _ in range(4)]
    for frame in (*frames, frames[3], frames[0]):
        cache.worked_out(count, frame, "x")
    assert len(counted) == 5, "the latest one is still there, the first one is not"
