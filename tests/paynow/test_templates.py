"""Every page as markup: no script, one style, nothing from outside, nobody's words as marks."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from billing_core import settings
from paynow import drawing
from paynow.drawing import emphasised, kept, style_of
from paynow.paper import paper, words_of
from paynow.screens import Typed, problems_of
from paynow.security import policy, style_hash
from tests.documents.samples import all_samples, hostile, northlight
from tests.paynow import pages, samples
from tests.paynow.reading import read

MOST_BYTES = 30_000
HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(1)>\"'><b>&amp;{{ 7*7 }}{% raw %}",
    "\u202e" + "0054$ yap",
    "日本語の名前" * 20,
    "🦊🏳️‍🌈 نص عربي" * 10,
    "=cmd()|' /C calc'!A0",
    "\x01\x00\x1b[31m",
)


@pytest.fixture(scope="module")
def everything() -> dict[str, str]:
    return pages.every_page()


@pytest.fixture(autouse=True)
def _settings(settings_env: Path) -> None:
    """Pages ask the settings which gateway a form may lead to."""


def test_every_page_is_light(everything: dict[str, str]) -> None:
    sizes = {name: len(html.encode()) for name, html in everything.items()}
    assert max(sizes.values()) < MOST_BYTES, sorted(sizes.items(), key=lambda s: -s[1])[:5]


def test_no_page_carries_script_or_inline_style(everything: dict[str, str]) -> None:
    for name, html in everything.items():
        found = read(html)
        assert not list(found.all("script")), name
        handlers = [a for e in found.elements for a in e.attributes if a.startswith("on")]
        assert not handlers, name
        assert not [e for e in found.elements if "style" in e.attributes], name
        assert len(found.styles) == 1, name
        assert "javascript:" not in html, name


def test_no_page_loads_anything_but_its_icon(everything: dict[str, str]) -> None:
    for name, html in everything.items():
        found = read(html)
        assert not [t for t in ("img", "iframe", "object", "embed", "video") if list(found.all(t))]
        assert [e.attributes["href"] for e in found.all("link")] == ["/favicon.svg"], name
        assert "@import" not in found.styles[0]
        assert "url(" not in found.styles[0], name


def test_every_page_is_well_formed(everything: dict[str, str]) -> None:
    for name, html in everything.items():
        found = read(html)
        assert found.unclosed == [], name
        assert len(set(found.ids())) == len(found.ids()), name
        targets = [e.attributes["href"] for e in found.all("a")]
        lost = [t for t in targets if t.startswith("#") and t[1:] not in found.ids()]
        assert not lost, name
        for element in found.elements:
            for told in element.attributes.get("aria-describedby", "").split():
                assert told in found.ids(), (name, told)
        assert len(list(found.all("h1"))) == 1, name
        assert html.lstrip().startswith("<!doctype html>"), name


def test_the_policy_holds_for_the_style_as_served(everything: dict[str, str]) -> None:
    for name, html in everything.items():
        style = read(html).styles[0]
        assert style_hash(style) in policy(settings.load(), style), name
        assert "</" not in style, name


def test_the_styles_lose_nothing_when_they_are_made_tight() -> None:
    whole = "\n".join(
        (Path(drawing.__file__).parent / "static" / f"{n}.css").read_text()
        for n in ("page", "form", "changed", "status", "alone", "sandbox")
    )
    tight = style_of(("form", "changed", "status", "alone", "sandbox"))
    assert tight.count("{") == whole.count("{")
    assert tight.count("}") == whole.count("}")
    assert "/*" not in tight
    assert "calc(" not in tight, "the spaces around + would have to be kept"


@pytest.mark.parametrize("text", HOSTILE)
def test_nobodys_words_become_marks(text: str) -> None:
    plain = {name: _shape(html) for name, html in _drawn("harmless words").items()}
    for name, html in _drawn(text).items():
        assert _shape(html) == plain[name], name
        assert "<script" not in html
        assert "\x00" not in html
        assert "7*7" not in html or "{{ 7*7 }}" in html


def _drawn(text: str) -> dict[str, str]:
    document = hostile(northlight(), text)
    document["lines"] = [{"description": text, "amount_minor": 450000}]
    typed = Typed("yes", text, "saved", text, "changes", text)
    states = samples.every_state(document)
    asked = states["asked"]
    told = replace(asked.story[1], facts={"message": text, "name": text})
    return {
        "waiting": pages.invoice(states["waiting"]),
        "asked": pages.status(replace(asked, story=(asked.story[0], told))),
        "paid": pages.status(states["paid"]),
        "again": pages.invoice(states["waiting"], typed, problems_of({"message": text}, typed)),
    }


def _shape(html: str) -> list[str]:
    # a text in paragraphs may have fewer or more of them: everything else must not move
    return [e.tag for e in read(html).elements if e.tag not in ("p", "span")]


def test_what_was_typed_comes_back_whole() -> None:
    message = 'Zeile eins\n  <b>zwei</b> & "drei"\n' * 100
    typed = Typed(accept="yes", name='Ann "A" O\'Neil <x>', kind="decline", message=message)
    html = pages.invoice(samples.opened(), typed, problems_of({"message": "Too long."}, typed))
    area = re.search(r'<textarea id="message-decline"[^>]*>(.*?)</textarea>', html, re.DOTALL)
    assert area is not None
    from html import unescape

    # HTML drops the first line break after the tag: the page writes one for it
    assert unescape(area.group(1)) == "\n" + message
    assert 'value="Ann &#34;A&#34; O&#39;Neil &lt;x&gt;"' in html
    assert "<details open><summary>Decline" in html
    assert "<details><summary>Ask for changes" in html


def test_characters_html_cannot_carry_show_as_a_mark() -> None:
    assert kept("a\x00b\x1bc\nd\te") == "a\ufffdb\ufffdc\nd\te"


def test_everything_above_the_button_is_in_the_document() -> None:
    """Taking a value out of the document takes it off the page, and nothing else puts it there."""
    document = northlight()
    text = read(pages.invoice(samples.opened(document))).text
    above = text[: text.index("Countersign and pay")]
    for shown in (
        "Website relaunch",
        "Phase 2: Homepage designs",
        "$4,500.00",
        "April 15, 2026",
        "HV-7731",
        "9f2c 41d7 a0e3",
        "8.2 MB",
        "not charged on design services",
        "$15,000.00",
        "The rights in the designs pass",
    ):
        assert shown in above
    other = json.loads(json.dumps(document).replace("relaunch", "launch"))
    assert "Website relaunch" not in pages.invoice(samples.opened(other))


@pytest.mark.parametrize("name", list(all_samples()))
def test_every_document_draws_in_every_state(name: str) -> None:
    document = all_samples()[name]
    total = " ".join(words_of(document).money(document["total_minor"]).split())
    for state, opened in samples.every_state(document).items():
        assert total in read(pages.status(opened)).text, state
        assert total in read(pages.invoice(opened)).text, state


def test_the_button_says_what_happens_and_for_how_much() -> None:
    html = pages.invoice(samples.opened())
    assert '<button class="btn main big">Approve and pay $4,500.00</button>' in html
    box = next(e for e in read(html).all("input") if e.attributes.get("name") == "accept")
    assert "checked" not in box.attributes
    assert "required" in box.attributes


def test_no_state_but_waiting_and_approved_has_a_paying_form() -> None:
    for name, opened in samples.every_state().items():
        html = pages.invoice(opened) + pages.status(opened)
        assert ('/approve#said"' in html) == (name in ("waiting", "waiting-plain")), name
        assert ('/pay#said"' in html) == (name == "declined"), name


def test_a_withdrawn_invoice_has_no_form_at_all() -> None:
    html = pages.status(samples.every_state()["void"])
    assert not list(read(html).all("form"))
    assert "withdrawn" in html
    assert "Invoice N-2 takes its place" in html


def test_a_decline_is_said_plainly() -> None:
    declined = samples.every_state()["declined"]
    for html in (pages.invoice(declined), pages.status(declined)):
        assert "The card was declined. Nothing was charged." in read(html).text


def test_paying_again_preselects_no_stored_card_whichever_was_declined() -> None:
    declined = samples.every_state()["declined"]
    assert declined.attempt is not None
    for via in ("saved", "new"):
        again = replace(declined, attempt=replace(declined.attempt, via=via))
        assert 'value="new" checked' in pages.status(again)
        assert 'value="saved" id="method" checked' not in pages.status(again)


def test_without_a_stored_method_nothing_is_chosen() -> None:
    html = pages.invoice(samples.every_state()["waiting-plain"])
    assert 'name="method"' not in html
    assert "payment provider’s page" in html


def test_errors_stand_at_their_fields_and_in_the_summary() -> None:
    html = pages.invoice(samples.opened(), pages.TYPED, problems_of(pages.PROBLEMS, pages.TYPED))
    for field, sentence in pages.PROBLEMS.items():
        assert f'<a href="#{field}">{sentence}</a>' in html
        assert f'id="e-{field}">{sentence}' in html
    assert "Nothing was approved and nothing was charged. Three entries need" in html
    assert html.count('aria-invalid="true"') == 3


def test_what_changed_is_marked_for_eyes_and_ears() -> None:
    html = pages.invoice(samples.opened(samples.revised()))
    text = read(html).text
    assert "removed: $4,500.00" in text
    assert "added: $4,200.00" in text
    assert "−$300.00" in text
    assert '<del><span class="vh">removed: </span>15</del><ins>' in html
    assert "April removed: 15 added: 18 , 2026".replace(" ", "") in text.replace(" ", "")
    assert "Before tax" not in text, "without tax, net and total are the same sum"


def test_a_sum_with_tax_shows_each_part() -> None:
    document = samples.revised()
    document["revises"]["changes"][1] |= {"before": "855.00", "after": "798.00"}
    text = read(pages.invoice(samples.opened(document))).text
    assert "Before tax" in text
    assert "Taxremoved: $855.00added: $798.00−$57.00" in text


def test_a_plan_of_many_phases_stays_short() -> None:
    found = read(pages.invoice(samples.opened(all_samples()["forty_phases"])))
    assert "Phases 7 to 40" in found.text
    assert "$34,000.00" in found.text
    assert len(list(found.all("rect"))) == 0


def test_the_bar_never_leaves_its_frame() -> None:
    document = northlight()
    for amounts in ((1, 1, 1, 1, 10**12), (0, 0, 0, 0, 1), (7, 11, 13, 17, 19)):
        for phase, amount in zip(document["project"]["phases"], amounts, strict=True):
            phase["amount_minor"] = amount
        found = read(str(pages.invoice(samples.opened(document))))
        for rect in found.all("rect"):
            left, wide = (int(rect.attributes[a][:-1].replace(".", "")) for a in ("x", "width"))
            assert 0 <= left <= left + wide <= 10_000


def test_a_document_is_drawn_once_and_kept_by_its_digest() -> None:
    opened = samples.opened()
    first = paper(opened.document, opened.document_sha256, settled=False)
    assert paper(opened.document, opened.document_sha256, settled=False) is first
    assert paper(opened.document, opened.document_sha256, settled=True) is not first


@pytest.mark.parametrize(
    ("sentence", "parts", "shown"),
    [
        ("I pay $5 for A & B.", ("A & B", "$5"), "I pay <b>$5</b> for <b>A &amp; B</b>."),
        ("I have a cat", ("a",), "I have <b>a</b> cat"),
        ("<b>", ("b",), "&lt;<b>b</b>&gt;"),
        ("same same", ("same", "same"), "<b>same</b> same"),
        ("nothing", ("", "other"), "nothing"),
    ],
)
def test_only_the_words_meant_are_strong(sentence: str, parts: tuple[str, ...], shown: str) -> None:
    assert str(emphasised(sentence, *parts)) == shown
