"""Mails: a frozen invoice and some facts in, subject, HTML and its plain-text twin out.

Every word from people is escaped. A mail loads nothing, holds no script and no image, and says the
same in both twins. Addresses and headers are ``message``'s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import css_inline
import jinja2
import markupsafe

from billing_core.documents import plain, twin, wording
from billing_core.documents.letter import Letter, MailFacts, Said
from billing_core.documents.letters import Kind, letter
from billing_core.documents.phrases import phrase
from billing_core.documents.sheet import Document

__all__ = ["Kind", "MailBody", "MailFacts", "Said", "compose"]

_TEMPLATES = Path(__file__).parent / "templates" / "mail"
_SUBJECT_MOST = 200
#: Spaces an inbox shows nothing of: they keep the mail's first words out of the preview line.
_FILLER = "\u2007\u034f" * 6


@dataclass(frozen=True)
class MailBody:
    """One mail, ready to be put into a message. ``subject`` is one line and bounded."""

    subject: str
    html: str
    text: str


def compose(kind: Kind, *, document: Document, facts: MailFacts) -> MailBody:
    """The mail of ``kind`` about ``document``, in the document's language.

    ``facts.pay_url`` stands verbatim in the HTML's ``href`` and in the text. ``test`` reads only
    ``seller`` and ``language`` of the document. Raises ValueError when the facts lack what the
    kind is about (see ``letters``), never because of what a text contains.
    """
    return set_letter(letter(kind, document, facts))


def set_letter(written: Letter) -> MailBody:
    """A letter as it goes out: subject, HTML with its styles in place, and plain text."""
    subject = plain.cut(plain.line(written.subject), _SUBJECT_MOST)
    words = {"m": written, "say": _said_around(written)}
    page = (
        _templates()
        .get_template("letter.html")
        .render(
            lang=wording.locale(written.language).language, dark=_dark(), filler=_FILLER, **words
        )
    )
    text = _templates().get_template("letter.txt").render(**words)
    return MailBody(subject=subject, html=_inliner().inline(page), text=_tidied(text))


def _said_around(written: Letter) -> dict[str, str]:
    _ = phrase(written.language)
    seal = wording.fingerprint(written.seal)
    return {
        "by_hand": _("If the button does not work, open this address:"),
        "it_is_yours": _("It is meant for you: whoever has it can see the invoice."),
        "above_is_yours": _(
            "The address above is meant for you: whoever has it can see the invoice."
        ),
        "no_images": _("This mail contains no images and does not report when it is opened."),
        "no_report": _("This mail does not report when it is opened."),
        "seal": _(
            "Last seal of this payment's record: {seal}. Keep this mail: with it anyone can check "
            "that nothing was changed since. In full:"
        ).format(seal=seal),
    }


def _tidied(text: str) -> str:
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n") + "\n"


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=lambda name: name is None or not name.endswith(".txt"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        auto_reload=False,
    )
    environment.filters["wrap"] = lambda text, indent="": twin.wrapped(text, indent=indent)
    environment.filters["ledger"] = twin.ledger
    return environment


@lru_cache(maxsize=1)
def _inliner() -> css_inline.CSSInliner:
    return css_inline.CSSInliner(
        extra_css=(_TEMPLATES / "letter.css").read_text(encoding="utf-8"),
        load_remote_stylesheets=False,
    )


@lru_cache(maxsize=1)
def _dark() -> markupsafe.Markup:
    return markupsafe.Markup((_TEMPLATES / "dark.css").read_text(encoding="utf-8"))
