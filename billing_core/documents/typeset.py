"""Strings in, PDF bytes out: the only place that calls typst. The same strings give the same bytes.

First as PDF/A-3 in the packaged fonts alone, so that a paper looks the same everywhere. A name in a
script those fonts do not have must never stop a charge: then without PDF/A, with whatever fonts the
machine has, and with replacement glyphs where it has none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import font_source_sans_pro
import typst

from billing_core.documents.plain import breakable

_TEMPLATES = Path(__file__).parent / "templates"
_PAPER = _TEMPLATES / "paper.typ"
_BLANK = _TEMPLATES / "blank.typ"
_EMPTY_RUNS = 3
_kept_warm: ContextVar[bool] = ContextVar("countersign_kept_warm", default=False)


def typeset(data: Mapping[str, Any], *, made_at: datetime, logo_svg: bytes | None = None) -> bytes:
    """The paper ``data`` describes (see ``pdf``), stamped ``made_at`` (aware).

    A logo that is no readable SVG is left out. Never raises because of what a text contains.
    """
    try:
        return _typeset(data, made_at, logo_svg)
    finally:
        if not _kept_warm.get():
            _forget()


@contextmanager
def kept_warm() -> Iterator[None]:
    """Papers set in here may share what was computed for others: for a process that sets many and
    ends soon (the demo). It costs some 80 MB.
    """
    token = _kept_warm.set(True)
    try:
        yield
    finally:
        _kept_warm.reset(token)


def _typeset(data: Mapping[str, Any], made_at: datetime, logo_svg: bytes | None) -> bytes:
    strings = {"data": json.dumps(_breakable(data), ensure_ascii=False, sort_keys=True)}
    logo = _as_text(logo_svg)
    if logo:
        try:
            return _with_fallback({**strings, "logo": logo}, made_at)
        except typst.TypstError:
            pass  # the logo is at fault: a letterhead with the name alone is complete
    return _with_fallback(strings, made_at)


def _with_fallback(strings: dict[str, str], made_at: datetime) -> bytes:
    try:
        return _compile(strings, made_at, fonts=_packaged_fonts(), standard="a-3a")
    except typst.TypstError:
        return _compile({**strings, "fallback": "yes"}, made_at, fonts=_all_fonts(), standard="1.7")


def _compile(
    strings: dict[str, str], made_at: datetime, *, fonts: typst.Fonts, standard: Any
) -> bytes:
    return typst.compile(
        _PAPER,
        root=_TEMPLATES,
        font_paths=fonts,
        format="pdf",
        sys_inputs=strings,
        pdf_standards=standard,
        timestamp=made_at.replace(microsecond=0),
    )


def _forget() -> None:
    # typst keeps what its last ten compilations computed, some 8 MB each; a few empty ones in
    # between (2 ms) let most of it go: 80 MB instead of 140 MB in a process that sets papers
    for _ in range(_EMPTY_RUNS):
        typst.compile(_BLANK, root=_TEMPLATES, font_paths=_packaged_fonts(), format="svg")


@lru_cache(maxsize=1)
def _packaged_fonts() -> typst.Fonts:
    return typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[font_source_sans_pro.font_directory],
    )


@lru_cache(maxsize=1)
def _all_fonts() -> typst.Fonts:
    return typst.Fonts(font_paths=[font_source_sans_pro.font_directory])


def _breakable(value: Any) -> Any:
    if isinstance(value, str):
        return breakable(value)
    if isinstance(value, Mapping):
        return {key: _breakable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_breakable(part) for part in value]
    return value


def _as_text(svg: bytes | None) -> str:
    return svg.decode("utf-8", "replace").replace("\x00", "") if svg else ""
