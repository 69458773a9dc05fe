"""Which sentences clients read, found in the sources; ``make messages`` brings catalogues in step.

Python says them as ``_("…")``, ``phrase("…")``, ``Sentence("…")`` or ``count(…, "one", "many")``,
templates as ``{{ "…"|say }}``.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import jinja2
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

from billing_core.documents.phrases import CATALOGUES
from tests.support.sources import ROOT, sources

SAID_BY = ("_", "phrase", "Sentence", "_said")
COUNTED_BY = "count"
SAY = "say"
_WIDTH = 100
_ABOUT = """\
# What clients read, in {language}. One entry for each sentence; words in {{braces}} are filled in.
# `make messages` adds what is new and takes out what is gone; an empty msgstr fails the tests."""

Message = str | tuple[str, str]


def said() -> dict[Message, set[str]]:
    """Every sentence (a pair where it is counted), with the files that say it."""
    found: dict[Message, set[str]] = {}
    for name, message in (*_in_python(), *_in_templates()):
        found.setdefault(message, set()).add(name)
    return found


def read(language: str) -> Catalog:
    """The catalogue of ``language`` as it lies there."""
    with (CATALOGUES / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language)


def renew(path: Path) -> tuple[int, int]:
    """Bring one catalogue in step; returns how many sentences are new, and how many are gone."""
    wanted, known = said(), {key(entry.id): entry.string for entry in read(path.stem) if entry.id}
    fresh = Catalog(locale=path.stem, charset="utf-8")
    for message, files in wanted.items():
        empty = ("", "") if isinstance(message, tuple) else ""
        places = [(name, 0) for name in sorted(files)]
        fresh.add(message, known.get(message, empty), locations=places)
    write(fresh, path)
    return len(set(wanted) - set(known)), len(set(known) - set(wanted))


def write(catalogue: Catalog, path: Path) -> None:
    """The catalogue as a file that differs from the last one only where words differ."""
    for entry in catalogue:
        entry.flags.discard("python-brace-format")
    with path.open("wb") as file:
        file.write(_head(catalogue).encode())
        write_po(
            file,
            catalogue,
            width=_WIDTH,
            sort_output=True,
            omit_header=True,
            include_lineno=False,
        )


def _head(fresh: Catalog) -> str:
    language = fresh.locale.english_name if fresh.locale else str(fresh.locale_identifier)
    rows = (
        f"Language: {fresh.locale_identifier}",
        "Content-Type: text/plain; charset=utf-8",
        f"Plural-Forms: {fresh.plural_forms}",
    )
    quoted = "".join(f'"{row}\\n"\n' for row in rows)
    return f'{_ABOUT.format(language=language)}\nmsgid ""\nmsgstr ""\n{quoted}\n'


def key(message_id: object) -> Message:
    return tuple(message_id) if isinstance(message_id, list | tuple) else str(message_id)


def _in_python() -> Iterator[tuple[str, Message]]:
    for source in sources("billing_core", "paynow"):
        for node in ast.walk(source.tree):
            if isinstance(node, ast.Call):
                yield from ((source.name, message) for message in _of_call(node))


def _of_call(node: ast.Call) -> Iterator[Message]:
    # phrase(language)("…") is a call of what a call gave
    name = node.func.func if isinstance(node.func, ast.Call) else node.func
    called = ast.unparse(name).rpartition(".")[2]
    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if called in SAID_BY and node.args and isinstance(node.args[0], ast.Constant):
        yield from texts[:1]
    if called == COUNTED_BY and len(texts) == 2:
        yield texts[0], texts[1]


def _in_templates() -> Iterator[tuple[str, Message]]:
    environment = jinja2.Environment()
    for path in sorted((ROOT / "paynow" / "templates").glob("*.html")):
        tree = environment.parse(path.read_text(encoding="utf-8"))
        for node in tree.find_all(jinja2.nodes.Filter):
            if node.name == SAY and isinstance(node.node, jinja2.nodes.Const):
                yield path.relative_to(ROOT).as_posix(), str(node.node.value)


if __name__ == "__main__":
    for named in sys.argv[1:]:
        (CATALOGUES / f"{named}.po").touch()
    for catalogue in sorted(CATALOGUES.glob("*.po")):
        new, gone = renew(catalogue)
        print(f"{catalogue.relative_to(ROOT)}: {new} new, {gone} gone")
