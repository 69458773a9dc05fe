"""A page read as a browser would: its elements, its text, and what it would load."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

_VOID = frozenset({"meta", "link", "input", "br", "path", "rect", "circle", "use", "img"})


@dataclass
class Element:
    """One start tag."""

    tag: str
    attributes: dict[str, str]


@dataclass
class Read:
    """A parsed page. ``unclosed`` names tags that were never closed, or closed twice."""

    elements: list[Element] = field(default_factory=list)
    text: str = ""
    styles: list[str] = field(default_factory=list)
    unclosed: list[str] = field(default_factory=list)

    def all(self, tag: str) -> Iterator[Element]:
        """Every element with this tag."""
        return (e for e in self.elements if e.tag == tag)

    def ids(self) -> list[str]:
        """Every id, in order."""
        return [e.attributes["id"] for e in self.elements if "id" in e.attributes]


class _Parser(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.read = Read()
        self._open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.read.elements.append(Element(tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.read.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "style":
            self.read.styles.append(data)
        else:
            self.read.text += data

    def close(self) -> None:
        super().close()
        self.read.unclosed += self._open


def read(html: str) -> Read:
    """The page of ``html``."""
    parser = _Parser()
    parser.feed(html)
    parser.close()
    parser.read.text = " ".join(parser.read.text.split())
    return parser.read
