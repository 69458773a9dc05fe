"""From a template and its values to one HTML answer with one style. No rule, no flow, no request.

A page is one file: its style is inside, nothing is loaded but the icon. The style's hash travels
in the policy of the same answer.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse, Response

from billing_core import settings
from billing_core.documents.phrases import ENGLISH, phrase, spoken
from billing_core.documents.plain import block, line
from paynow.security import policy

_HERE = Path(__file__).parent
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([{};,])\s*")
_BREAKS = re.compile(r"\n\s*")
#: what HTML cannot carry: shown as a mark, so that a person sees that something was there
_UNPRINTABLE = dict.fromkeys((*range(9), 11, 12, *range(14, 32), *range(127, 160)), "\ufffd")
#: the same, and what turns the reading direction unseen: neither is ever shown
_UNSEEN = dict.fromkeys((*_UNPRINTABLE, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))


def draw(
    template: str, values: Mapping[str, Any], *, styles: Sequence[str] = (), status: int = 200
) -> Response:
    """The page of ``template`` with the base style and the named ones, as an answer.

    ``values["lang"]`` is the language it speaks; English where there is none.
    """
    style = style_of(tuple(styles))
    body = _template(template, values).render({**values, "style": Markup(style)})
    found = settings.load()
    return HTMLResponse(
        body, status_code=status, headers={"content-security-policy": policy(found, style)}
    )


def part(template: str, values: Mapping[str, Any]) -> Markup:
    """A piece of a page, drawn apart so that it can be kept."""
    return Markup(_template(template, values).render(values))


@lru_cache(maxsize=16)
def style_of(names: tuple[str, ...]) -> str:
    """The one style of a page: the base and the named parts, without comments and spare space."""
    texts = [(_HERE / "static" / f"{n}.css").read_text("utf-8") for n in ("page", *names)]
    tight = _AROUND.sub(r"\1", _SPACE.sub(" ", _COMMENT.sub("", "\n".join(texts))))
    return tight.replace(": ", ":").replace(";}", "}").strip()


def icon() -> bytes:
    """The mark as an SVG file."""
    return (_HERE / "static" / "favicon.svg").read_bytes()


def emphasised(sentence: str, *parts: str) -> Markup:
    """``sentence`` with each of ``parts`` set strong where it stands first as whole words."""
    sentence = sentence.translate(_UNSEEN)
    spans: list[tuple[int, int]] = []
    for wanted in filter(None, (p.translate(_UNSEEN) for p in parts)):
        found = re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", sentence)
        if found and all(found.end() <= start or end <= found.start() for start, end in spans):
            spans.append(found.span())
    shown, at = Markup(), 0
    for start, end in sorted(spans):
        shown += escape(sentence[at:start]) + Markup("<b>{}</b>").format(sentence[start:end])
        at = end
    return shown + escape(sentence[at:])


def fill(sentence: str, **values: object) -> str:
    """``sentence`` with its places filled in, still to be escaped."""
    return sentence.format(**values)


def marked(sentence: str, tag: str, **values: str) -> Markup:
    """``sentence`` with its places filled in, each value inside a ``tag`` of its own."""
    inside = {n: f"<{tag}>{escape(v.translate(_UNSEEN))}</{tag}>" for n, v in values.items()}
    return Markup(str(escape(sentence)).format(**inside))


def kept(text: str) -> Markup:
    """What a person typed, to be put back into its field: every character HTML can carry."""
    return escape(text.translate(_UNPRINTABLE))


def _template(name: str, values: Mapping[str, Any]) -> Template:
    return _environment(spoken(str(values.get("lang", ENGLISH)))).get_template(name)


@lru_cache(maxsize=32)
def _environment(language: str) -> Environment:
    """The templates in one language: ``say`` is done once, while a template is compiled."""
    found = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_seen,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    found.filters.update(line=line, block=block, kept=kept, paragraphs=_paragraphs)
    found.filters.update(say=phrase(language), fill=fill, marked=marked)
    found.globals.update(emphasised=emphasised, language=language)
    return found


def _seen(value: object) -> object:
    """Every value on its way into a page: no character that works without being seen."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return value.translate(_UNSEEN)
    return value


def _paragraphs(text: str) -> list[str]:
    return [p for p in _BREAKS.split(block(text)) if p]
