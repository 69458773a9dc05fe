"""Sentences of ours that people will read in their own language: English, with places for values.

Here they are only said; ``documents.phrases`` says them in another language. Nothing typed by a
person is ever made into a Sentence: words of people stay as they are.
"""

from __future__ import annotations


class Sentence(str):
    """A text that knows what it was filled from: ``Sentence("{n} tries are left.", n=4)``.

    To whatever reads no languages it is plain English text. Whole numbers get separators, values
    that are Sentences are said in the reader's language too.
    """

    template: str
    values: dict[str, object]

    def __new__(cls, template: str, **values: object) -> Sentence:
        """``template`` with each ``{name}`` filled in; without values it stands as it is."""
        shown = {name: _english(value) for name, value in values.items()}
        made = super().__new__(cls, template.format(**shown) if shown else template)
        made.template, made.values = template, values
        return made


def _english(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)
