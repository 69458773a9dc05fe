"""Whatever a text contains: every paper and mail comes out, as text, and the sums stay readable."""

from __future__ import annotations

import dataclasses
from functools import lru_cache
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from billing_core.documents import mails, pdf, plain, twin
from billing_core.documents.sheet import VoidStamp
from tests.documents import gallery, samples
from tests.documents.test_papers import invoice, words

HOSTILE = {
    "typst markup": '$x^2$ #panic("no") *bold* _em_ @ref <label> \\ // /* `raw` = head #{1/0}',
    "typst files": '#include "/etc/passwd" #read("paper.typ") #image("x.svg")',
    "html": "<script>alert(1)</script><img src=x onerror=alert(1)> &amp; \"'",
    "jinja": "{{ 7*7 }} {% raw %} {# x #} {0} {seller} %s",
    "controls": "a\x00b\x07\x1b[31m\x7f\x85c\u2028d",
    "bidi": "\u202e00.1$ \u2066yap\u2069",
    "surrogates": "\ud800 lone \udfff",
    "never characters": "\ufffe\uffff\ufdd0\U0010ffff",
    "private": "\ue000 \U000f0000",
    "scripts": "漢字 かな 한글 العربية עברית हिन्दी ไทย",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 1️⃣ 🫨",
    "marks": "Z" + "\u0351\u0352" * 200,
    "no space": "W" * 300,
    "empty": "",
    "dash": " — ",
    "header": "x\r\nBcc: thief@evil.example\r\n\r\nbody",
}

texts = st.text(st.characters(codec=None), max_size=60)
few = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
many = settings(max_examples=60, deadline=None)


class Outline(HTMLParser):
    """The elements and attributes of a page, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name in ("href", "src")]

    def handle_data(self, data: str) -> None:
        self.text += data


def everywhere(text: str) -> tuple[dict[str, Any], mails.MailFacts]:
    """An invoice and facts with ``text`` wherever a person's words can stand."""
    said = mails.Said(text, gallery.VOID.withdrawn_on, text)
    paid = dataclasses.replace(gallery.PAYMENT, method=text, reference=text)
    void = VoidStamp(gallery.VOID.withdrawn_on, text)
    facts = dataclasses.replace(
        gallery.FACTS,
        reply_name=text,
        request=said,
        answer=said,
        receipt=paid,
        void=void,
        reason=text,
    )
    return samples.hostile(samples.northlight(), text), facts


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_in_every_place_of_every_paper(text: str) -> None:
    document, facts = everywhere(text)
    assert facts.void is not None
    assert facts.receipt is not None
    bill = invoice(document, void=facts.void)
    assert "$4,500.00" in words(bill)
    assert "$22,500.00" in words(bill)
    receipt = pdf.receipt_pdf(document, payment=facts.receipt)
    assert "Received $4,500.00" in words(receipt)
    taken_back = pdf.cancellation_pdf(
        document,
        document_sha256=samples.DIGEST,
        cancelled_on=facts.void.withdrawn_on,
        reason=text,
        replaced_by=text,
    )
    assert "−$4,500.00" in words(taken_back)


@few
@given(text=texts)
def test_any_text_makes_a_paper(text: str) -> None:
    document, _ = everywhere(text)
    assert "$22,500.00" in words(invoice(document))


def test_markup_stands_on_paper_as_it_was_written() -> None:
    document = samples.northlight() | {"title": HOSTILE["typst markup"]}
    assert "".join(HOSTILE["typst markup"].split()) in words(invoice(document)).replace(" ", "")


@pytest.mark.parametrize("kind", gallery.KINDS)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_in_every_place_of_every_mail(kind: mails.Kind, text: str) -> None:
    _is_harmless(kind, text)


@many
@given(kind=st.sampled_from(gallery.KINDS), text=texts)
def test_any_text_makes_a_mail(kind: mails.Kind, text: str) -> None:
    _is_harmless(kind, text)


def _is_harmless(kind: mails.Kind, text: str) -> None:
    document, facts = everywhere(text)
    body = mails.compose(kind, document=document, facts=facts)
    page, calm = Outline(body.html), usual(kind)
    assert page.elements <= calm.elements | {"br"}
    assert page.attributes <= calm.attributes
    assert set(page.links) <= {"{{PAY_URL}}"}
    assert body.subject.isprintable() or not _unseen(body.subject)
    assert len(body.subject) <= 200
    assert not _unseen(body.text.replace("\n", ""))
    body.html.encode(), body.text.encode(), body.subject.encode()
    for row in body.text.split("\n"):
        assert twin.columns(row) <= twin.WIDTH or "  " in row or "{{" in row or "://" in row, row


@lru_cache
def usual(kind: mails.Kind) -> Outline:
    """The outline of the mail nobody meddled with."""
    body = mails.compose(kind, document=samples.northlight(), facts=gallery.FACTS)
    return Outline(body.html)


def _unseen(text: str) -> bool:
    return plain.line(text, most=len(text) + 1) != " ".join(text.split())


def test_peoples_words_are_kept_in_every_script() -> None:
    document, facts = everywhere(HOSTILE["scripts"])
    body = mails.compose("answered", document=document, facts=facts)
    assert HOSTILE["scripts"] in Outline(body.html).text
    assert "> " + HOSTILE["scripts"] in body.text
    assert (
        HOSTILE["emoji"].split()[-1]
        in mails.compose("invoice", document=everywhere(HOSTILE["emoji"])[0], facts=facts).html
    )
